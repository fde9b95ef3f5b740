#include "app/config/header_json.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(HeaderJson, reads_names_and_values) {
    const auto headers = parse_header_object(R"({"x-api-key": "k 1", "Authorization":"Bearer t"})");
    ASSERT_TRUE(headers) << headers.error().detail;
    EXPECT_EQ(*headers, (Headers{{"x-api-key", "k 1"}, {"Authorization", "Bearer t"}}));
    EXPECT_EQ(*parse_header_object("{}"), Headers{});
}

struct Row {
    const char* name;
    const char* text;
    const char* error;  // Part of it.

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr Row rows[] = {
    {"not_json", "x-api-key: s3cret", "is not a JSON object"},
    {"list", R"(["s3cret"])", "is not a JSON object"},
    {"text", R"("s3cret")", "is not a JSON object"},
    {"trailing", R"({"a":"s3cret"} x)", "is not a JSON object"},
    {"number", R"({"a":17})", "needs a string as the value of \"a\""},
    {"null_value", R"({"a":null})", "needs a string as the value of \"a\""},
    {"nested", R"({"a":{"b":"s3cret"}})", "needs a string"},
    {"empty_name", R"({"":"s3cret"})", "has a header name that HTTP does not allow"},
    {"blank_in_name", R"({"a b":"s3cret"})", "has a header name that HTTP does not allow"},
    {"colon_in_name", R"({"a:":"s3cret"})", "has a header name that HTTP does not allow"},
    {"newline_in_value", R"({"a":"s3cret\r\nb: c"})", "has a control character"},
    {"delete_in_value", R"({"a":"s3cret\u007f"})", "has a control character"},
    {"repeated", R"({"a":"s3cret","A":"s3cret"})", "names \"A\" twice"},
    {"our_own", R"({"Content-Type":"text/plain"})", "must not set \"Content-Type\""},
    {"our_key", R"({"idempotency-key":"s3cret"})", "must not set \"idempotency-key\""},
    {"our_signature", R"({"Webhook-Signature":"s3cret"})", "must not set"},
};

class BadHeaders : public testing::TestWithParam<Row> {};

TEST_P(BadHeaders, are_refused_without_quoting_a_value) {
    const auto headers = parse_header_object(GetParam().text);
    ASSERT_FALSE(headers);
    EXPECT_EQ(headers.error().code, Errc::invalid_input);
    EXPECT_NE(headers.error().detail.find(GetParam().error), std::string::npos)
        << headers.error().detail;
    EXPECT_EQ(headers.error().detail.find("s3cret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, BadHeaders, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace wrapup
