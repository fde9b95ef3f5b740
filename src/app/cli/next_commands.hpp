#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "app/cli/cli.hpp"

namespace wrapup {

// The options of `line` that say which server is meant, each after a space, as typed in a shell.
std::string server_options(const CommandLine& line);

// `text` with these options in each command of a running server that it names: copied, it goes to
// the same one.
std::string with_server_options(std::string_view text, std::string_view options);

// What people read: it goes through line by line as with_server_options().
class NextCommands final : public std::streambuf {
public:
    NextCommands(std::ostream& behind, std::string options)
        : behind_(behind), options_(std::move(options)) {}
    ~NextCommands() override;

protected:
    int_type overflow(int_type next) override;
    int sync() override;

private:
    bool pass();

    std::ostream& behind_;
    std::string options_;
    std::string text_;  // What may still become the name of a command.
};

}  // namespace wrapup
