#include "http/webhooks/json_check.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include "codec/json/json_rules.hpp"

namespace wrapup {

namespace {

struct NullHandler {
    using View = boost::json::string_view;
    using Code = boost::json::error_code;
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t, Code&) { return true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_key_part(View, std::size_t, Code&) { return true; }
    bool on_key(View, std::size_t, Code&) { return true; }
    bool on_string_part(View, std::size_t, Code&) { return true; }
    bool on_string(View, std::size_t, Code&) { return true; }
    bool on_number_part(View, Code&) { return true; }
    bool on_int64(std::int64_t, View, Code&) { return true; }
    bool on_uint64(std::uint64_t, View, Code&) { return true; }
    bool on_double(double, View, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(View, Code&) { return true; }
    bool on_comment(View, Code&) { return true; }
};

bool parses(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = json_depth_max;
    boost::json::basic_parser<NullHandler> parser{options};
    boost::json::error_code error;
    const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
    if (error || !parser.done()) return false;
    return text.find_first_not_of(" \t\r\n", parsed) == std::string_view::npos;
}

}  // namespace

bool is_json(std::string_view text) {
    text = without_byte_order_mark(text);
    if (parses(text)) return true;
    const std::string mended = mend_json(text);
    return mended != text && parses(mended);
}

}  // namespace wrapup
