#pragma once

// What the demo says before and after: what one sees, and how to go on.

#include <filesystem>
#include <string>

#include "app/demo/demo_screen.hpp"
#include "app/demo/demo_script.hpp"

namespace wrapup {

std::string render_introduction(const DemoOptions& options, const DemoLook& look);
// `program`: named as one would type it here.
std::string render_next_steps(const std::filesystem::path& program, const DemoLook& look);
// Where to look on, and with what.
std::string render_dashboard(const std::string& url, const std::string& token,
                             const DemoLook& look);
std::string render_kept(const std::string& url, const std::string& token, const DemoLook& look);

}  // namespace wrapup
