#include "app/config/env_writer.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/config/env_file.hpp"
#include "app/demo/demo_folder.hpp"

namespace wrapup {
namespace {

std::string value_in(const std::string& text, const std::string& name) {
    std::string value;
    for (const EnvEntry& entry : parse_env_file(text).entries) {
        if (entry.name == name) value = entry.value;
    }
    return value;
}

TEST(EnvWriter, changes_its_lines_and_no_other) {
    const std::string text =
        "# ours\nA=1\nexport B='2'\nC=\"two\nlines\"\nnot a line\nA=3\r\nLAST=x";
    EXPECT_EQ(with_env_values(text, {{"A", "4"}, {"B", "5"}, {"D", "6"}}),
              "# ours\nA=1\nexport B=5\nC=\"two\nlines\"\nnot a line\nA=4\r\nLAST=x\nD=6\n");
    EXPECT_EQ(with_env_values(text, {{"C", "one"}}),
              "# ours\nA=1\nexport B='2'\nC=one\nnot a line\nA=3\r\nLAST=x");
}

TEST(EnvWriter, keeps_a_line_whose_value_stays) {
    const std::string text =
        "export A=\"v\"\r\nB='v' # prod\r\n  C = v\t# c\r\nD=\"two\r\nlines\"\r\nE=\"\" \r\nLAST=x";
    EXPECT_EQ(
        with_env_values(
            text,
            {{"A", "v"}, {"B", "v"}, {"C", "v"}, {"D", "two\nlines"}, {"E", ""}, {"LAST", "x"}}),
        text);
}

TEST(EnvWriter, changes_a_value_and_nothing_around_it) {
    struct Row {
        const char* before;
        const char* value;
        const char* after;
    };
    const Row rows[] = {
        {"export A=\"v\"\n", "w", "export A=w\n"},
        {"A='v' # prod\n", "w x", "A='w x' # prod\n"},
        {"\texport  A = v #1 # 2\n", "w", "\texport  A = w #1 # 2\n"},
        {"A='v # no' # yes\n", "w", "A=w # yes\n"},
        {"A=v#1\n", "w", "A=w\n"},
        {"A= # none\n", "w", "A=w # none\n"},
        {"A=# none\n", "w", "A=w # none\n"},
        {"A='' # none\n", "w", "A=w # none\n"},
        {"A=\n", "w", "A=w\n"},
        {"A=v", "w", "A=w"},
        {"A=v # c\n", "", "A= # c\n"},
        {"A=v # c\n", "a&b", "A='a&b' # c\n"},
        {"A=\"{\"x\":\"#\"}\"\n", "w", "A=w\n"},
        {"A=\"two\nlines\" # c\nB=1\n", "w", "A=w # c\nB=1\n"},
        {"A=v\r\nB=1\r\n", "w", "A=w\r\nB=1\r\n"},
        {"B=1\r\nC=2", "w", "B=1\r\nC=2\r\nA=w\r\n"},
        {"\xef\xbb\xbf"
         "A=v\n",
         "w",
         "\xef\xbb\xbf"
         "A=w\n"},
    };
    for (const Row& row : rows) {
        const std::string after = with_env_values(row.before, {{"A", row.value}});
        EXPECT_EQ(after, row.after);
        EXPECT_EQ(value_in(after, "A"), row.value) << after;
    }
}

TEST(EnvWriter, writes_what_is_read_again) {
    for (const char* value :
         {"", "plain", "a b", "#no comment", "it's", "say \"$HOME\" \\n", "'\"`$",
          "{\"a\":\"b c\"}", "https://u:p@h/x?y=1&z=2", "two\nlines'", "=", " blanks "}) {
        const std::string text = with_env_values("X=1\n", {{"X", value}, {"Y", value}});
        EXPECT_EQ(value_in(text, "X"), value) << text;
        EXPECT_EQ(value_in(text, "Y"), value) << text;
        EXPECT_EQ(with_env_values(text, {{"X", "1"}, {"Y", "1"}}), "X=1\nY=1\n") << text;
    }
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777U;
}

TEST(EnvWriter, closes_the_file_to_others) {
    const DemoFolder folder("wrapup-env");
    const auto path = folder.path() / ".env";
    ASSERT_TRUE(write_private_file(path, "A=1\n"));
    EXPECT_EQ(text_of(path), "A=1\n");
    EXPECT_EQ(mode_of(path), 0600U);
    // A group that was chosen goes on to read it, but not the group of what all could read.
    for (const auto& [before, after] : {std::pair{0640, 0640U}, {0644, 0600U}, {0666, 0600U}}) {
        ASSERT_EQ(::chmod(path.c_str(), static_cast<mode_t>(before)), 0);
        ASSERT_TRUE(write_private_file(path, "A=2\n"));
        EXPECT_EQ(mode_of(path), after) << before;
    }
    if (::geteuid() == 0) {
        // Root makes it in the folder of a service.
        const auto service = folder.path() / "service";
        std::filesystem::create_directory(service);
        ASSERT_EQ(::chown(service.c_str(), 0, 4711), 0);
        for (const auto& [folder_mode, file_mode] : {std::pair{0750, 0640U}, {0755, 0600U}}) {
            ASSERT_EQ(::chmod(service.c_str(), static_cast<mode_t>(folder_mode)), 0);
            ASSERT_TRUE(write_private_file(service / ".env", "A=1\n"));
            EXPECT_EQ(mode_of(service / ".env"), file_mode) << folder_mode;
            ASSERT_EQ(::chmod((service / ".env").c_str(), 0644), 0);
            ASSERT_TRUE(write_private_file(service / ".env", "A=2\n"));
            EXPECT_EQ(mode_of(service / ".env"), file_mode) << folder_mode;
            std::filesystem::remove(service / ".env");
        }
        std::filesystem::remove_all(service);
    }
    const auto link = folder.path() / "link";
    std::filesystem::create_symlink(path, link);
    ASSERT_TRUE(write_private_file(link, "A=3\n"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(text_of(path), "A=3\n");
    EXPECT_FALSE(write_private_file(folder.path() / "none" / ".env", ""));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

}  // namespace
}  // namespace wrapup
