#include "codec/bytes/form.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using namespace std::string_literals;

struct Row {
    std::string_view body;
    Form form;
};

TEST(Form, parses) {
    const Row rows[] = {
        {"", {}},
        {"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
        {"a=&b", {{"a", ""}, {"b", ""}}},
        {"a=1&a=2", {{"a", "1"}, {"a", "2"}}},
        {"a=x=y", {{"a", "x=y"}}},
        {"=v", {{"", "v"}}},
        {"From=%2B15005550006&C=SAN+FRANCISCO", {{"From", "+15005550006"}, {"C", "SAN FRANCISCO"}}},
        {"Name=Zo%C3%AB%20%26+Co", {{"Name", "Zoë & Co"}}},
        {"a%3db=%3D", {{"a=b", "="}}},
        {"n=%00%ff", {{"n", "\0\xff"s}}},
        {" a = b ", {{" a ", " b "}}},
    };
    for (const Row& row : rows) {
        const auto form = parse_form(row.body);
        ASSERT_TRUE(form) << row.body;
        EXPECT_EQ(*form, row.form) << row.body;
    }
}

TEST(Form, refuses_broken_escapes) {
    for (const char* body : {"a=%", "a=%4", "a=%zz", "a=%2", "%=1", "a=1&b=%g0"}) {
        const auto form = parse_form(body);
        ASSERT_FALSE(form) << body;
        EXPECT_EQ(form.error().code, Errc::invalid_input);
    }
}

TEST(Form, bounds_the_number_of_fields) {
    std::string body;
    for (int i = 0; i < 1000; ++i) body += "a&";
    EXPECT_EQ(parse_form(body).value().size(), 1000U);
    EXPECT_FALSE(parse_form(body + "a"));
}

TEST(Form, the_first_of_a_repeated_name_counts) {
    const Form form = {{"a", "1"}, {"b", ""}, {"a", "2"}};
    EXPECT_EQ(form_value(form, "a"), "1");
    EXPECT_EQ(form_value(form, "b"), "");
    EXPECT_EQ(form_value(form, "A"), "");
}

TEST(Form, what_is_rendered_is_read_back) {
    const Form form = {{"To", "+1 415"}, {"q", "a&b=c%d"}, {"n", "\0\xff\n"s}, {"", ""}};
    EXPECT_EQ(render_form({{"To", "+1 4~"}}), "To=%2B1+4%7E");
    EXPECT_EQ(parse_form(render_form(form)), Result<Form>(form));
}

}  // namespace
}  // namespace wrapup
