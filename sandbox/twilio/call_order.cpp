#include "sandbox/twilio/call_order.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "sandbox/twilio/twiml.hpp"

namespace wrapup {
namespace {

constexpr std::size_t twiml_size_max = 4'000;

bool is_e164(std::string_view number) {
    return number.size() >= 8 && number.size() <= 16 && number[0] == '+' && number[1] != '0' &&
           std::all_of(number.begin() + 1, number.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

// Absolute, http or https, with a host that has no underscore.
bool is_url(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!starts_with_ignoring_case(url, scheme)) continue;
        url.remove_prefix(scheme.size());
        const std::string_view host = url.substr(0, url.find_first_of("/?#"));
        return !host.empty() && host.find_first_of("_ ") == std::string_view::npos;
    }
    return false;
}

std::optional<OrderRefusal> refuse_to(std::string_view to) {
    if (to.empty()) return OrderRefusal{21201, "No 'To' number is specified"};
    if (!is_e164(to)) return OrderRefusal{21211, "Invalid 'To' Phone Number"};
    if (to == "+15005550001")
        return OrderRefusal{21217, "Phone number does not appear to be valid"};
    if (to == "+15005550002") return OrderRefusal{21214, "'To' phone number cannot be reached"};
    if (to == "+15005550003") {
        return OrderRefusal{21215,
                            "Account not authorized to call this number: permission of "
                            "that country is off"};
    }
    if (to == "+15005550004") return OrderRefusal{21216, "Account not allowed to call this number"};
    return std::nullopt;
}

std::optional<OrderRefusal> refuse_from(const std::string& from,
                                        const std::vector<std::string>& numbers) {
    if (from.empty()) return OrderRefusal{21213, "No 'From' number is specified"};
    if (!is_e164(from) || from == "+15005550001") {
        return OrderRefusal{21212, "Invalid 'From' Phone Number"};
    }
    const bool is_own = std::find(numbers.begin(), numbers.end(), from) != numbers.end();
    if (is_own || from == "+15005550006") return std::nullopt;
    return OrderRefusal{21210, "'From' phone number not verified"};
}

struct Range {
    std::string_view name;
    std::int64_t min;
    std::int64_t max;
};
constexpr Range ranges[] = {{"Timeout", 1, 600},
                            {"TimeLimit", 1, 86'400},
                            {"MachineDetectionTimeout", 3, 59},
                            {"MachineDetectionSpeechThreshold", 1'000, 6'000},
                            {"MachineDetectionSpeechEndThreshold", 500, 5'000},
                            {"MachineDetectionSilenceTimeout", 2'000, 10'000}};

struct Choice {
    std::string_view name;
    std::vector<std::string_view> words;
};

std::optional<OrderRefusal> refuse_values(const Form& form) {
    for (const Range& range : ranges) {
        const std::string_view text = form_value(form, range.name);
        const auto value = parse_int(text);
        if (!text.empty() && (!value || *value < range.min || *value > range.max)) {
            return OrderRefusal{20001, std::string(range.name) + " is out of its range"};
        }
    }
    const Choice choices[] = {{"MachineDetection", {"Enable", "DetectMessageEnd"}},
                              {"AsyncAmd", {"true", "false"}},
                              {"Method", {"GET", "POST"}},
                              {"FallbackMethod", {"GET", "POST"}},
                              {"StatusCallbackMethod", {"GET", "POST"}},
                              {"AsyncAmdStatusCallbackMethod", {"GET", "POST"}}};
    for (const Choice& choice : choices) {
        const std::string_view text = form_value(form, choice.name);
        const bool is_one_of_them =
            std::find(choice.words.begin(), choice.words.end(), text) != choice.words.end();
        if (!text.empty() && !is_one_of_them) {
            return OrderRefusal{20001, std::string(choice.name) + " is none of its words"};
        }
    }
    return std::nullopt;
}

// The parameter is repeated, once per event. Nothing: only the end is told.
std::optional<OrderRefusal> read_events(const Form& form, ToldEvents& told) {
    told = {false, false, false, true};
    bool is_given = false;
    for (const auto& [name, value] : form) {
        if (name != "StatusCallbackEvent") continue;
        if (!is_given) told.completed = false;
        is_given = true;
        bool* const event = value == "initiated"   ? &told.initiated
                            : value == "ringing"   ? &told.ringing
                            : value == "answered"  ? &told.answered
                            : value == "completed" ? &told.completed
                                                   : nullptr;
        if (event == nullptr) return OrderRefusal{21626, "Invalid StatusCallbackEvent"};
        *event = true;
    }
    return std::nullopt;
}

std::optional<OrderRefusal> read_instructions(const Form& form, CallOrder& order) {
    Instructions& given = order.instructions;
    given.url = form_value(form, "Url");
    given.fallback_url = form_value(form, "FallbackUrl");
    const std::string_view twiml = form_value(form, "Twiml");
    if (given.url.empty() && twiml.empty()) return OrderRefusal{21205, "Url parameter is required"};
    given.are_given = true;
    if (!given.url.empty()) {
        const bool is_well =
            is_url(given.url) && (given.fallback_url.empty() || is_url(given.fallback_url));
        if (!is_well) return OrderRefusal{21205, "Url is not a valid URL"};
        return std::nullopt;  // It wins over Twiml.
    }
    if (twiml.size() > twiml_size_max) return OrderRefusal{20001, "Twiml is too long"};
    if (!read_twiml(twiml)) return OrderRefusal{12100, "Twiml is not valid"};
    given.twiml = twiml;
    return std::nullopt;
}

std::optional<OrderRefusal> read_callbacks(const Form& form, CallOrder& order) {
    order.status_callback = form_value(form, "StatusCallback");
    order.amd_callback = form_value(form, "AsyncAmdStatusCallback");
    for (const std::string& url : {order.status_callback, order.amd_callback}) {
        if (!url.empty() && !is_url(url)) {
            return OrderRefusal{21609, "StatusCallback is not a valid URL"};
        }
    }
    return read_events(form, order.told);
}

}  // namespace

std::variant<CallOrder, OrderRefusal> read_order(const Form& form,
                                                 const std::vector<std::string>& numbers) {
    CallOrder order;
    order.to = form_value(form, "To");
    order.from = form_value(form, "From");
    if (auto refusal = refuse_to(order.to)) return *std::move(refusal);
    if (auto refusal = refuse_from(order.from, numbers)) return *std::move(refusal);
    if (auto refusal = refuse_values(form)) return *std::move(refusal);
    // Digits that are sent switch the detection off.
    order.detects_machine =
        !form_value(form, "MachineDetection").empty() && form_value(form, "SendDigits").empty();
    order.is_amd_async = form_value(form, "AsyncAmd") == "true";
    order.timeout = seconds{parse_int(form_value(form, "Timeout")).value_or(60)};
    // An application brings its own URLs: those of the request are silently ignored.
    if (!form_value(form, "ApplicationSid").empty()) return order;
    if (auto refusal = read_instructions(form, order)) return *std::move(refusal);
    if (auto refusal = read_callbacks(form, order)) return *std::move(refusal);
    if (!order.is_amd_async || !order.detects_machine) order.amd_callback.clear();
    return order;
}

void follow_order(CallPlan& plan, const CallOrder& order) {
    plan.to = order.to;
    plan.from = order.from;
    plan.instructions = order.instructions;
    plan.status_callback = order.status_callback;
    plan.amd_callback = order.amd_callback;
    plan.told = order.told;
    plan.queue = std::max(plan.queue, order.queue_time);
    plan.is_amd_async = order.is_amd_async;
    if (!order.detects_machine) plan.answered_by.clear();
    const bool is_taken_for_human = plan.end == CallStatus::completed && plan.answered_by.empty();
    if (is_taken_for_human && plan.outcome == Outcome::voicemail) plan.outcome = Outcome::held;
    // It begins when the call's TwiML says so.
    if (plan.instructions.are_given) plan.conversation_id.clear();
}

}  // namespace wrapup
