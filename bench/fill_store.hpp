#pragma once

#include <cstdint>
#include <filesystem>

namespace wrapup::bench {

// Puts delivered calls first … first + count - 1 into the store of a data folder that no process
// uses, as the service itself would have: event, record, accepted attempt.
void fill_store(const std::filesystem::path& data_dir, std::uint64_t first, std::uint64_t count);

}  // namespace wrapup::bench
