// Invariant: the payload of every accepted callback is understood again and says the same; sent
// again at another time, in another order, it is the same event.

#include <algorithm>
#include <set>
#include <string>

#include "codec/bytes/form.hpp"
#include "codec/observation.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"
#include "fuzz/fuzz.hpp"

namespace wrapup {
namespace {

void check(const Result<NewEvent>& event) {
    if (!event) return;
    WRAPUP_ASSERT(is_call_sid(event->call_sid));
    WRAPUP_ASSERT(!event->dedup_key.empty() && event->dedup_key.size() <= 120);
    WRAPUP_ASSERT(event->due_at >= event->received_at);
    const auto said = decode_observation(event->kind, event->payload);
    WRAPUP_ASSERT(said.has_value());
    WRAPUP_ASSERT(event->kind != EventKind::twilio_amd ||
                  std::holds_alternative<MachineReport>(*said));
    WRAPUP_ASSERT(event->kind != EventKind::twilio_child_status ||
                  std::holds_alternative<ChildLegReport>(*said));
}

// Of a name that repeats the first counts, so only forms without repeats may be turned round.
bool has_repeats(const Form& form) {
    std::set<std::string> names;
    return !std::ranges::all_of(
        form, [&](const auto& field) { return names.insert(field.first).second; });
}

void check_repeat(const Form& form) {
    const auto event = status_callback_event(form, from_unix_s(1762713911));
    if (!event || has_repeats(form)) return;
    Form again(form.rbegin(), form.rend());
    std::erase_if(again, [](const auto& field) { return field.first == "Timestamp"; });
    const auto repeat = status_callback_event(again, from_unix_s(1762713999));
    WRAPUP_ASSERT(repeat && repeat->dedup_key == event->dedup_key);
}

}  // namespace
}  // namespace wrapup

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto form = parse_form(input_of(data, size));
    if (!form) return 0;
    check(status_callback_event(*form, from_unix_s(1762713911)));
    check_repeat(*form);
    check(amd_callback_event(*form, from_unix_s(1762713911)));
    return 0;
}
