#include "import/import_meter.hpp"

#include <ostream>

#include "base/console_text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t bar_columns = 40;

std::string bar(std::size_t done, std::size_t count) {
    const std::size_t filled = done * bar_columns / count;
    std::string text;
    for (std::size_t i = 0; i < bar_columns; ++i) text += i < filled ? "█" : "░";
    return text;
}

}  // namespace

void ImportMeter::show(std::size_t done, std::size_t count) {
    if (count == 0) return;
    if (is_terminal_) {
        out_ << "\r\033[K" << bar(done, count) << " " << done * 100 / count << " %  "
             << terminal_text(name_) << std::flush;
        is_drawn_ = true;
        return;
    }
    // A file that is read at one go needs no account of how far it is.
    const std::size_t tenths = done * 10 / count;
    if (tenths <= tenths_shown_ || (tenths_shown_ == 0 && tenths == 10)) return;
    tenths_shown_ = tenths;
    out_ << terminal_text(name_) << ": " << tenths * 10 << " %" << std::endl;
}

void ImportMeter::clear() {
    if (!is_drawn_) return;
    out_ << "\r\033[K" << std::flush;
    is_drawn_ = false;
}

}  // namespace wrapup
