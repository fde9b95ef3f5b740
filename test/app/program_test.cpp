// The program itself, as a shell runs it: exit codes, and that `.env` and wrapup.toml are found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace wrapup {
namespace {

using testing::HasSubstr;

class Program : public testing::Test {
protected:
    Program() {
        std::string name = (std::filesystem::temp_directory_path() / "wrapup-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~Program() override { std::filesystem::remove_all(folder_); }

    void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    // In an empty environment, in the test's folder; both outputs.
    int run(const std::string& arguments, const std::string& variables = "") {
        const std::string command = "cd " + folder_.string() + " && env -i " + variables + " " +
                                    WRAPUP_BINARY + " " + arguments + " 2>&1";
        FILE* pipe = ::popen(command.c_str(), "r");
        EXPECT_NE(pipe, nullptr);
        output_.clear();
        char piece[1024];
        while (std::fgets(piece, sizeof piece, pipe) != nullptr) output_ += piece;
        const int status = ::pclose(pipe);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::filesystem::path folder_;
    std::string output_;
};

TEST_F(Program, says_its_version) {
    for (const char* asked : {"version", "--version"}) {
        EXPECT_EQ(run(asked), 0);
        EXPECT_THAT(output_, testing::MatchesRegex("wrapup [0-9]+\\.[0-9]+\\.[0-9]+\n"));
    }
}

// What a file that may not grow does to the MongoDB driver's shared memory.
TEST_F(Program, says_nothing_of_shared_memory_that_it_cannot_have) {
    EXPECT_EQ(run("version", "sh -c 'trap \"\" XFSZ; ulimit -f 0; exec \"$0\" \"$@\"'"), 0);
    EXPECT_THAT(output_, testing::MatchesRegex("wrapup [0-9.]+\n"));
}

TEST_F(Program, exits_2_on_wrong_usage_and_wrong_settings) {
    EXPECT_EQ(run(""), 2);
    EXPECT_EQ(run("nonsense"), 2);
    EXPECT_EQ(run("serve"), 2);
    EXPECT_EQ(run("serve", "ELEVENLABS_WEBHOOK_SECRET=w WRAPUP_LISTEN=x"), 2);
    EXPECT_EQ(output_,
              "wrapup: WRAPUP_LISTEN (environment) needs an address and a port "
              "(an example: 127.0.0.1:8080)\n");
}

TEST_F(Program, exits_2_when_nobody_answers) {
    EXPECT_EQ(run("calls", "WRAPUP_LISTEN=127.0.0.1:1 WRAPUP_API_TOKEN=0123456789abcdef"), 2);
    EXPECT_THAT(output_, HasSubstr("nobody answers at http://127.0.0.1:1"));
}

TEST_F(Program, doctor_reads_env_file_and_toml_and_exits_by_what_it_finds) {
    write(".env", "ELEVENLABS_WEBHOOK_SECRET=w\nWRAPUP_CONFIG=other.toml\n");
    write("other.toml", "WRAPUP_LOG = 'json'\n");
    EXPECT_EQ(run("doctor"), 0) << output_;
    EXPECT_THAT(output_, testing::ContainsRegex("WRAPUP_LOG +json +other.toml line 1"));
    write("other.toml", "WRAPUP_LOG = 'xml'\n");
    EXPECT_EQ(run("doctor"), 1);
    EXPECT_THAT(output_, HasSubstr("WRAPUP_LOG (other.toml line 1) is neither text nor json"));
}

TEST_F(Program, a_named_config_file_must_be_there) {
    EXPECT_EQ(run("serve", "ELEVENLABS_WEBHOOK_SECRET=w WRAPUP_CONFIG=none.toml"), 2);
    EXPECT_EQ(output_, "wrapup: WRAPUP_CONFIG: " + (folder_ / "none.toml").string() +
                           ": there is no such file\n");
}

TEST_F(Program, its_output_in_a_pipe_has_no_colour) {
    EXPECT_EQ(run("doctor", "ELEVENLABS_WEBHOOK_SECRET=w TERM=xterm"), 0) << output_;
    EXPECT_EQ(output_.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace wrapup
