#include "app/setting_toml.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <optional>
#include <sstream>

namespace wrapup {
namespace {

std::string line_of(std::string_view file_name, const toml::source_region& source) {
    return std::string(file_name) + " line " + std::to_string(source.begin.line);
}

std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (!node.is_value()) return {};
    std::ostringstream out;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) out << value;
    });
    return out.str();
}

std::optional<std::string> value_text(const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr) return scalar_text(node);
    std::string joined;
    for (const auto& element : *list) {
        const auto text = scalar_text(element);
        if (!text) return {};
        if (!joined.empty()) joined += ',';
        joined += *text;
    }
    return joined;
}

class Flattener {
public:
    explicit Flattener(std::string_view file_name) : file_name_(file_name) {}

    Result<void> add(const toml::table& table, const std::string& prefix) {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            const auto* nested = node.as_table();
            if (nested != nullptr && !nested->empty()) {
                WRAPUP_CHECK(add(*nested, name + "."));
                continue;
            }
            const auto text = nested != nullptr ? std::string{} : value_text(node);
            if (!text) {
                return Error{Errc::invalid_input, line_of(file_name_, node.source()) + ": " + name +
                                                      " is neither a value nor a list of values"};
            }
            const auto line = static_cast<int>(node.source().begin.line);
            entries_.push_back({name, *text, line});
        }
        return {};
    }

    std::vector<EnvEntry> entries() && { return std::move(entries_); }

private:
    std::string_view file_name_;
    std::vector<EnvEntry> entries_;
};

}  // namespace

Result<std::vector<EnvEntry>> parse_toml_settings(std::string_view text,
                                                  std::string_view file_name) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        // The parser's own words may quote the line, which may hold a secret.
        return Error{Errc::invalid_input,
                     line_of(file_name, parsed.error().source()) + ": is not TOML"};
    }
    Flattener flattener(file_name);
    WRAPUP_CHECK(flattener.add(parsed.table(), ""));
    return std::move(flattener).entries();
}

}  // namespace wrapup
