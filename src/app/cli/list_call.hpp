#pragma once

// `wrapup call --file`.

#include <string>
#include <vector>

#include "app/cli/cli.hpp"
#include "app/cli/list_file.hpp"

namespace wrapup {

struct ListCallOptions {
    std::string file;  // CSV or JSON lines.
    std::string campaign_id;
    std::string campaign_name;
    std::string agent;
    std::string from;
    std::string not_before;
    std::string not_after;
    std::string retry_busy;       // "15m,1h"
    std::string retry_no_answer;  // The same.
    ListRowDefaults defaults;
    std::vector<ColumnRule> rules;
    bool skips_bad = false;
    bool is_dry_run = false;
    bool is_confirmed = false;
    bool is_left_alone = false;
};
// Sends the file to the running server and follows it to its end.
int run_list_call(Console& console, const CommandLine& line, const ListCallOptions& options);

// What is wrong with a request, by the names of the flags that it was made from.
std::string in_flags(std::string problem);

}  // namespace wrapup
