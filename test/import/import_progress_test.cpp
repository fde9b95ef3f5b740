#include "import/import_progress.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(ImportProgress, is_read_back_by_its_own_import_only) {
    const ImportProgress progress{{1234, 56}, "", 55, 40, 10, 5};
    const std::string text = encode(progress, "a file \xff");
    EXPECT_EQ(decode_import_progress(text, "a file \xff"), progress);
    EXPECT_FALSE(decode_import_progress(text, "another file"));

    ImportProgress page;
    page.token = R"(1 0 {"$oid":"5f"})";
    EXPECT_EQ(decode_import_progress(encode(page, "b"), "b"), page);
}

TEST(ImportProgress, that_leads_nowhere_is_none) {
    EXPECT_FALSE(decode_import_progress(encode(ImportProgress{}, "a"), "a"));
    for (const char* text : {"", "[]", "{}", "{\"offset\":7,\"line\":2}"}) {
        EXPECT_FALSE(decode_import_progress(text, "a")) << text;
    }
}

}  // namespace
}  // namespace wrapup
