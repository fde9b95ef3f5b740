// Invariant: entries with names, or invalid_input; alike every time, also with references and
// tables that are one value.

#include "app/config/setting_toml.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    TomlRules rules;
    rules.find_variable = [](std::string_view name) -> std::optional<std::string> {
        if (name == "A") return "${B}";
        return {};
    };
    rules.is_table = [](std::string_view name) { return name.ends_with(".headers"); };
    const auto entries = parse_toml_settings(input_of(data, size), "wrapup.toml", rules);
    WRAPUP_ASSERT(entries || entries.error().code == Errc::invalid_input);
    WRAPUP_ASSERT(parse_toml_settings(input_of(data, size), "wrapup.toml", rules) == entries);
    return 0;
}
