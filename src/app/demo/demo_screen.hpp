#pragma once

// What the demo shows: one line per record, remarks between them, and on a terminal a line at the
// bottom that says how far it is. As wide as the terminal; in a pipe plain and of a fixed width.

#include <iosfwd>
#include <string>
#include <vector>

#include "base/console_text.hpp"
#include "base/time.hpp"

namespace wrapup {

struct DemoLook {
    bool has_colour = false;
    bool is_terminal = false;
    std::size_t columns = 110;
};

// A record as the CRM received it.
struct DemoRow {
    std::string clock;  // "09:14"
    std::string to;
    std::string subject;
    std::string name;
    std::string status;
    std::int64_t duration_s = 0;
    std::string summary;
    milliseconds delay{};  // From hanging up.
    int requests_count = 1;
};

std::string format_delay(milliseconds delay);
std::string render_row(const DemoRow& row, const DemoLook& look);
std::string render_heading(const DemoLook& look);

class DemoScreen {
public:
    DemoScreen(std::ostream& out, DemoLook look);
    ~DemoScreen() { clear_status(); }

    const DemoLook& look() const { return look_; }
    std::string paint(std::string_view text, Paint paint) const {
        return painted(text, paint, look_.has_colour);
    }
    void print(const std::string& text);  // A line, or several.
    // "▸ text" below the rows' clock.
    void remark(std::string_view text, Paint colour);
    void set_status(std::string text);  // Only on a terminal.
    void clear_status();

private:
    void draw_status();

    std::ostream& out_;
    DemoLook look_;
    std::string status_;
};

}  // namespace wrapup
