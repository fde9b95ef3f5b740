#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace wrapup {

void fail_assertion(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    std::abort();
}

}  // namespace wrapup
