#pragma once

// A file to be imported as lines of cells under named columns, whatever its format. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "import/import_csv.hpp"

namespace wrapup {

struct ImportRow {
    std::size_t line = 0;
    std::vector<std::string> cells;  // One per column.
    std::string problem;             // What is wrong with it; then the cells do not count.
};

class ImportTable {
public:
    // The first line of CSV names the columns; of JSON lines they are the names that the first
    // ones use, and `wanted`. `text` outlives the table. invalid_input: it is neither.
    static Result<ImportTable> open(std::string_view text, const std::vector<std::string>& wanted);

    const std::vector<std::string>& columns() const { return columns_; }
    std::string format() const;  // "CSV with semicolons", "JSON lines".

    std::optional<ImportRow> next();  // Nothing at the end.
    TextPosition position() const { return at_; }
    void seek(TextPosition position) { at_ = position; }

private:
    explicit ImportTable(std::string_view text) : text_(text) {}
    Result<void> open_csv();
    Result<void> open_json_lines(const std::vector<std::string>& wanted);
    std::optional<ImportRow> next_of_csv();
    std::optional<ImportRow> next_of_json();

    std::string_view text_;
    bool is_json_ = false;
    char separator_ = ',';
    std::vector<std::string> columns_;
    TextPosition at_;
};

// The table's format, and as a table what each of its columns is taken as and holds in the first
// lines.
std::string render_columns(ImportTable table, const std::vector<std::string>& taken_as);

}  // namespace wrapup
