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

// For --json: errors ("wrapup: …") go through as problem_line(), everything else as it is.
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

}  // namespace wrapup
