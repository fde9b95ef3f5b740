#pragma once

// What goes wrong, in one form: "wrapup: WHY" on the error output, and with --json a problem
// document there.

#include <string>
#include <string_view>

#include "app/cli/api_client.hpp"
#include "app/cli/cli.hpp"

namespace wrapup {

// On a terminal within its columns.
void complain(Console& console, std::string_view why);
// Wrong usage or settings, or nobody to ask. Returns exit_unusable.
int unusable(Console& console, std::string_view why);
// What was asked for could not be done. Returns exit_failed.
int failed(Console& console, std::string_view why);
// Of an answer without the member that was asked for: that is not "none".
Error misshapen(std::string_view wanted);
// Returns exit_failed.
int misshapen(Console& console, std::string_view wanted);
// Says by the options' names what the server says by its fields'.
using InOptions = std::string (*)(std::string problem);
// The server's refusal in its own words. Returns exit_unusable where the question was wrong (400,
// 501), else exit_failed.
int refused(Console& console, const ApiAnswer& answer, InOptions in_options = nullptr);

}  // namespace wrapup
