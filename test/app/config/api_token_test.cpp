#include "app/config/api_token.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace wrapup {
namespace {

class ApiTokenFile : public testing::Test {
protected:
    ApiTokenFile() {
        std::string name = (std::filesystem::temp_directory_path() / "wrapup-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~ApiTokenFile() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& text) { std::ofstream(folder_ / "api_token") << text; }

    std::filesystem::path folder_;
};

TEST_F(ApiTokenFile, is_made_once_with_mode_0600) {
    const auto made = load_or_make_api_token(folder_);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_TRUE(made->is_new);
    EXPECT_EQ(made->token.size(), 64U);
    struct stat status {};
    ASSERT_EQ(stat((folder_ / "api_token").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);

    const auto again = load_or_make_api_token(folder_);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->is_new);
    EXPECT_EQ(again->token, made->token);
    EXPECT_EQ(*read_api_token(folder_), made->token);
}

TEST_F(ApiTokenFile, leaves_nothing_else_behind) {
    ASSERT_TRUE(load_or_make_api_token(folder_));
    const std::filesystem::directory_iterator files(folder_);
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(ApiTokenFile, two_installations_have_two_tokens) {
    const auto first = load_or_make_api_token(folder_);
    std::filesystem::remove(folder_ / "api_token");
    EXPECT_NE(load_or_make_api_token(folder_)->token, first->token);
}

TEST_F(ApiTokenFile, that_is_cut_short_is_refused_and_kept) {
    write("short\n");
    const auto token = load_or_make_api_token(folder_);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, Errc::invalid_input);
    EXPECT_EQ(token.error().detail, "api_token: is shorter than 16 characters");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "api_token"));
}

TEST_F(ApiTokenFile, is_missing) {
    EXPECT_EQ(read_api_token(folder_).error().code, Errc::not_found);
    EXPECT_EQ(load_or_make_api_token(folder_ / "nowhere").error().code, Errc::unavailable);
}

}  // namespace
}  // namespace wrapup
