#pragma once

// How far an import is: a bar that redraws itself on a terminal, a line per tenth in a pipe.

#include <cstddef>
#include <iosfwd>
#include <string>

namespace wrapup {

class ImportMeter {
public:
    ImportMeter(std::ostream& out, std::string name, bool is_terminal)
        : out_(out), name_(std::move(name)), is_terminal_(is_terminal) {}

    // What stands beside the bar from now on.
    void say(std::string name) { name_ = std::move(name); }
    void show(std::size_t done, std::size_t count);
    // Takes the bar away, so that a line can be written in its place.
    void clear();

private:
    std::ostream& out_;
    std::string name_;
    bool is_terminal_;
    bool is_drawn_ = false;
    std::size_t tenths_shown_ = 0;
};

}  // namespace wrapup
