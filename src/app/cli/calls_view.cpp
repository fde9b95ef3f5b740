#include "app/cli/calls_view.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& call, Names names) {
    return terminal_text(text_member(call, names));
}

std::string utc_of(const json::value& call, Names names) {
    const auto at = time_member(call, names);
    return at ? format_rfc3339(*at) : "";
}

std::string time_of(const json::value& call, Names names, const TimeZone& zone) {
    const auto at = time_member(call, names);
    return at ? short_time(*at, zone) : "";
}

std::string state_of(const json::value& call) {
    const std::string parked = text_of(call, {"parked", "park_reason"});
    const std::string state = text_of(call, {"state"});
    return parked.empty() ? state : state + " " + parked;
}

// What became of it, in a word: of a delivered call how it ended.
std::string outcome_of(const json::value& call) {
    const std::string parked = text_of(call, {"parked", "park_reason"});
    if (!parked.empty()) return "! " + parked;
    const std::string state = text_of(call, {"state"});
    const std::string status = text_of(call, {"status", "outcome"});
    return state == "delivered" && !status.empty() ? status : state;
}

// Where first hearing of it does not say when it was.
std::string ended_of(const json::value& call, const TimeZone& zone) {
    const auto ended_at = time_member(call, {"ended_at"});
    const auto heard_at = time_member(call, {"first_event_at", "firstEventAt"});
    const bool is_late = ended_at && heard_at && *heard_at - *ended_at >= heard_late;
    return is_late ? short_time(*ended_at, zone) : "";
}

struct Column {
    std::string head;
    std::vector<std::string> cells;

    std::size_t width() const {
        std::size_t width = column_count(head);
        for (const auto& cell : cells) width = std::max(width, column_count(cell));
        return width;
    }
};

template <class CellOf>
Column column(std::string head, const json::array& calls, CellOf cell_of) {
    Column made{std::move(head), {}};
    for (const auto& call : calls) made.cells.push_back(cell_of(call));
    return made;
}

std::vector<Column> columns_for_a_pipe(const json::array& calls, bool is_steady) {
    constexpr std::size_t time_columns = 24;
    constexpr std::size_t state_columns = 23;  // "parked destination_gone"
    constexpr std::size_t status_columns = 13;
    constexpr std::size_t number_columns = 16;
    const auto head = [is_steady](const char* text, std::size_t columns) {
        return is_steady ? padded(text, columns) : text;
    };
    const auto text = [&](const char* name, std::size_t columns, Names names) {
        return column(head(name, columns), calls,
                      [&](const json::value& call) { return text_of(call, names); });
    };
    const auto time = [&](const char* name, Names names) {
        return column(head(name, time_columns), calls,
                      [&](const json::value& call) { return utc_of(call, names); });
    };
    return {time("FIRST EVENT", {"first_event_at", "firstEventAt"}),
            column(head("STATE", state_columns), calls, state_of),
            text("STATUS", status_columns, {"status", "outcome"}),
            text("SECONDS", 0, {"duration_s", "duration"}),
            text("TO", number_columns, {"to"}),
            time("DUE", {"due_at", "dueAt"}),
            text("CALL", 0, {"id", "call_sid"})};
}

std::vector<Column> columns_that_fit(const json::array& calls, const CallsLook& look) {
    constexpr std::size_t text_max = 24;
    const auto time = [&](const char* head, Names names) {
        return column(head, calls,
                      [&](const json::value& call) { return time_of(call, names, look.zone); });
    };
    const auto text = [&](const char* head, Names names) {
        return column(head, calls, [&](const json::value& call) {
            return terminal_excerpt(text_member(call, names), text_max);
        });
    };
    std::vector<Column> shown{time("WHEN", {"first_event_at", "firstEventAt"}),
                              column("TO", calls, [](const auto& c) { return text_of(c, {"to"}); }),
                              column("STATE", calls, outcome_of)};
    const Column call = column("CALL", calls, [](const auto& c) {
        return text_of(c, {"id", "call_sid"});
    });
    std::size_t used = call.width();
    for (const Column& one : shown) used += one.width() + 2;
    const auto ended = [&look](const json::value& one) { return ended_of(one, look.zone); };
    std::vector<Column> more{column("ENDED", calls, ended), time("NEXT TRY", {"due_at", "dueAt"}),
                             text("NAME", {"name"}), text("CAMPAIGN", {"campaign"}),
                             text("S", {"duration_s", "duration"})};
    for (Column& one : more) {
        const bool says_something =
            std::ranges::any_of(one.cells, [](const std::string& cell) { return !cell.empty(); });
        if (!says_something || used + one.width() + 2 > look.columns) continue;
        used += one.width() + 2;
        shown.push_back(std::move(one));
    }
    shown.push_back(call);
    return shown;
}

// "+61413052898", "-1.5": what a spreadsheet takes for a number, whatever its sign.
bool is_signed_number(std::string_view text) {
    const bool has_sign = text.starts_with('+') || text.starts_with('-');
    return has_sign && text.size() > 1 &&
           text.find_first_not_of("0123456789.", 1) == std::string_view::npos;
}

// Names are callers' words: a spreadsheet would calculate what begins like a formula.
bool may_be_formula(std::string_view text) {
    constexpr std::string_view beginnings = "=+-@\t\r\n";
    return !text.empty() && beginnings.find(text.front()) != std::string_view::npos &&
           !is_signed_number(text);
}

std::string csv_cell(std::string text) {
    if (may_be_formula(text)) text.insert(0, "'");
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string cell = "\"";
    for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
    return cell + "\"";
}

constexpr std::array<const char*, 12> csv_columns{
    "id",   "state",    "parked", "status",         "duration_s",      "to",
    "name", "campaign", "due_at", "first_event_at", "conversation_id", "call_sid"};

}  // namespace

std::string render_calls(const json::array& calls, const CallsLook& look) {
    const std::vector<Column> columns = look.columns == 0
                                            ? columns_for_a_pipe(calls, look.has_steady_columns)
                                            : columns_that_fit(calls, look);
    std::vector<std::vector<std::string>> rows(calls.size() + 1);
    for (const Column& one : columns) {
        rows[0].push_back(one.head);
        for (std::size_t i = 0; i < one.cells.size(); ++i) rows[i + 1].push_back(one.cells[i]);
    }
    const std::string table = render_table(rows);
    const std::size_t head_size = table.find('\n');
    return painted(table.substr(0, head_size), Paint::dim, look.has_colour) +
           table.substr(head_size);
}

std::string call_line(const json::value& call, const TimeZone& zone) {
    constexpr std::size_t number_columns = 12;
    constexpr std::size_t state_columns = 17;
    return time_of(call, {"first_event_at", "firstEventAt"}, zone) + "  " +
           padded(text_of(call, {"to"}), number_columns) + "  " +
           padded(outcome_of(call), state_columns) + "  " + text_of(call, {"id", "call_sid"}) +
           "\n";
}

std::string calls_csv_head() {
    std::string line;
    for (const char* const name : csv_columns)
        line += (line.empty() ? "" : ",") + std::string(name);
    return line + "\n";
}

std::string call_csv(const json::value& call, bool is_for_terminal) {
    std::string line;
    for (const char* const name : csv_columns) {
        const std::string text = text_member(call, {name});
        line += (name == csv_columns.front() ? "" : ",") +
                csv_cell(is_for_terminal ? terminal_text(text) : text);
    }
    return line + "\n";
}

}  // namespace wrapup
