#include "app/console_text.hpp"

#include <algorithm>

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

}  // namespace

std::string painted(std::string_view text, Paint paint, bool has_colour) {
    if (!has_colour) return std::string(text);
    return "\033[" + std::string(code_of(paint)) + "m" + std::string(text) + "\033[0m";
}

std::string terminal_text(std::string_view text) {
    std::string shown = to_valid_utf8(text);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        if (byte < 0x20 || byte == 0x7f) shown[i] = ' ';
        // U+0080 to U+009F: control characters too, two bytes each.
        const bool is_c1 =
            byte == 0xc2 && i + 1 < shown.size() && static_cast<unsigned char>(shown[i + 1]) < 0xa0;
        if (is_c1) shown.replace(i, 2, " ");
    }
    return shown;
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

std::string render_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], column_count(row[i]));
        }
    }
    std::string table;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i]) + "  ";
        line.erase(line.find_last_not_of(' ') + 1);
        table += line + "\n";
    }
    return table;
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    std::string lines;
    std::size_t used = 0;
    for (const auto& word : split_list(text, ' ')) {
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
