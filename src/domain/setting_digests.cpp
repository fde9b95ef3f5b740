#include "domain/setting_digests.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::string_view sends_to = "sends_to:";

}  // namespace

std::string to_text(const SettingDigests& digests) {
    std::string text;
    for (const auto& [name, digest] : digests) {
        text += (text.empty() ? "" : " ") + name + "=" + digest;
    }
    return text;
}

SettingDigests parse_setting_digests(std::string_view text) {
    SettingDigests digests;
    for (const std::string& one : split_list(text, ' ')) {
        const std::size_t equals = one.find('=');
        if (equals == std::string::npos || equals == 0) continue;
        digests[one.substr(0, equals)] = one.substr(equals + 1);
    }
    return digests;
}

std::string to_text(const SentTo& destinations) {
    std::string text(sends_to);
    for (const std::string& name : destinations) {
        if (!text.ends_with(':')) text += ',';
        text += name;
    }
    return text;
}

std::optional<SentTo> parse_sent_to(std::string_view text) {
    for (const std::string& one : split_list(text, ' ')) {
        if (!one.starts_with(sends_to)) continue;
        SentTo names;
        for (std::string& name : split_list(one.substr(sends_to.size()), ',')) {
            if (!name.empty()) names.insert(std::move(name));
        }
        return names;
    }
    return std::nullopt;
}

std::vector<std::string> differing_settings(const SettingDigests& ours,
                                            const SettingDigests& theirs) {
    if (ours.empty() || theirs.empty()) return {};
    std::vector<SettingDigests::value_type> differing;
    std::ranges::set_symmetric_difference(ours, theirs, std::back_inserter(differing));
    std::set<std::string> names;
    for (const auto& [name, digest] : differing) names.insert(name);
    return {names.begin(), names.end()};
}

}  // namespace wrapup
