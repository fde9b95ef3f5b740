#include "app/demo/demo_screen.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr std::size_t clock_columns = 5;
constexpr std::size_t number_columns = 12;
constexpr std::size_t campaign_columns = 13;
constexpr std::size_t name_columns = 6;
constexpr std::size_t status_columns = 13;
constexpr std::size_t length_columns = 5;
constexpr std::size_t delay_columns = 6;
// All of them with their gaps; the summary has what is left.
constexpr std::size_t fixed_columns = 1 + clock_columns + number_columns + campaign_columns +
                                      name_columns + status_columns + length_columns +
                                      delay_columns + 7 * 2;
constexpr std::size_t summary_columns_min = 12;
// Slower than this has a story: a retry, a restart, a summary that took its time.
constexpr milliseconds delay_slow{1'000};

// At most so many code points, the last one an ellipsis when some are missing.
std::string shortened(const std::string& text, std::size_t columns) {
    if (column_count(text) <= columns) return text;
    std::string kept;
    std::size_t used = 0;
    for (const char c : text) {
        const bool is_first_byte = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
        if (is_first_byte && ++used == columns) break;
        kept += c;
    }
    kept.erase(kept.find_last_not_of(' ') + 1);
    return kept + "…";
}

std::string left_padded(const std::string& text, std::size_t columns) {
    const std::size_t count = column_count(text);
    return std::string(count < columns ? columns - count : 0, ' ') + text;
}

std::string cell(const std::string& text, std::size_t columns) {
    return padded(shortened(terminal_text(text), columns), columns);
}

Paint colour_of(const std::string& status) {
    if (status == "held") return Paint::green;
    if (status == "voicemail") return Paint::yellow;
    return status == "no answer" ? Paint::dim : Paint::red;
}

std::string format_length(std::int64_t duration_s) {
    return fmt::format("{}:{:02}", duration_s / 60, duration_s % 60);
}

std::string format_tries(int count) {
    constexpr std::string_view words[] = {"", "", "2nd try", "3rd try"};
    if (count < 2) return {};
    if (count < 4) return "(" + std::string(words[count]) + ") ";
    return "(" + std::to_string(count) + "th try) ";
}

std::size_t summary_columns(const DemoLook& look) {
    const std::size_t left = look.columns > fixed_columns ? look.columns - fixed_columns : 0;
    return left < summary_columns_min ? 0 : left;
}

std::size_t terminal_columns(std::size_t otherwise) {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
    return size.ws_col;
}

}  // namespace

std::string format_delay(milliseconds delay) {
    if (delay < milliseconds{1'000}) return fmt::format("{} ms", delay.count());
    return fmt::format("{:.1f} s", static_cast<double>(delay.count()) / 1000.0);
}

std::string render_row(const DemoRow& row, const DemoLook& look) {
    const bool is_slow = row.delay >= delay_slow;
    std::string delay = left_padded(format_delay(row.delay), delay_columns);
    if (is_slow) delay = painted(delay, Paint::yellow, look.has_colour);
    std::string line = " " + painted(row.clock, Paint::dim, look.has_colour);
    line += "  " + cell(mask_phone_number(row.to), number_columns);
    line += "  " + cell(row.subject, campaign_columns);
    line += "  " + cell(row.name, name_columns);
    line +=
        "  " + painted(cell(row.status, status_columns), colour_of(row.status), look.has_colour);
    line += "  " + left_padded(format_length(row.duration_s), length_columns);
    line += "  " + delay;
    const std::size_t columns = summary_columns(look);
    if (columns == 0) return line;
    return line + "  " +
           shortened(format_tries(row.requests_count) + terminal_text(row.summary), columns);
}

std::string render_heading(const DemoLook& look) {
    std::string line =
        " " + padded("clock", clock_columns) + "  " + padded("number", number_columns) + "  " +
        padded("campaign", campaign_columns) + "  " + padded("who", name_columns) + "  " +
        padded("outcome", status_columns) + "  " + left_padded("min", length_columns) + "  " +
        left_padded("to CRM", delay_columns);
    if (summary_columns(look) > 0) line += "  summary";
    return painted(line, Paint::dim, look.has_colour);
}

DemoScreen::DemoScreen(std::ostream& out, DemoLook look) : out_(out), look_(look) {
    if (look_.is_terminal) look_.columns = terminal_columns(look_.columns);
}

void DemoScreen::print(const std::string& text) {
    if (look_.is_terminal) {
        look_.columns = terminal_columns(look_.columns);
        out_ << "\r\033[2K";
    }
    out_ << text << '\n';
    draw_status();
    out_.flush();
}

void DemoScreen::remark(std::string_view text, Paint colour) {
    constexpr std::size_t indent = 8;
    const std::size_t width = look_.columns > indent + 20 ? look_.columns - indent - 2 : 20;
    const std::string lines = wrapped(text, width, 0);
    std::string shown = "      " + paint("▸ ", colour);
    for (const char c : lines) {
        shown += c;
        if (c == '\n') shown += std::string(indent, ' ');
    }
    print(shown);
}

void DemoScreen::set_status(std::string text) {
    if (!look_.is_terminal) return;
    status_ = std::move(text);
    out_ << "\r\033[2K";
    draw_status();
    out_.flush();
}

void DemoScreen::clear_status() {
    if (!look_.is_terminal || status_.empty()) return;
    status_.clear();
    out_ << "\r\033[2K" << std::flush;
}

void DemoScreen::draw_status() {
    if (!look_.is_terminal || status_.empty()) return;
    // Never the last column: the cursor would go on to the next line, and every redraw scroll.
    out_ << paint(shortened(status_, look_.columns - 1), Paint::dim);
}

}  // namespace wrapup
