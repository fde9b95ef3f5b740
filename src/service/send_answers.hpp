#pragma once

// What a person is told who sent a record by hand.

#include <string>
#include <vector>

#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"
#include "service/courier/courier.hpp"

namespace wrapup {

SendNowAnswer answer_of(SendNowAnswer::Kind kind, std::string message, std::string payload = {});
// Of our own attempt.
SendNowAnswer answer_of(const Courier::Sent& sent);
// Of the last attempt, which somebody else made.
SendNowAnswer answer_of(const DeliveryStory& delivery, SendAgain again);
// Nothing was sent, because the CRM has it.
SendNowAnswer already(std::string payload);
// Nothing was sent, because nobody carries records there.
SendNowAnswer not_sent(const Delivery& delivery);
// Of several the first that did not work out, else the first accepted one; each is told.
SendNowAnswer together(std::vector<SendNowAnswer::Part> parts);

}  // namespace wrapup
