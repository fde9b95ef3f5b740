#pragma once

// What a Twilio status callback says, read in one place for the event that it becomes, for the key
// of that event, and for the event as it was stored.

#include <functional>
#include <optional>
#include <string_view>

#include "domain/observation.hpp"

namespace wrapup {

// The value of the field of that name; empty when it is missing.
using FieldOf = std::function<std::string_view(std::string_view name)>;

// Nothing when CallStatus is missing or a word we do not know.
std::optional<StatusReport> read_status_report(const FieldOf& field);

// The account of a callback, when it has the form of an AccountSid; else empty.
std::string read_account_sid(const FieldOf& field);

}  // namespace wrapup
