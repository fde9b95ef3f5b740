#include "codec/bytes/form.hpp"

#include "codec/bytes/percent.hpp"

namespace wrapup {

namespace {

constexpr std::size_t fields_count_max = 1000;

Result<std::string> decode(std::string_view text) {
    auto decoded = form_decode(text);
    if (!decoded) return Error{Errc::invalid_input, "broken percent escape"};
    return *std::move(decoded);
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
        body += form_encode(name);
        body += '=';
        body += form_encode(value);
    }
    return body;
}

}  // namespace wrapup
