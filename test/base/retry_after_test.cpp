#include "base/retry_after.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace wrapup {
namespace {

const UtcTime now = *parse_rfc3339("2026-03-01T12:00:00.500Z");

struct Row {
    const char* name;
    const char* value;
    int wait_s;  // -1: nothing.

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr Row rows[] = {
    {"seconds", "120", 120},
    {"spaces_around", " 7 ", 7},
    {"zero", "0", 0},
    {"a_day_at_most", "86401", 86'400},
    {"more_digits_than_fit", "99999999999999999999999", 86'400},
    {"date", "Sun, 01 Mar 2026 12:01:00 GMT", 60},
    {"date_in_the_past", "Sun, 01 Mar 2026 11:00:00 GMT", 0},
    {"date_far_away", "Sun, 01 Mar 2099 11:00:00 GMT", 86'400},
    {"empty", "", -1},
    {"negative", "-5", -1},
    {"fraction", "1.5", -1},
    {"words", "soon", -1},
};

struct RetryAfter : testing::TestWithParam<Row> {};

TEST_P(RetryAfter, reads) {
    const auto wait = parse_retry_after(GetParam().value, now);
    EXPECT_EQ(wait ? wait->count() : -1, GetParam().wait_s);
}

INSTANTIATE_TEST_SUITE_P(Table, RetryAfter, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

}  // namespace
}  // namespace wrapup
