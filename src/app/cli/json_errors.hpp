#pragma once

#include <ostream>
#include <streambuf>
#include <string>

namespace wrapup {

// {"error":"…"} and a line feed.
std::string json_error(std::string_view what);

// For --json: errors ("wrapup: …") go through as json_error(), everything else as it is.
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
