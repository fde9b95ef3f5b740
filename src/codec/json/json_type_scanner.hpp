#pragma once

// Finds the value of the top-level string member "type" of a JSON object that is read in pieces,
// without keeping the text: a 60 MiB audio webhook must be recognised before it is stored anywhere.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

class JsonTypeScanner {
public:
    void feed(std::string_view piece);
    // Set as soon as the member has been seen in full. Of repeated members the first counts.
    const std::optional<std::string>& type() const { return type_; }

private:
    enum class Expect { start, key, colon, value, separator, done };
    void feed_byte(char byte);
    void feed_string_byte(char byte);
    void feed_value_byte(char byte);
    void end_string();

    Expect expect_ = Expect::start;
    std::size_t mark_size_ = 0;  // Of the byte order mark, as far as it was read.
    std::size_t depth_ = 0;      // Of nested values inside the current member's value.
    bool is_in_string_ = false;
    bool is_escaped_ = false;
    std::string text_;  // The string being read at the top level, capped.
    std::string key_;
    std::optional<std::string> type_;
};

}  // namespace wrapup
