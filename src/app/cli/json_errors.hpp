#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace wrapup {

// How an error begins on a terminal.
constexpr std::string_view complaint_prefix = "wrapup: ";

// A problem document (RFC 9457) and a line feed.
std::string problem_line(std::string_view detail);

// For --json: errors ("wrapup: …") go through as problem_line(), everything else as it is; a
// server's own problem document too, with what a terminal acts on escaped.
class JsonErrors final : public std::streambuf {
public:
    explicit JsonErrors(std::ostream& behind) : behind_(behind) {}
    ~JsonErrors() override;

protected:
    int_type overflow(int_type next) override;
    int sync() override;

private:
    void pass_line();

    std::ostream& behind_;
    std::string line_;  // What there is of it so far.
};

// For documents: they go through line by line as terminal_json().
class JsonOutput final : public std::streambuf {
public:
    explicit JsonOutput(std::ostream& behind) : behind_(behind) {}
    ~JsonOutput() override;

protected:
    int_type overflow(int_type next) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

private:
    // Of what there is, the first so many bytes.
    bool pass(std::size_t size);

    std::ostream& behind_;
    std::string text_;  // The beginning of a line.
};

}  // namespace wrapup
