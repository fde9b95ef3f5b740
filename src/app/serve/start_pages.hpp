#pragma once

namespace wrapup {

// Lets go of the pages of the program and its libraries that are in memory only because the start
// touched them or lay beside them: code and constants, which come back from their files when they
// are needed. Nothing that was ever written to is touched. About half of an idle server's resident
// set.
void drop_start_pages();

}  // namespace wrapup
