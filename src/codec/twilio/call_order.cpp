#include "codec/twilio/call_order.hpp"

#include "codec/json/json_value.hpp"
#include "codec/twilio/read_call.hpp"

namespace wrapup {

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

std::int64_t parse_twilio_code(std::string_view json) {
    const auto object = parse_json_object(json);
    return object ? json_count(&*object, "code").value_or(0) : 0;
}

}  // namespace wrapup
