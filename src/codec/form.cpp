#include "codec/form.hpp"

#include <algorithm>

namespace wrapup {

namespace {

constexpr std::size_t fields_count_max = 1000;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    while (true) {
        const std::size_t plain_size = std::min(text.find_first_of("%+"), text.size());
        decoded.append(text, 0, plain_size);
        if (plain_size == text.size()) return decoded;
        text.remove_prefix(plain_size);
        if (text.front() == '+') {
            decoded += ' ';
            text.remove_prefix(1);
            continue;
        }
        const int high = text.size() < 3 ? -1 : hex_digit(text[1]);
        const int low = text.size() < 3 ? -1 : hex_digit(text[2]);
        if (high < 0 || low < 0) return Error{Errc::invalid_input, "broken percent escape"};
        decoded += static_cast<char>(high * 16 + low);
        text.remove_prefix(3);
    }
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '*';
}

void encode(std::string_view text, std::string& out) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain(c)) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
}

}  // namespace

Result<Form> parse_form(std::string_view body) {
    Form form;
    form.reserve(32);  // A status callback has about 25.
    while (!body.empty()) {
        const std::size_t end = body.find('&');
        const std::string_view field = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        if (field.empty()) continue;
        if (form.size() == fields_count_max) {
            return Error{Errc::invalid_input, "more than 1,000 form fields"};
        }
        const std::size_t equals = field.find('=');
        WRAPUP_TRY(std::string name, decode(field.substr(0, equals)));
        if (equals == std::string_view::npos) {
            form.emplace_back(std::move(name), std::string{});
            continue;
        }
        WRAPUP_TRY(std::string value, decode(field.substr(equals + 1)));
        form.emplace_back(std::move(name), std::move(value));
    }
    return form;
}

std::string_view form_value(const Form& form, std::string_view name) {
    for (const auto& [field_name, value] : form) {
        if (field_name == name) return value;
    }
    return {};
}

std::string render_form(const Form& form) {
    std::string body;
    for (const auto& [name, value] : form) {
        if (!body.empty()) body += '&';
        encode(name, body);
        body += '=';
        encode(value, body);
    }
    return body;
}

}  // namespace wrapup
