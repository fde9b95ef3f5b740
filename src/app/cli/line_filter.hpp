#pragma once

// A stream that changes what goes through it line by line.

#include <functional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace wrapup {

class LineFilter final : public std::streambuf {
public:
    // A line with its end; of the last one, or of what is flushed, as much as there is.
    using Change = std::function<std::string(std::string_view line)>;
    // Whether what there is of it has to wait for more.
    using Waits = bool (*)(std::string_view text);

    LineFilter(std::ostream& behind, Change change, Waits waits = nullptr)
        : behind_(behind), change_(std::move(change)), waits_(waits) {}
    ~LineFilter() override;

protected:
    int_type overflow(int_type next) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

private:
    bool has_to_wait() const { return waits_ != nullptr && waits_(text_); }
    bool pass();

    std::ostream& behind_;
    Change change_;
    Waits waits_;
    std::string text_;  // What has not gone through yet.
};

}  // namespace wrapup
