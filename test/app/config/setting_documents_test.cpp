// .env.example and the reference in docs/operations.md are what the table of settings says.
// WRAPUP_TEST_WRITE=1 writes them anew.

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/config/env_file.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/settings.hpp"

namespace wrapup {
namespace {

constexpr const char* example_path = ".env.example";  // Tests run in the project's folder.
constexpr const char* reference_path = "docs/operations.md";

std::string read_file(const char* path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void expect_file(const char* path, const std::string& text) {
    if (std::getenv("WRAPUP_TEST_WRITE") != nullptr) std::ofstream(path) << text;
    EXPECT_EQ(read_file(path), text)
        << path << " does not say what the table of settings says; WRAPUP_TEST_WRITE=1 writes it";
}

bool is_dotted(const SettingRow& row) { return row.name.find('.') != std::string::npos; }

// Without the marks of code, in comment lines of at most 100 columns.
std::string comment(std::string_view text) {
    std::string lines;
    std::string line = "#";
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        std::erase(word, '`');
        if (line.size() + 1 + word.size() > 100) lines += std::exchange(line, "#") + "\n";
        line += " " + word;
    }
    return lines + line + "\n";
}

std::string example_of(const SettingRow& row) {
    if (row.is_to_fill_in) return row.name + "=\n";
    std::string value = row.example;
    if (row.otherwise.is_value) value = row.otherwise.text;
    return "#" + row.name + "=" + value + "\n";
}

std::string example_text() {
    std::string text =
        "# Copy to .env and fill in. What is commented out shows its default, or an example.\n"
        "# The environment wins over this file, this file over wrapup.toml. `wrapup doctor` shows "
        "what counts.\n";
    std::string section;
    for (const SettingRow& row : setting_table()) {
        if (is_dotted(row) || !row.read) continue;
        if (section != row.section) {
            section = row.section;
            const std::string title = "# --- " + section + " ";
            text += "\n" + title + std::string(101 - title.size(), '-') + "\n";
        }
        std::string about = row.about;
        about.front() = static_cast<char>(std::toupper(about.front()));
        if (!row.otherwise.is_value && !row.otherwise.text.empty()) {
            about += ". Empty: " + row.otherwise.text;
        }
        if (!row.page.empty()) about += " (docs/" + row.page + ")";
        text += comment(about) + example_of(row);
    }
    return text;
}

std::string reference_row(const SettingRow& row) {
    std::string otherwise = row.otherwise.text;
    if (row.otherwise.is_value) otherwise = "`" + otherwise + "`";
    std::string about = row.about;
    if (!row.page.empty()) about += " ([" + row.page + "](" + row.page + "))";
    if (row.kind == SettingKind::secret) about += "; secret";
    if (!row.read) {
        about += "; not built yet, and refused";
        if (!row.off.empty()) about += " unless `" + row.off + "`";
    }
    return "| `" + name_of(row, "NAME") + "` |" + (otherwise.empty() ? "" : " " + otherwise) +
           " | " + about + " |\n";
}

constexpr std::string_view head = "| name | default | meaning |\n|---|---|---|\n";

std::string reference_table() {
    std::string text(head);
    for (const SettingRow& row : setting_table()) text += reference_row(row);
    return text;
}

TEST(SettingDocuments, the_example_is_what_the_table_says) {
    expect_file(example_path, example_text());
}

TEST(SettingDocuments, the_reference_is_what_the_table_says) {
    std::string document = read_file(reference_path);
    const std::size_t from = document.find(head);
    ASSERT_NE(from, std::string::npos);
    const std::size_t to = document.find("\n\n", from) + 1;
    document.replace(from, to - from, reference_table());
    expect_file(reference_path, document);
}

TEST(SettingDocuments, every_setting_says_what_it_is_for) {
    for (const SettingRow& row : setting_table()) {
        EXPECT_NE(row.about, "") << row.name;
        EXPECT_EQ(row.about.find('|'), std::string::npos) << row.name;
        if (row.page.empty()) continue;
        EXPECT_NE(read_file(("docs/" + row.page).c_str()), "") << row.page;
    }
}

TEST(SettingDocuments, the_example_copied_as_it_is_asks_only_for_a_sender) {
    SettingsInput input;
    input.env_file = read_file(example_path);
    const auto inspected = inspect_settings(input);
    ASSERT_EQ(inspected.problems.size(), 1U);
    EXPECT_EQ(inspected.problems.front().name, "TWILIO_ACCOUNT_SID");
}

// A default that is said is the one that counts when nothing is.
TEST(SettingDocuments, every_value_in_the_example_is_accepted) {
    for (const SettingRow& row : setting_table()) {
        if (is_dotted(row) || !row.read) continue;
        const std::string value = row.otherwise.is_value ? row.otherwise.text : row.example;
        SettingsInput input;
        input.environment = {{"ELEVENLABS_WEBHOOK_SECRET", "wsec_1"}};
        if (!value.empty()) input.environment[row.name] = value;
        for (const auto& problem : inspect_settings(input).problems) {
            EXPECT_NE(problem.name, row.name) << problem.text;
        }
    }
}

}  // namespace
}  // namespace wrapup
