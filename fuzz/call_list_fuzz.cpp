// Invariant: of any page of Twilio's list, each call is one that is understood alone, too; and the
// next page is on the host that was asked.

#include "codec/twilio/call_list.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    const auto list = parse_call_list(json);
    if (!list) {
        WRAPUP_ASSERT(list.error().code == Errc::invalid_input);
        return 0;
    }
    WRAPUP_ASSERT(list->unreadable_count >= 0);
    for (const CallListEntry& listed : list->calls) {
        WRAPUP_ASSERT(is_call_sid(listed.call.sid));
        const auto alone = parse_twilio_call(listed.payload);
        WRAPUP_ASSERT(alone.has_value() && *alone == listed.call);
    }
    const auto path = next_page_path("https://api.twilio.com", list->next_page_uri);
    if (!path) return 0;
    WRAPUP_ASSERT(path->starts_with('/') && !path->starts_with("//"));
    WRAPUP_ASSERT(path->find_first_of(" \r\n\\#") == std::string::npos);
    return 0;
}
