#pragma once

// The file of a list of calls. Pure, and total: whatever the bytes are, there are rows, or a
// reason.

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

struct ListFile {
    struct Row {
        std::size_t line = 0;
        boost::json::object call;  // As POST /api/campaigns/{id}/calls takes it.
    };
    std::vector<Row> rows;
    std::vector<std::pair<std::size_t, std::string>> bad;  // By line: what is wrong with it.
};
// CSV whose first line names the columns, or JSON lines. A column that is none of ours is a
// variable of the agent. invalid_input: it is neither, or has no rows, in words that follow the
// file's name.
Result<ListFile> read_list_file(std::string_view text);

}  // namespace wrapup
