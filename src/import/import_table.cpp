#include "import/import_table.hpp"

#include <algorithm>

#include "base/console_text.hpp"
#include "base/text.hpp"
#include "import/import_json_lines.hpp"

namespace wrapup {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr int sample_lines_max = 200;
constexpr std::size_t columns_max = 200;
constexpr std::size_t samples_max = 3;
constexpr std::size_t sample_columns_max = 22;

Error wrong(std::string why) { return {Errc::invalid_input, std::move(why)}; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// One short line of a cell, whatever it holds.
std::string sample_text(const std::string& cell) {
    std::string text(trim(cell));
    std::replace(text.begin(), text.end(), '\n', ' ');
    text = terminal_text(truncate_utf8(text, 200));
    if (column_count(text) <= sample_columns_max) return text;
    while (column_count(text) > sample_columns_max - 1) {
        text = truncate_utf8(text, text.size() - 1);
    }
    return text + "…";
}

}  // namespace

Result<ImportTable> ImportTable::open(std::string_view text,
                                      const std::vector<std::string>& wanted) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return wrong("is UTF-16; save it as UTF-8");
    }
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    ImportTable table(text);
    const std::string_view content = trim(text.substr(0, 4096));
    if (content.empty()) return wrong("is empty");
    if (content.front() == '[') {
        return wrong("is a JSON list; write one object per line (jq -c '.[]' does)");
    }
    table.is_json_ = content.front() == '{';
    WRAPUP_CHECK(table.is_json_ ? table.open_json_lines(wanted) : table.open_csv());
    return table;
}

Result<void> ImportTable::open_csv() {
    // Spreadsheets write, and want, a line that tells the separator.
    if (starts_with_ignoring_case(text_, "sep=") && text_.size() > 5) {
        separator_ = text_[4];
        at_ = {5, 1};
    } else {
        separator_ = guess_separator(text_);
    }
    CsvReader reader(text_, separator_, at_);
    const auto head = reader.next();
    if (!head) return wrong("is empty");
    if (!head->problem.empty()) return wrong("the line of the column names is " + head->problem);
    for (const auto& cell : head->cells) columns_.emplace_back(trim(cell));
    if (columns_.size() > columns_max) return wrong("has more than 200 columns");
    if (std::any_of(columns_.begin(), columns_.end(),
                    [](const auto& name) { return to_valid_utf8(name) != name; })) {
        return wrong("is not UTF-8");
    }
    at_ = reader.position();
    return {};
}

Result<void> ImportTable::open_json_lines(const std::vector<std::string>& wanted) {
    JsonLinesReader reader(text_);
    for (int i = 0; i < sample_lines_max; ++i) {
        const auto line = reader.next();
        if (!line) break;
        for (const auto& [name, value] : line->members) {
            if (columns_.size() < columns_max && !contains(columns_, name)) {
                columns_.push_back(name);
            }
        }
    }
    if (columns_.empty()) return wrong("holds no JSON object among its first lines");
    for (const auto& name : wanted) {
        if (!contains(columns_, name)) columns_.push_back(name);
    }
    return {};
}

std::string ImportTable::format() const {
    if (is_json_) return "JSON lines";
    switch (separator_) {
        case ',': return "CSV with commas";
        case ';': return "CSV with semicolons";
        case '\t': return "CSV with tabs";
        default: return "CSV";
    }
}

std::optional<ImportRow> ImportTable::next() { return is_json_ ? next_of_json() : next_of_csv(); }

std::optional<ImportRow> ImportTable::next_of_csv() {
    CsvReader reader(text_, separator_, at_);
    auto record = reader.next();
    at_ = reader.position();
    if (!record) return {};
    ImportRow row{record->line, std::move(record->cells), std::move(record->problem)};
    if (!row.problem.empty()) return row;
    const auto is_surplus = [](const std::string& cell) { return !trim(cell).empty(); };
    if (row.cells.size() > columns_.size() &&
        std::any_of(row.cells.begin() + static_cast<std::ptrdiff_t>(columns_.size()),
                    row.cells.end(), is_surplus)) {
        row.problem = std::to_string(row.cells.size()) + " cells under " +
                      std::to_string(columns_.size()) + " columns";
    }
    row.cells.resize(columns_.size());
    return row;
}

std::optional<ImportRow> ImportTable::next_of_json() {
    JsonLinesReader reader(text_, at_);
    auto line = reader.next();
    at_ = reader.position();
    if (!line) return {};
    ImportRow row{line->line, {}, std::move(line->problem)};
    row.cells.resize(columns_.size());
    for (auto& [name, value] : line->members) {
        const auto column = std::find(columns_.begin(), columns_.end(), name);
        if (column == columns_.end()) continue;
        row.cells[static_cast<std::size_t>(column - columns_.begin())] = std::move(value);
    }
    return row;
}

std::string render_columns(ImportTable table, const std::vector<std::string>& taken_as) {
    const auto& columns = table.columns();
    std::vector<std::vector<std::string>> rows = {{"  column", "taken as"}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        rows.push_back({"  " + sample_text(columns[i]), taken_as[i]});
    }
    // Wrong lines are told when they are met.
    for (std::size_t tried = 0; tried < 100 && rows.front().size() < samples_max + 2; ++tried) {
        const auto row = table.next();
        if (!row) break;
        if (!row->problem.empty()) continue;
        rows.front().push_back("line " + std::to_string(row->line));
        for (std::size_t i = 0; i < columns.size(); ++i) {
            rows[i + 1].push_back(sample_text(row->cells[i]));
        }
    }
    return table.format() + "\n" + render_table(rows);
}

}  // namespace wrapup
