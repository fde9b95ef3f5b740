#pragma once

// Writes JSON objects by appending: on the way of a status callback a tree would cost more than the
// signature. Bytes that are not UTF-8 become U+FFFD, so that the result is always valid.

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
    std::string finish();  // Once.

private:
    void append_key(std::string_view key);

    std::string text_ = "{";
};

}  // namespace wrapup
