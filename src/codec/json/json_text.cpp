#include "codec/json/json_text.hpp"

#include "base/json_string.hpp"

namespace wrapup {

void JsonObjectWriter::append_key(std::string_view key) {
    if (text_.size() > 1) text_ += ',';
    append_json_string(text_, key);
    text_ += ':';
}

void JsonObjectWriter::text(std::string_view key, std::string_view value) {
    append_key(key);
    append_json_string(text_, value);
}

void JsonObjectWriter::number(std::string_view key, std::int64_t value) {
    append_key(key);
    text_ += std::to_string(value);
}

void JsonObjectWriter::flag(std::string_view key, bool value) {
    append_key(key);
    text_ += value ? "true" : "false";
}

std::string JsonObjectWriter::take() {
    text_ += '}';
    return std::move(text_);
}

}  // namespace wrapup
