#include "app/doctor/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/store.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;
using Level = Finding::Level;

class Doctor : public testing::Test {
protected:
    Doctor() {
        std::string name = (std::filesystem::temp_directory_path() / "wrapup-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        input_.environment = {
            {"WRAPUP_DATA_DIR", folder_.string()},
            {"ELEVENLABS_WEBHOOK_SECRET", "s3cret1"},
            {"ELEVENLABS_API_KEY", "s3cret2"},
            {"CRM_WEBHOOK_URL", "https://u:s3cret3@crm.example/s3cret9?k=s3cret4"},
            {"CRM_WEBHOOK_HEADERS", R"({"x-api-key":"s3cret5"})"}};
    }
    ~Doctor() override { std::filesystem::remove_all(folder_); }

    Diagnosis examine() const { return diagnose(inspect_settings(input_)); }
    std::string text() const { return render_diagnosis(examine(), false); }

    static bool has(const Diagnosis& diagnosis, Level level, std::string_view part) {
        return std::any_of(
            diagnosis.findings.begin(), diagnosis.findings.end(), [&](auto& finding) {
                return finding.level == level && finding.text.find(part) != std::string::npos;
            });
    }

    std::filesystem::path folder_;
    SettingsInput input_;
};

TEST_F(Doctor, finds_a_new_installation_well) {
    const Diagnosis diagnosis = examine();
    EXPECT_TRUE(diagnosis.is_well()) << text();
    EXPECT_TRUE(has(diagnosis, Level::good, "/webhooks/elevenlabs is open"));
    EXPECT_TRUE(
        has(diagnosis, Level::note, "/call-status-callback and /amd-status-callback are clo"));
    EXPECT_TRUE(has(diagnosis, Level::good, "is writable"));
    EXPECT_TRUE(has(diagnosis, Level::good, "there is no store yet"));
    EXPECT_THAT(text(), HasSubstr("Nothing is wrong: start it with `wrapup serve`."));
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Doctor, never_prints_a_secret) {
    std::ofstream(folder_ / "api_token") << "s3cret6s3cret6s3cret6";
    input_.env_file = "TWILIO_AUTH_TOKEN=s3cret7\nMONGODB_URI=mongodb://s3cret8\nPORT=x\n";
    EXPECT_THAT(text(), Not(HasSubstr("s3cret")));
    EXPECT_THAT(diagnosis_json(examine()), Not(HasSubstr("s3cret")));
    EXPECT_THAT(text(), HasSubstr("append the name of the"));
    input_.env_file = "s3cret";
    EXPECT_THAT(text(), Not(HasSubstr("s3cret")));
}

TEST_F(Doctor, tells_all_wrong_settings) {
    input_.environment["PORT"] = "x";
    input_.environment["WRAPUP_LOG"] = "y";
    const Diagnosis diagnosis = examine();
    EXPECT_FALSE(diagnosis.is_well());
    EXPECT_TRUE(has(diagnosis, Level::broken, "PORT (environment) is not a port"));
    EXPECT_TRUE(has(diagnosis, Level::broken, "WRAPUP_LOG (environment)"));
    EXPECT_THAT(diagnosis_json(diagnosis), HasSubstr(R"("ok":false)"));
}

TEST_F(Doctor, shows_settings_with_their_source) {
    const std::string shown = text();
    EXPECT_THAT(shown,
                testing::ContainsRegex("CRM_WEBHOOK_URL +https://•••@crm.example/•••\\?•••"));
    EXPECT_THAT(shown, testing::ContainsRegex("ELEVENLABS_API_KEY +•••••• +environment"));
    EXPECT_THAT(shown, Not(HasSubstr("WRAPUP_SUMMARY_WAIT")));
    const std::string all = render_diagnosis(examine(), false, true);
    EXPECT_THAT(all, testing::ContainsRegex("WRAPUP_SUMMARY_WAIT +180s +default"));
}

TEST_F(Doctor, begins_with_whether_it_runs_and_with_what_is_broken) {
    Diagnosis diagnosis;
    diagnosis.is_running = true;
    diagnosis.findings = {{Level::good, "fine", ""}, {Level::broken, "bad", "mend it"}};
    const std::string text = render_diagnosis(diagnosis, false);
    EXPECT_THAT(text, testing::StartsWith("wrapup runs, and needs a person"));
    EXPECT_LT(text.find("bad"), text.find("fine"));
    EXPECT_LT(text.find("fine"), text.find("Settings"));
}

TEST_F(Doctor, does_not_call_well_what_fails) {
    Diagnosis diagnosis;
    diagnosis.is_running = true;
    EXPECT_THAT(render_diagnosis(diagnosis, false),
                testing::StartsWith("wrapup runs, and nothing is wrong.\n"));
    diagnosis.is_failing = true;
    EXPECT_THAT(render_diagnosis(diagnosis, false),
                testing::StartsWith("wrapup runs, and not all goes well: see the notes.\n"));
}

TEST_F(Doctor, ends_what_it_advises_of_settings_with_a_restart_where_one_runs) {
    Diagnosis diagnosis;
    diagnosis.findings = {{Level::broken, "a", "mend it", true}, {Level::broken, "b", "mend it"}};
    diagnosis.advise_restart();
    EXPECT_EQ(diagnosis.findings[0].advice, "mend it");
    diagnosis.is_running = true;
    diagnosis.advise_restart();
    EXPECT_EQ(diagnosis.findings[0].advice, "mend it; then restart wrapup");
    EXPECT_EQ(diagnosis.findings[1].advice, "mend it");
}

TEST(DoctorOutside, judges_what_whoever_is_outside_gets) {
    ProbeAnswer answer;
    answer.end = ProbeEnd::connected;
    answer.status = 200;
    answer.body = "ok\n";
    const auto level = [&answer] { return judge_outside(answer, "127.0.0.1:8080").level; };
    EXPECT_EQ(level(), Level::good);
    const auto text = [&answer] { return judge_outside(answer, "127.0.0.1:8080").text; };
    EXPECT_EQ(text(), "SERVER_URL leads to a wrapup that runs");
    answer.answered_after = milliseconds{3};
    EXPECT_EQ(text(), "SERVER_URL leads to a wrapup that runs (3ms)");
    answer.body = "<html>";
    EXPECT_EQ(level(), Level::note);
    for (const int status : {301, 502, 504}) {
        answer.status = status;
        EXPECT_EQ(level(), Level::broken) << status;
    }
    answer.status = 0;
    answer.end = ProbeEnd::untrusted;
    EXPECT_EQ(level(), Level::broken);
    answer.end = ProbeEnd::unresolved;
    EXPECT_EQ(level(), Level::note);
}

TEST_F(Doctor, shows_of_a_target_no_more_than_its_host) {
    EXPECT_TRUE(has(examine(), Level::good, "records go to https://•••@crm.example/•••?•••"));
}

TEST_F(Doctor, tells_lines_of_env_that_are_left_out) {
    input_.env_file = "MY_FLAG\nnext.public-key=1\n";
    const Diagnosis diagnosis = examine();
    EXPECT_TRUE(diagnosis.is_well());
    EXPECT_TRUE(has(diagnosis, Level::note, ".env line 1: expected KEY=VALUE"));
    EXPECT_TRUE(has(diagnosis, Level::note, ".env line 2: the name before '=' is not one"));
}

TEST_F(Doctor, minds_an_env_file_that_others_can_read) {
    input_.cwd = folder_;
    input_.env_file = "";
    std::ofstream(folder_ / ".env") << "";
    ::chmod((folder_ / ".env").c_str(), 0666);
    EXPECT_TRUE(has(examine(), Level::note, ".env (0666) is open to other users")) << text();
    ::chmod((folder_ / ".env").c_str(), 0600);
    EXPECT_FALSE(has(examine(), Level::note, "is open to other users"));
}

TEST_F(Doctor, says_that_nobody_told_names_and_campaigns) {
    constexpr const char* words = "every record says Unknown and Outbound Call";
    EXPECT_TRUE(has(examine(), Level::note, words)) << text();
    const auto path = store_path(inspect_settings(input_).settings);
    {
        const auto store = SqliteStore::open({.path = path.string(), .pages_max = 0});
        ASSERT_TRUE(store);
    }
    EXPECT_TRUE(has(examine(), Level::note, words)) << text();
    {
        const auto lock = DataFolderLock::acquire(folder_.string());
        ASSERT_TRUE(lock);
        EXPECT_TRUE(has(examine(), Level::note, words)) << text();
    }
    {
        const auto store = SqliteStore::open({.path = path.string(), .pages_max = 0});
        ASSERT_TRUE(store);
        const std::vector<StoreOp> ops{PutContact{{"+61413052898", "Ann"}}};
        ASSERT_TRUE((*store)->commit(ops, UtcTime{}));
    }
    EXPECT_FALSE(has(examine(), Level::note, words)) << text();
    EXPECT_TRUE(has(examine(), Level::good, "names and campaigns were handed over"));
    std::filesystem::remove(path);
    input_.environment["MONGODB_URI"] = "mongodb://127.0.0.1/dialler";
    EXPECT_FALSE(has(examine(), Level::note, words)) << text();
}

TEST_F(Doctor, minds_a_country_that_is_none) {
    input_.environment["WRAPUP_COUNTRY"] = "XX";
    EXPECT_TRUE(has(examine(), Level::broken, "is not the two letters of a country, such as AU"));
    input_.environment["WRAPUP_COUNTRY"] = "au";
    EXPECT_TRUE(examine().is_well()) << text();
}

TEST_F(Doctor, minds_a_token_that_others_can_read) {
    std::ofstream(folder_ / "api_token") << "0123456789abcdef0123456789abcdef";
    ::chmod((folder_ / "api_token").c_str(), 0644);
    EXPECT_TRUE(has(examine(), Level::broken, "can be read by others"));
    ::chmod((folder_ / "api_token").c_str(), 0600);
    EXPECT_TRUE(examine().is_well());
}

TEST_F(Doctor, minds_a_folder_that_is_open_or_none) {
    ::chmod(folder_.c_str(), 0755);
    EXPECT_TRUE(has(examine(), Level::note, " (0755) is open to other users"));
    std::ofstream(folder_ / "file") << "x";
    input_.environment["WRAPUP_DATA_DIR"] = (folder_ / "file").string();
    EXPECT_TRUE(has(examine(), Level::broken, "is not a folder"));
    input_.environment["WRAPUP_DATA_DIR"] = (folder_ / "not" / "yet").string();
    EXPECT_TRUE(has(examine(), Level::good, "is not there yet"));
}

TEST_F(Doctor, opens_the_store_and_finds_it_intact) {
    const auto path = store_path(inspect_settings(input_).settings);
    ASSERT_TRUE(SqliteStore::open({.path = path.string(), .pages_max = 0}));
    EXPECT_TRUE(has(examine(), Level::good, "the store is intact")) << text();
}

TEST_F(Doctor, names_a_store_that_is_none_and_leaves_it) {
    const auto path = store_path(inspect_settings(input_).settings);
    const std::string garbage(8192, 'x');
    std::ofstream(path) << garbage;
    const Diagnosis diagnosis = examine();
    EXPECT_FALSE(diagnosis.is_well());
    EXPECT_TRUE(has(diagnosis, Level::broken, "the store cannot be used: ")) << text();
    EXPECT_THAT(text(), HasSubstr(path.filename().string()));
    EXPECT_EQ(std::filesystem::file_size(path), garbage.size());
}

TEST_F(Doctor, leaves_the_store_of_a_running_server_alone) {
    const auto path = store_path(inspect_settings(input_).settings);
    ASSERT_TRUE(SqliteStore::open({.path = path.string(), .pages_max = 0}));
    // flock() belongs to the open file: a second one in this process is refused too.
    const auto lock = DataFolderLock::acquire(folder_.string());
    ASSERT_TRUE(lock);
    EXPECT_TRUE(has(examine(), Level::good, "in use by a running wrapup")) << text();
}

TEST_F(Doctor, shouts_about_unsigned_senders) {
    input_.environment["WRAPUP_ALLOW_UNSIGNED"] = "twilio,elevenlabs";
    EXPECT_TRUE(has(examine(), Level::note, "UNSIGNED requests are believed to come from Twilio"));
    EXPECT_TRUE(has(examine(), Level::note, "UNSIGNED requests are believed to come from Eleven"));
}

}  // namespace
}  // namespace wrapup
