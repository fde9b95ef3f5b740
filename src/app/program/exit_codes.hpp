#pragma once

namespace wrapup {

// Exit codes.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;    // The thing asked for failed: refused, not found.
constexpr int exit_unusable = 2;  // Wrong usage or settings, or nobody to ask.

}  // namespace wrapup
