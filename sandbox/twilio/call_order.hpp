#pragma once

// POST Calls.json as Twilio reads it: names are case-sensitive, what it does not know it ignores.
// Sources: Twilio's OpenAPI description, the error pages named in call_order.cpp, "Test
// credentials" (the numbers +15005550001 to ...6).

#include <string>
#include <variant>
#include <vector>

#include "codec/bytes/form.hpp"
#include "sandbox/calls/call_plan.hpp"

namespace wrapup {

struct CallOrder {
    std::string to;
    std::string from;
    Instructions instructions;
    std::string status_callback;
    std::string amd_callback;
    ToldEvents told;
    bool detects_machine = false;
    bool is_amd_async = false;
    seconds timeout{60};
    milliseconds queue_time{};  // Until it is dialled; set by who accepts it.
};

struct OrderRefusal {
    int code = 0;
    std::string message;

    bool operator==(const OrderRefusal&) const = default;
};

// `numbers` are the account's own: From must be one of them.
std::variant<CallOrder, OrderRefusal> read_order(const Form& form,
                                                 const std::vector<std::string>& numbers);
// Makes a plan for any call the one that was ordered.
void follow_order(CallPlan& plan, const CallOrder& order);

}  // namespace wrapup
