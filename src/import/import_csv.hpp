#pragma once

// CSV as RFC 4180 has it, and as spreadsheets write it: any of , ; and tab between cells, any line
// end, a byte order mark, quoted cells with line breaks. Pure and total.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

// Where a reader is in its text.
struct TextPosition {
    std::size_t offset = 0;
    std::size_t line = 1;

    bool operator==(const TextPosition&) const = default;
};

// The separator that the first line has most of, outside of quotes; ',' when it has none.
char guess_separator(std::string_view text);

struct CsvRecord {
    std::size_t line = 0;  // Where it begins.
    std::vector<std::string> cells;
    std::string problem;  // What is wrong with it; then the cells do not count.
};

class CsvReader {
public:
    // `text` outlives the reader and is without a byte order mark.
    CsvReader(std::string_view text, char separator, TextPosition from = {})
        : text_(text), separator_(separator), at_(from) {}

    // Lines that are empty are left out. A record that is wrong ends with its line, and the next
    // one is read as if nothing had happened. Nothing at the end.
    std::optional<CsvRecord> next();
    TextPosition position() const { return at_; }

private:
    enum class Ending { cell, record };

    void skip_empty_lines();
    void skip_line();
    bool is_at_end() const { return at_.offset >= text_.size(); }
    char peek() const { return text_[at_.offset]; }
    // What is wrong, or empty.
    std::string read_cells(std::vector<std::string>& cells);
    bool read_quoted(std::string& cell);
    void read_plain(std::string& cell);
    std::optional<Ending> take_ending();
    void take_line_end();

    std::string_view text_;
    char separator_;
    TextPosition at_;
    std::size_t record_from_ = 0;
};

}  // namespace wrapup
