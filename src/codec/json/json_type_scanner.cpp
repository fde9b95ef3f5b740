#include "codec/json/json_type_scanner.hpp"

#include "base/hex.hpp"
#include "codec/json/json_rules.hpp"

namespace wrapup {

namespace {

// Longer keys and types are cut: none that we know comes near.
constexpr std::size_t text_size_max = 256;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

char unescape(char c) {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return c;
    }
}

// The four hex digits after "\u"; -1 when they are none.
int parse_unit(std::string_view text) {
    if (text.size() < 4) return -1;
    int unit = 0;
    for (const char c : text.substr(0, 4)) {
        const int digit = hex_digit(c);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

// Escapes beyond ASCII become '?': no type that we look for holds any.
std::string decode(std::string_view raw) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 == raw.size()) {
            text += raw[i];
            continue;
        }
        ++i;
        const int unit = raw[i] == 'u' ? parse_unit(raw.substr(i + 1)) : -1;
        if (unit < 0) {
            text += unescape(raw[i]);
        } else {
            text += unit < 0x80 ? static_cast<char>(unit) : '?';
            i += 4;
        }
    }
    return text;
}

}  // namespace

void JsonTypeScanner::feed(std::string_view piece) {
    for (const char byte : piece) {
        if (expect_ == Expect::done) return;
        feed_byte(byte);
    }
}

void JsonTypeScanner::feed_string_byte(char byte) {
    const bool is_end = byte == '"' && !is_escaped_;
    if (is_end) {
        end_string();
        return;
    }
    is_escaped_ = byte == '\\' && !is_escaped_;
    if (depth_ == 0 && text_.size() < text_size_max) text_ += byte;
}

void JsonTypeScanner::feed_value_byte(char byte) {
    if (byte == '"') {
        is_in_string_ = true;
    } else if (byte == '{' || byte == '[') {
        // The object itself is a level too.
        if (++depth_ >= json_depth_max) expect_ = Expect::done;
    } else if (depth_ == 0 && byte == ',') {
        expect_ = Expect::key;
    } else if (depth_ == 0 && (byte == '}' || byte == ']')) {
        expect_ = Expect::done;
    } else if (byte == '}' || byte == ']') {
        if (--depth_ == 0) expect_ = Expect::separator;
    }
}

void JsonTypeScanner::feed_byte(char byte) {
    if (is_in_string_) return feed_string_byte(byte);
    if (mark_size_ < byte_order_mark.size() && byte == byte_order_mark[mark_size_]) {
        mark_size_ += 1;
        return;
    }
    const bool is_part_of_mark = mark_size_ > 0 && mark_size_ < byte_order_mark.size();
    mark_size_ = byte_order_mark.size();
    if (is_part_of_mark) {
        expect_ = Expect::done;
        return;
    }
    if (is_space(byte)) return;
    switch (expect_) {
        case Expect::start: expect_ = byte == '{' ? Expect::key : Expect::done; return;
        case Expect::key:
            if (byte == '"') {
                is_in_string_ = true;
            } else {
                expect_ = Expect::done;
            }
            return;
        case Expect::colon: expect_ = byte == ':' ? Expect::value : Expect::done; return;
        case Expect::value: return feed_value_byte(byte);
        case Expect::separator: expect_ = byte == ',' ? Expect::key : Expect::done; return;
        case Expect::done: return;
    }
}

void JsonTypeScanner::end_string() {
    is_in_string_ = false;
    if (depth_ > 0) return;
    std::string text = decode(text_);
    text_.clear();
    if (expect_ == Expect::key) {
        key_ = std::move(text);
        expect_ = Expect::colon;
    } else if (key_ == "type") {
        type_ = std::move(text);
        expect_ = Expect::done;
    } else {
        expect_ = Expect::separator;
    }
}

}  // namespace wrapup
