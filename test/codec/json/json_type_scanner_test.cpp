#include "codec/json/json_type_scanner.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using Type = std::optional<std::string>;

Type scan_whole(std::string_view json) {
    JsonTypeScanner scanner;
    scanner.feed(json);
    return scanner.type();
}

Type scan_bytewise(std::string_view json) {
    JsonTypeScanner scanner;
    for (const char& byte : json) scanner.feed(std::string_view(&byte, 1));
    return scanner.type();
}

struct Row {
    std::string_view json;
    Type type;
};

TEST(JsonTypeScanner, finds_the_top_level_type) {
    const Row rows[] = {
        {R"({"type":"a"})", "a"},
        {R"( { "type" : "a b" , "data":{}})", "a b"},
        {R"({"data":{"type":"inner"},"type":"outer"})", "outer"},
        {R"({"list":[{"type":"inner"},"type"],"type":"outer"})", "outer"},
        {R"({"n":1,"t":true,"x":null,"d":-1.5e3,"type":"a"})", "a"},
        {R"({"kind":"type","type":"a"})", "a"},
        {R"({"s":"a\"}\\","type":"a"})", "a"},
        {R"({"data":{"s":"}]\"{"},"type":"a"})", "a"},
        {R"({"type":"first","type":"second"})", "first"},
        {R"({"type":1,"type":"second"})", "second"},
        {R"({"type":{"type":"inner"}})", {}},
        {R"({"t\u0079pe":"\u0061\n\u00eb"})", "a\n?"},
        {R"({"type":""})", ""},
        {R"({"type":"cut off)", {}},
        {R"({"type":"cut off\"})", {}},
        {R"({"Type":"a"})", {}},
        {R"([{"type":"a"}])", {}},
        {R"("type":"a")", {}},
        {R"({}{"type":"a"})", {}},
        {R"({"a":{},"b":[1,2]} "type":"a")", {}},
        {R"({type:"a"})", {}},
        {R"({"n":NaN,"m":[-Infinity],"type":"a"})", "a"},
        {"\xEF\xBB\xBF{\"type\":\"a\"}", "a"},
        {"\xEF\xBB{\"type\":\"a\"}", {}},
        {" \xEF\xBB\xBF{\"type\":\"a\"}", {}},
        {R"({"a" "type":"a"})", {}},
        {"", {}},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(scan_whole(row.json), row.type) << row.json;
        EXPECT_EQ(scan_bytewise(row.json), row.type) << row.json;
    }
}

TEST(JsonTypeScanner, knows_the_type_as_soon_as_it_was_said) {
    JsonTypeScanner scanner;
    scanner.feed(R"({"type": "post_call_audi)");
    EXPECT_EQ(scanner.type(), std::nullopt);
    scanner.feed(R"(o", "data": {"full_audio": ")");
    EXPECT_EQ(scanner.type(), "post_call_audio");
}

TEST(JsonTypeScanner, keeps_little_of_endless_texts) {
    const std::string endless(1000000, 'x');
    EXPECT_EQ(scan_whole(R"({")" + endless + R"(":1,"type":"a"})"), "a");
    EXPECT_EQ(scan_whole(R"({"type":")" + endless + R"("})").value().size(), 256U);
    EXPECT_EQ(scan_whole(R"({"a":)" + std::string(1000000, '[')), std::nullopt);
}

}  // namespace
}  // namespace wrapup
