#include "app/cli/line_filter.hpp"

namespace wrapup {

LineFilter::~LineFilter() { (void)pass(); }

LineFilter::int_type LineFilter::overflow(int_type next) {
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    const char c = traits_type::to_char_type(next);
    return xsputn(&c, 1) == 1 ? next : traits_type::eof();
}

std::streamsize LineFilter::xsputn(const char* text, std::streamsize size) {
    std::string_view more(text, static_cast<std::size_t>(size));
    for (std::size_t end = more.find('\n'); end != more.npos; end = more.find('\n')) {
        text_ += more.substr(0, end + 1);
        more.remove_prefix(end + 1);
        if (!has_to_wait() && !pass()) return 0;
    }
    text_ += more;
    return size;
}

int LineFilter::sync() {
    const bool is_well = has_to_wait() || pass();
    return is_well && behind_.flush() ? 0 : -1;
}

bool LineFilter::pass() {
    if (!text_.empty()) behind_ << change_(text_);
    text_.clear();
    return behind_.good();
}

}  // namespace wrapup
