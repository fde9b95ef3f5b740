#include "codec/twilio/call_order.hpp"

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "codec/twilio/read_call.hpp"

namespace wrapup {
namespace {

constexpr std::size_t message_bytes_max = 200;

// "+61413052898 is not valid" is a person's number: five digits in a row and more become dots.
std::string without_numbers(std::string_view text) {
    constexpr std::size_t digits_shown = 5;
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
        if (end - at > digits_shown) {
            out += "…";
        } else {
            out += text.substr(at, end - at);
        }
        if (end < text.size()) out += text[end];
        at = end + 1;
    }
    return out;
}

}  // namespace

Form call_order_form(const OutboundCallFields& order) {
    const auto text = [](std::string_view value) { return std::string(value); };
    Form form{{"To", text(order.to)},
              {"From", text(order.from)},
              {"Url", text(order.twiml_url)},
              {"Method", "POST"},
              {"StatusCallback", text(order.status_url)},
              {"StatusCallbackMethod", "POST"}};
    for (const char* event : {"initiated", "ringing", "answered", "completed"}) {
        form.emplace_back("StatusCallbackEvent", event);
    }
    form.emplace_back("MachineDetection", "Enable");
    form.emplace_back("AsyncAmd", "true");
    form.emplace_back("AsyncAmdStatusCallback", text(order.machine_url));
    form.emplace_back("AsyncAmdStatusCallbackMethod", "POST");
    form.emplace_back("Timeout", std::to_string(order.timeout_s));
    form.emplace_back("TimeLimit", std::to_string(order.time_limit_s));
    return form;
}

Result<MadeCall> parse_made_call(std::string_view json) {
    WRAPUP_TRY(const boost::json::object object, parse_json_object(json));
    MadeCall made;
    WRAPUP_TRY(made.call, read_twilio_call(object));
    if (const auto ms = json_count(&object, "queue_time")) made.queue_time = milliseconds{*ms};
    return made;
}

TwilioFault parse_twilio_fault(std::string_view json) {
    const auto object = parse_json_object(json);
    if (!object) return {};
    const std::string message = json_string(&*object, "message");
    return {json_count(&*object, "code").value_or(0),
            truncate_utf8(without_numbers(to_valid_utf8(message)), message_bytes_max)};
}

}  // namespace wrapup
