#pragma once

// A state that lies in an SQLite file while another one in PostgreSQL is used: moved there, or
// forgotten.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup::sqlite {

struct LeftBehind {
    std::string text;
    std::string advice;
};
// The file holds records that were never delivered, and that nobody moved.
std::optional<LeftBehind> find_left_behind(const std::filesystem::path& store);

// Notes beside the SQLite file that its state is in `target` now; on a best effort, for what is
// copied is copied.
void note_moved(const std::filesystem::path& store, const std::string& target, UtcTime now);
void forget_moved(const std::filesystem::path& store);
// conflict: the state of this file is elsewhere by now.
Result<void> check_not_moved(const std::filesystem::path& store);

}  // namespace wrapup::sqlite
