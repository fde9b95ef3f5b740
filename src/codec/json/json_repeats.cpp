#include "codec/json/json_repeats.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "codec/json/json_rules.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// What Boost.JSON's parser calls as it goes; only objects and keys matter here.
struct MemberNames {
    using Text = json::string_view;
    using Code = json::error_code;
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    bool on_object_begin(Code&) {
        objects.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Code&) {
        objects.pop_back();
        return true;
    }
    bool on_key_part(Text part, std::size_t, Code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text part, std::size_t, Code&) {
        key.append(part.data(), part.size());
        if (!repeated && objects.back().contains(key)) repeated = key;
        objects.back().insert(std::move(key));
        key.clear();
        return true;
    }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_string_part(Text, std::size_t, Code&) { return true; }
    bool on_string(Text, std::size_t, Code&) { return true; }
    bool on_number_part(Text, Code&) { return true; }
    bool on_int64(std::int64_t, Text, Code&) { return true; }
    bool on_uint64(std::uint64_t, Text, Code&) { return true; }
    bool on_double(double, Text, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }

    std::vector<std::set<std::string>> objects;  // Those that are open, with their names so far.
    std::string key;
    std::optional<std::string> repeated;
};

}  // namespace

std::optional<std::string> find_repeated_member(std::string_view text) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::basic_parser<MemberNames> parser(options);
    const std::string mended = mend_json(without_byte_order_mark(text));
    json::error_code error;
    parser.write_some(false, mended.data(), mended.size(), error);
    return parser.handler().repeated;
}

}  // namespace wrapup
