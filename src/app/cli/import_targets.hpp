#pragma once

// The two places that an import can go to.

#include <memory>

#include "app/cli/cli.hpp"
#include "import/import_target.hpp"

namespace wrapup {

// The server of --url or WRAPUP_URL; else the store of the settings' data folder; else the server
// that is using that folder. Makes nothing yet.
Result<std::unique_ptr<ImportTarget>> open_import_target(const Console& console,
                                                         const CommandLine& line,
                                                         const Settings& settings);

}  // namespace wrapup
