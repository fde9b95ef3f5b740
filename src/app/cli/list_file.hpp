#pragma once

// The file of a list of calls. Pure, and total: whatever the bytes are, there are rows, or a
// reason.

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "import/import_columns.hpp"
#include "ports/read_phone.hpp"

namespace wrapup {

// What counts for every row that does not say it itself.
struct ListRowDefaults {
    std::string time_zone;
    boost::json::object variables;
    ReadPhone read_phone = {};  // Empty: numbers stay as they are written.
};

struct ListFile {
    struct Row {
        std::size_t line = 0;
        boost::json::object call;    // As POST /api/campaigns/{id}/calls takes it.
        bool has_time_zone = false;  // Of its own.
    };
    std::vector<Row> rows;
    std::vector<std::pair<std::size_t, std::string>> bad;  // By line: what is wrong with it.
    // The columns that the fields of a row were taken from: "to" from "Telephone".
    std::map<std::string, std::string, std::less<>> columns;
    std::string preview;  // Each column, what it is taken as, and what it holds.
    // Columns that look like the name or the time zone, of which none was taken: what to say of it.
    std::vector<std::string> doubts;

    // The file's own name of a field.
    std::string_view column_of(std::string_view field) const;
};
// CSV whose first line names the columns, or JSON lines. Columns mean what they mean to `wrapup
// import`, or what a rule says; any other is a variable of the agent. invalid_input: it is neither,
// or has no rows or no phone numbers, in words that follow the file's name.
Result<ListFile> read_list_file(std::string_view text, const ListRowDefaults& defaults = {},
                                const std::vector<ColumnRule>& rules = {});

}  // namespace wrapup
