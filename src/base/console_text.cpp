#include "base/console_text.hpp"

#include <algorithm>
#include <cstdint>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

std::string_view code_of(Paint paint) {
    switch (paint) {
        case Paint::bold: return "1";
        case Paint::dim: return "2";
        case Paint::green: return "32";
        case Paint::yellow: return "33";
        case Paint::red: return "31";
    }
    return "0";
}

// Of a well-formed sequence, by its first byte.
std::size_t sequence_size(unsigned char first) {
    if (first < 0xc0) return 1;
    if (first < 0xe0) return 2;
    return first < 0xf0 ? 3 : 4;
}

std::uint32_t code_point(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence.front());
    if (sequence.size() == 1) return first;
    std::uint32_t code = first & (0x7fU >> sequence.size());
    for (const char byte : sequence.substr(1)) {
        code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3fU);
    }
    return code;
}

// Moves the cursor, or turns what follows around.
bool is_treacherous(std::uint32_t code) {
    const auto is_within = [code](std::uint32_t first, std::uint32_t last) {
        return code >= first && code <= last;
    };
    return code < 0x20 || is_within(0x7f, 0x9f) || code == 0x61c || is_within(0x200e, 0x200f) ||
           is_within(0x2028, 0x202e) || is_within(0x2066, 0x2069) || code == 0xfeff;
}

std::string escaped(std::uint32_t code) {
    switch (code) {
        case '\n': return "\\n";
        case '\r': return "\\r";
        case '\t': return "\\t";
        default: break;
    }
    std::string text = "\\u";
    append_hex(text, static_cast<unsigned char>(code >> 8U));
    append_hex(text, static_cast<unsigned char>(code & 0xffU));
    return text;
}

// With the treacherous characters from `first` on escaped.
std::string shown_from(std::uint32_t first, std::string_view text) {
    const std::string valid = to_valid_utf8(text);
    std::string shown;
    for (std::size_t i = 0; i < valid.size();) {
        const std::size_t size = sequence_size(static_cast<unsigned char>(valid[i]));
        const std::string_view bytes = std::string_view(valid).substr(i, size);
        const std::uint32_t code = code_point(bytes);
        if (code >= first && is_treacherous(code)) {
            shown += escaped(code);
        } else {
            shown += bytes;
        }
        i += size;
    }
    return shown;
}

}  // namespace

std::string painted(std::string_view text, Paint paint, bool has_colour) {
    if (!has_colour) return std::string(text);
    return "\033[" + std::string(code_of(paint)) + "m" + std::string(text) + "\033[0m";
}

std::string terminal_text(std::string_view text) { return shown_from(0, text); }

std::string terminal_json(std::string_view json) {
    // Outside of strings only C0 may stand, as blanks; inside them JSON allows none of it.
    constexpr std::uint32_t after_c0 = 0x7f;
    return shown_from(after_c0, json);
}

std::string terminal_excerpt(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return terminal_text(text);
    return terminal_text(truncate_utf8(text, bytes_max)) + " ... (" + std::to_string(text.size()) +
           " bytes)";
}

std::size_t column_count(std::string_view text) {
    const auto is_first_byte = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_first_byte));
}

std::string padded(std::string_view text, std::size_t columns) {
    std::string cell(text);
    const std::size_t count = column_count(text);
    if (count < columns) cell.append(columns - count, ' ');
    return cell;
}

std::string render_table(const std::vector<std::vector<std::string>>& rows,
                         std::size_t columns_max) {
    constexpr std::size_t indent = 4;
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], column_count(row[i]));
        }
    }
    std::vector<bool> begins_line(widths.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        begins_line[i] = columns_max > 0 && i > 0 && used + widths[i] > columns_max;
        used = (begins_line[i] ? indent : used) + widths[i] + 2;
    }
    std::string table;
    for (const auto& row : rows) {
        std::string line;
        bool is_first = true;
        const auto end_line = [&] {
            line.erase(line.find_last_not_of(' ') + 1);
            if (is_first || !line.empty()) table += line + "\n";
            line.assign(indent, ' ');
            is_first = false;
        };
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (begins_line[i]) end_line();
            line += padded(row[i], widths[i]) + "  ";
        }
        end_line();
    }
    return table;
}

namespace {

bool begins_lower(std::string_view word) {
    return !word.empty() && word.front() >= 'a' && word.front() <= 'z';
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Whether `next` belongs to the command whose last word is `last`.
bool goes_on(std::string_view last, std::string_view next) {
    if (last.empty() || std::string_view(".,;:)`").find(last.back()) != std::string_view::npos) {
        return false;
    }
    if (last == "wrapup") return begins_lower(next);
    if (next.starts_with("--") || last.starts_with("--"))
        return true;  // A flag takes one too many.
    return is_one_of(
        last, {"destination", "campaign", "help", "show", "send", "pause", "resume", "cancel"});
}

// What is not to be broken, each of one word or more.
std::vector<std::string> unbroken(std::string_view text) {
    std::vector<std::string> pieces;
    bool is_command = false;
    std::string last;
    for (const std::string& word : split_list(text, ' ')) {
        is_command = is_command && goes_on(last, word);
        if (is_command) {
            pieces.back() += ' ' + word;
        } else {
            pieces.push_back(word);
            is_command = word == "wrapup" || word.ends_with("(wrapup") || word.ends_with("`wrapup");
        }
        last = is_command && pieces.back() == word ? "wrapup" : word;
    }
    return pieces;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    std::string lines;
    std::size_t used = 0;
    for (const std::string& word : unbroken(text)) {
        const std::size_t width = column_count(word);
        if (used > 0 && used + 1 + width > columns) {
            lines += "\n" + std::string(indent, ' ');
            used = 0;
        } else if (used > 0) {
            lines += ' ';
            used += 1;
        }
        lines += word;
        used += width;
    }
    return lines;
}

}  // namespace wrapup
