#pragma once

namespace wrapup {

// Names the broken condition on standard error and aborts. Out of line, so that a check costs one
// branch where it stands.
[[noreturn]] void fail_assertion(const char* condition, const char* file, int line) noexcept;

}  // namespace wrapup

// For what only a bug can break. On in every build: what matters is in the store, so stopping loses
// nothing, while going on from a state we do not understand could send a wrong record.
#define WRAPUP_ASSERT(condition) \
    ((condition) ? void(0) : ::wrapup::fail_assertion(#condition, __FILE__, __LINE__))
