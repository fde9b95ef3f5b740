#include "import/import_json_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t line_size_max = 64 * 1024;
constexpr int depth_max = 4;
constexpr std::size_t members_max = 1000;

using Members = std::vector<std::pair<std::string, std::string>>;

std::string number_text(double number) {
    constexpr double exact_max = 9007199254740992.0;  // Up to here whole numbers are exact.
    const bool is_whole = std::floor(number) == number && std::abs(number) <= exact_max;
    if (is_whole) return std::to_string(static_cast<std::int64_t>(number));
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::optional<std::string> scalar_text(const json::value& value) {
    if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
    if (const auto* number = value.if_int64()) return std::to_string(*number);
    if (const auto* number = value.if_uint64()) return std::to_string(*number);
    if (const auto* number = value.if_double()) return number_text(*number);
    if (const auto* flag = value.if_bool()) return std::string(*flag ? "true" : "false");
    const auto* object = value.if_object();
    if (object == nullptr || object->size() != 1) return {};
    // MongoDB's extended JSON: {"$oid":"…"}, {"$numberLong":"…"}, {"$date":"…"}.
    const auto& only = *object->begin();
    const auto* text = only.value().if_string();
    if (text == nullptr || !only.key().starts_with("$")) return {};
    return std::string(text->data(), text->size());
}

void flatten(const json::object& object, const std::string& prefix, int depth, Members& members) {
    for (const auto& member : object) {
        if (members.size() == members_max) return;
        const std::string name = prefix + std::string(member.key().data(), member.key().size());
        if (auto text = scalar_text(member.value())) {
            members.emplace_back(name, *std::move(text));
        } else if (const auto* inner = member.value().if_object(); inner && depth < depth_max) {
            flatten(*inner, name + ".", depth + 1, members);
        }
    }
}

}  // namespace

std::optional<JsonLine> JsonLinesReader::next() {
    for (;;) {
        if (at_.offset >= text_.size()) return {};
        const std::size_t end = std::min(text_.find('\n', at_.offset), text_.size());
        const std::string_view line = trim(text_.substr(at_.offset, end - at_.offset));
        JsonLine result;
        result.line = at_.line;
        at_ = {std::min(end + 1, text_.size()), at_.line + 1};
        if (line.empty()) continue;
        if (line.size() > line_size_max) {
            result.problem = "longer than 64 KiB";
        } else if (to_valid_utf8(line) != line) {
            result.problem = "not UTF-8";
        } else if (const auto object = parse_json_object(line); !object) {
            result.problem = "not a JSON object";
        } else {
            flatten(*object, "", 1, result.members);
        }
        return result;
    }
}

}  // namespace wrapup
