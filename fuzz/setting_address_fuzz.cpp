// Invariant: an address that is accepted is written and read again as itself; a URL that is
// accepted is http(s), and what is shown of it holds neither its query nor user:password.

#include "app/config/setting_values.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    if (const auto address = parse_listen_address(text)) {
        WRAPUP_ASSERT(parse_listen_address(to_string(*address)) == *address);
    }
    const std::string masked = mask_url(text);
    const auto url = parse_target_url(text);
    if (!url) return 0;
    WRAPUP_ASSERT(starts_with_ignoring_case(*url, "http"));
    const std::size_t from = text.find("://") + 3;
    const std::string_view authority = text.substr(from, text.find_first_of("/?", from) - from);
    const std::string_view shown = std::string_view(masked).substr(masked.find("://") + 3);
    WRAPUP_ASSERT(shown.starts_with("•••@") == (authority.find('@') != std::string_view::npos));
    WRAPUP_ASSERT(masked.ends_with("?•••") == (text.find('?') != std::string_view::npos));
    WRAPUP_ASSERT(masked.find('?') == std::string::npos || masked.ends_with("?•••"));
    return 0;
}
