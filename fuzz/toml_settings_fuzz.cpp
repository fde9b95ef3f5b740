// Invariant: entries with names, or invalid_input; alike every time.

#include "app/config/setting_toml.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto entries = parse_toml_settings(input_of(data, size), "wrapup.toml");
    WRAPUP_ASSERT(entries || entries.error().code == Errc::invalid_input);
    WRAPUP_ASSERT(parse_toml_settings(input_of(data, size), "wrapup.toml") == entries);
    return 0;
}
