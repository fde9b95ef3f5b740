#include "import/import_csv.hpp"

#include <algorithm>
#include <array>

namespace wrapup {
namespace {

// An opening quote that is never closed would otherwise swallow the rest of the file, line by line.
constexpr std::size_t record_size_max = 64 * 1024;
constexpr std::size_t cells_max = 1000;

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

}  // namespace

char guess_separator(std::string_view text) {
    constexpr std::array separators = {',', ';', '\t'};
    std::array<std::size_t, separators.size()> counts{};
    bool is_quoted = false;
    for (const char c : text.substr(0, record_size_max)) {
        if (c == '"') is_quoted = !is_quoted;
        if (is_quoted) continue;
        if (is_line_end(c)) break;
        const auto found = std::find(separators.begin(), separators.end(), c);
        if (found != separators.end()) {
            counts[static_cast<std::size_t>(found - separators.begin())] += 1;
        }
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return separators[static_cast<std::size_t>(most - counts.begin())];
}

std::optional<CsvRecord> CsvReader::next() {
    skip_empty_lines();
    if (is_at_end()) return {};
    const TextPosition from = at_;
    record_from_ = at_.offset;
    CsvRecord record;
    record.line = at_.line;
    record.problem = read_cells(record.cells);
    if (!record.problem.empty()) {
        record.cells.clear();
        at_ = from;
        skip_line();
    }
    return record;
}

void CsvReader::skip_empty_lines() {
    while (!is_at_end() && is_line_end(peek())) take_line_end();
}

void CsvReader::skip_line() {
    while (!is_at_end() && !is_line_end(peek())) at_.offset += 1;
    if (!is_at_end()) take_line_end();
}

void CsvReader::take_line_end() {
    const bool is_pair = peek() == '\r' && text_.substr(at_.offset).starts_with("\r\n");
    at_.offset += is_pair ? 2 : 1;
    at_.line += 1;
}

std::string CsvReader::read_cells(std::vector<std::string>& cells) {
    for (;;) {
        std::string cell;
        const bool is_quoted = !is_at_end() && peek() == '"';
        if (!is_quoted) {
            read_plain(cell);
        } else if (!read_quoted(cell)) {
            return "a quote is opened and not closed";
        }
        cells.push_back(std::move(cell));
        if (at_.offset - record_from_ > record_size_max) return "longer than 64 KiB";
        if (cells.size() > cells_max) return "more than 1000 cells";
        const auto ending = take_ending();
        if (!ending) return "something stands between a closing quote and the next separator";
        if (*ending == Ending::record) return {};
    }
}

// False when there is no closing quote within the size of a record.
bool CsvReader::read_quoted(std::string& cell) {
    at_.offset += 1;
    while (!is_at_end() && at_.offset - record_from_ <= record_size_max) {
        const char c = peek();
        if (c == '"') {
            at_.offset += 1;
            if (is_at_end() || peek() != '"') return true;
            cell += '"';
            at_.offset += 1;
        } else if (is_line_end(c)) {
            // Whatever line end the file has, a text has this one.
            cell += '\n';
            take_line_end();
        } else {
            cell += c;
            at_.offset += 1;
        }
    }
    return false;
}

void CsvReader::read_plain(std::string& cell) {
    const std::size_t from = at_.offset;
    while (!is_at_end() && peek() != separator_ && !is_line_end(peek())) at_.offset += 1;
    cell = text_.substr(from, at_.offset - from);
}

std::optional<CsvReader::Ending> CsvReader::take_ending() {
    if (is_at_end()) return Ending::record;
    if (is_line_end(peek())) {
        take_line_end();
        return Ending::record;
    }
    if (peek() != separator_) return {};
    at_.offset += 1;
    return Ending::cell;
}

}  // namespace wrapup
