// .env.example is what a new user starts from: it names settings that exist, and copied as it is it
// fails on nothing but what it leaves open.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "app/config/env_file.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/settings.hpp"

namespace wrapup {
namespace {

std::string example() {
    std::ifstream file(".env.example");  // Tests run in the project's folder.
    EXPECT_TRUE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// What is commented out, without the comment sign.
std::string uncommented(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
        result += (is_setting ? line.substr(1) : line) + "\n";
    }
    return result;
}

TEST(EnvExample, names_only_settings_that_exist) {
    const EnvFile file = parse_env_file(uncommented(example()));
    EXPECT_EQ(file.faults, std::vector<EnvFault>{});
    EXPECT_GT(file.entries.size(), 20U);
    for (const auto& entry : file.entries)
        EXPECT_NE(find_setting(entry.name), nullptr) << entry.name;
}

TEST(EnvExample, asks_only_for_a_sender_when_copied_as_it_is) {
    SettingsInput input;
    input.env_file = example();
    const auto inspected = inspect_settings(input);
    ASSERT_EQ(inspected.problems.size(), 1U);
    EXPECT_EQ(inspected.problems.front().name, "TWILIO_ACCOUNT_SID");
}

// Whoever adds a setting tells people of it.
TEST(EnvExample, and_the_reference_name_every_setting) {
    std::ifstream file("docs/operations.md");
    std::ostringstream reference;
    reference << file.rdbuf();
    for (const SettingRow& row : setting_table()) {
        const std::string name(row.name);
        if (name.find('.') != std::string::npos) continue;
        EXPECT_NE(reference.str().find("`" + name + "`"), std::string::npos) << name;
        if (why_not_built(name, "x")) continue;
        EXPECT_NE(uncommented(example()).find("\n" + name + "="), std::string::npos) << name;
    }
}

// A default that is a value, not a sentence about one.
bool is_value(std::string_view shown) {
    return !shown.empty() && shown.find(' ') == std::string_view::npos;
}

TEST(EnvExample, and_the_reference_show_the_defaults_of_the_table) {
    std::ifstream reference("docs/operations.md");
    std::map<std::string, std::string> described;
    for (std::string line; std::getline(reference, line);) {
        for (const SettingRow& row : setting_table()) {
            const std::string name = "`" + std::string(row.name) + "`";
            const std::size_t at = line.starts_with("| ") ? line.find(name) : std::string::npos;
            if (at < line.find(" | ")) described.emplace(row.name, line);
        }
    }
    for (const SettingRow& row : setting_table()) {
        const std::string name(row.name);
        const std::string shown(row.default_shown);
        if (!is_value(shown) || name.find('.') != std::string::npos) continue;
        if (why_not_built(name, "x")) continue;
        EXPECT_NE(described[name].find("`" + shown + "`"), std::string::npos) << name;
        EXPECT_NE(example().find("\n#" + name + "=" + shown + "\n"), std::string::npos) << name;
        SettingsInput input;
        input.environment = {{name, shown}};
        for (const auto& problem : inspect_settings(input).problems) {
            EXPECT_NE(problem.name, name) << problem.text;
        }
    }
}

}  // namespace
}  // namespace wrapup
