#include "app/cli/json_errors.hpp"

#include "base/console_text.hpp"
#include "base/json_string.hpp"

namespace wrapup {
namespace {

std::string with_problem(std::string_view line) {
    if (!line.starts_with(complaint_prefix)) return terminal_json(line);
    line.remove_prefix(complaint_prefix.size());
    if (line.ends_with('\n')) line.remove_suffix(1);
    return problem_line(line);
}

bool is_half_complaint(std::string_view text) {
    return text.starts_with(complaint_prefix) && !text.ends_with('\n');
}

}  // namespace

std::string problem_line(std::string_view detail) {
    return R"({"type":"about:blank","title":"Error","detail":)" + json_quoted(detail) + "}\n";
}

LineFilter json_errors(std::ostream& behind) { return {behind, with_problem, is_half_complaint}; }

LineFilter json_output(std::ostream& behind) { return {behind, terminal_json}; }

}  // namespace wrapup
