#pragma once

// The real server against the sandbox: an hour of calls in a minute, with things going wrong.

#include <filesystem>
#include <iosfwd>

#include "app/demo/demo_screen.hpp"
#include "app/demo/demo_script.hpp"

namespace wrapup {

// Returns the exit code: 0 when every call that ended made exactly one right record.
// `program`: this binary, which serves as the child.
int run_demo(const DemoOptions& options, const std::filesystem::path& program, std::ostream& out,
             const DemoLook& look);

}  // namespace wrapup
