#include "sandbox/twilio/twiml.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::array<std::string_view, 18> verbs{
    "Connect", "Dial", "Echo",   "Enqueue", "Gather",   "Hangup", "Leave",  "Message", "Pause",
    "Pay",     "Play", "Prompt", "Record",  "Redirect", "Refer",  "Reject", "Say",     "Start"};

struct Tag {
    std::string name;
    std::map<std::string, std::string, std::less<>> attributes;
    bool closes = false;  // </name>
    bool is_empty = false;
};

std::string unescaped(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
    std::string plain;
    while (!text.empty()) {
        const auto entity = std::find_if(entities.begin(), entities.end(), [&](const auto& one) {
            return text.starts_with(one.first);
        });
        plain += entity != entities.end() ? entity->second : text.front();
        text.remove_prefix(entity != entities.end() ? entity->first.size() : 1);
    }
    return plain;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == ':' || c == '.';
    });
}

// What stands between < and >.
std::optional<Tag> read_tag(std::string_view text) {
    Tag tag;
    if (text.starts_with('/')) {
        tag.closes = true;
        text.remove_prefix(1);
    } else if (text.ends_with('/')) {
        tag.is_empty = true;
        text.remove_suffix(1);
    }
    text = trim(text);
    const std::size_t name_size = std::min(text.find_first_of(" \t\r\n"), text.size());
    tag.name = text.substr(0, name_size);
    text = trim(text.substr(name_size));
    while (!text.empty()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || tag.closes) return std::nullopt;
        const std::string_view name = trim(text.substr(0, equals));
        text = trim(text.substr(equals + 1));
        if (text.empty() || (text.front() != '"' && text.front() != '\'')) return std::nullopt;
        const std::size_t end = text.find(text.front(), 1);
        if (!is_name(name) || end == std::string_view::npos) return std::nullopt;
        const std::string_view value = text.substr(1, end - 1);
        if (value.find('<') != std::string_view::npos) return std::nullopt;
        if (!tag.attributes.emplace(name, unescaped(value)).second) return std::nullopt;
        text = trim(text.substr(end + 1));
    }
    return is_name(tag.name) ? std::optional(std::move(tag)) : std::nullopt;
}

std::string attribute(const Tag& tag, std::string_view name) {
    const auto found = tag.attributes.find(name);
    return found != tag.attributes.end() ? found->second : std::string();
}

class TwimlReader {
public:
    Result<TwimlScript> read(std::string_view text) {
        if (const std::size_t end = text.find("?>");
            text.starts_with("<?xml") && end != std::string_view::npos) {
            text.remove_prefix(end + 2);
        }
        while (!text.empty()) {
            const std::size_t begin = std::min(text.find('<'), text.size());
            if (open_.empty() && !trim(text.substr(0, begin)).empty()) return not_xml();
            text.remove_prefix(begin);
            if (text.empty()) break;
            if (text.starts_with("<!--")) {
                const std::size_t end = text.find("-->");
                if (end == std::string_view::npos) return not_xml();
                text.remove_prefix(end + 3);
                continue;
            }
            const std::size_t end = text.find('>');
            if (end == std::string_view::npos) return not_xml();
            const auto tag = read_tag(text.substr(1, end - 1));
            text.remove_prefix(end + 1);
            if (!tag) return not_xml();
            WRAPUP_CHECK(take(*tag));
        }
        if (!open_.empty() || !has_root_) return not_xml();
        return script_;
    }

private:
    static Error not_xml() { return {Errc::invalid_input, "12100 Document parse failure"}; }

    Result<void> take(const Tag& tag) {
        if (tag.closes) {
            if (open_.empty() || open_.back() != tag.name) return not_xml();
            open_.pop_back();
            return {};
        }
        if (open_.empty()) {
            if (has_root_ || tag.name != "Response") return not_xml();
            has_root_ = true;
        }
        if (open_.size() == 1) {
            if (std::find(verbs.begin(), verbs.end(), tag.name) == verbs.end()) {
                return Error{Errc::invalid_input, "12200 Schema validation warning: " + tag.name};
            }
            const bool is_first = script_.stream_url.empty();
            if (is_first && (tag.name == "Say" || tag.name == "Play")) script_.speaks = true;
        }
        if (open_.size() == 2 && open_[1] == "Connect" && tag.name == "Stream") {
            script_.stream_url = attribute(tag, "url");
            if (!script_.stream_url.starts_with("wss://")) {
                return Error{Errc::invalid_input, "31920 Stream: url is wss"};
            }
        }
        if (open_.size() == 3 && open_[2] == "Stream" && tag.name == "Parameter" &&
            attribute(tag, "name") == "conversation_id") {
            script_.conversation_id = attribute(tag, "value");
        }
        if (!tag.is_empty) open_.push_back(tag.name);
        return {};
    }

    TwimlScript script_;
    std::vector<std::string> open_;
    bool has_root_ = false;
};

}  // namespace

Result<TwimlScript> read_twiml(std::string_view text) { return TwimlReader().read(text); }

}  // namespace wrapup
