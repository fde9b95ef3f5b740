#pragma once

// Writes JSON objects by appending (base/json_string.hpp says why, and what becomes of bytes).

#include <cstdint>
#include <string>
#include <string_view>

namespace wrapup {

// An object that is written member by member. Keys must differ.
class JsonObjectWriter {
public:
    void reserve(std::size_t size) { text_.reserve(size); }
    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::int64_t value);
    void flag(std::string_view key, bool value);
    std::string take();  // Once, at the end.

private:
    void append_key(std::string_view key);

    std::string text_ = "{";
};

}  // namespace wrapup
