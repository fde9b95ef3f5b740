#pragma once

// SQLite writes its log in two pieces for each page, a system call each. Here the pieces of a
// durable transaction gather, and reach the file in one write before it is synced. And an index of
// the log that a full disk has no room for is an error, where SQLite would die of it.

#include "adapters/sqlite/handle.hpp"

namespace wrapup::sqlite {

// The VFS whose log can gather: the default one in all else. Of the connection that writes;
// whoever reads sees a transaction only once it was synced.
const char* log_vfs();

// From here on the log of the connection gathers, or not. What is published without a sync must
// not: readers would look for it in the file.
void gather_log(Connection& writer, bool gathers);

}  // namespace wrapup::sqlite
