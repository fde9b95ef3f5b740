#include "adapters/sqlite/failure_rows.hpp"

#include <sqlite3.h>

#include "core/store/failures.hpp"

namespace wrapup::sqlite {
namespace {

std::string text_of(sqlite3_value* value) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return text == nullptr ? std::string() : std::string(text, size);
}

void answer_with(sqlite3_context* context, const std::string& text) {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void tell_cause(sqlite3_context* context, int, sqlite3_value** values) {
    Attempt attempt;
    attempt.answer = text_of(values[0]);
    attempt.error = text_of(values[1]);
    answer_with(context, cause_of(attempt));
}

void tell_fingerprint(sqlite3_context* context, int, sqlite3_value** values) {
    Attempt attempt;
    const auto outcome = parse_attempt_outcome(text_of(values[1]));
    if (!outcome) return sqlite3_result_error(context, "an unknown word in a column", -1);
    attempt.outcome = *outcome;
    attempt.http_status = sqlite3_value_int(values[2]);
    attempt.answer = text_of(values[3]);
    attempt.error = text_of(values[4]);
    answer_with(context, fingerprint_of(text_of(values[0]), attempt));
}

}  // namespace

void add_failure_functions(Connection& connection) {
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int code = sqlite3_create_function_v2(connection.handle(), "wrapup_cause", 2, flags, nullptr,
                                          tell_cause, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) {
        code = sqlite3_create_function_v2(connection.handle(), "wrapup_fingerprint", 5, flags,
                                          nullptr, tell_fingerprint, nullptr, nullptr, nullptr);
    }
    if (code != SQLITE_OK) connection.fail(code);
}

}  // namespace wrapup::sqlite
