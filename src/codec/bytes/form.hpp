#pragma once

// application/x-www-form-urlencoded, as Twilio sends it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

// Name and value, decoded, in the order of the body. Names may repeat; values may be empty.
using Form = std::vector<std::pair<std::string, std::string>>;

// invalid_input: a broken percent escape, or more than 1,000 fields.
Result<Form> parse_form(std::string_view body);
// The first field of that name; empty when there is none.
std::string_view form_value(const Form& form, std::string_view name);
// For requests of our own and for tests.
std::string render_form(const Form& form);

}  // namespace wrapup
