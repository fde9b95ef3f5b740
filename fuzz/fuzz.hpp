#pragma once

// What every target shares. A target is one LLVMFuzzerTestOneInput, so that libFuzzer can link it;
// fuzz/replay_main.cpp calls the same function for the corpus where there is no libFuzzer.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wrapup {

inline std::string_view input_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Cuts off what stands before the first newline: targets that need two inputs.
inline std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

}  // namespace wrapup
