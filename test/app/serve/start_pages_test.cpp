#include "app/serve/start_pages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace wrapup {
namespace {

// Of files, in KiB.
long resident_of_files() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
    }
    return -1;
}

constexpr std::string_view words = "constants come back from the file";
int written = 41;

TEST(StartPages, what_only_the_start_needed_is_let_go_and_everything_goes_on) {
    std::ostringstream first;
    first << words << ++written;
    const long before = resident_of_files();
    drop_start_pages();
    const long after = resident_of_files();
    std::ostringstream second;
    second << words << written;
    EXPECT_EQ(second.str(), first.str());
    EXPECT_GT(before, 0);
    EXPECT_LT(after, before * 3 / 4);
}

}  // namespace
}  // namespace wrapup
