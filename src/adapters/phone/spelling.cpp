#include "adapters/phone/spelling.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/text.hpp"
#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

constexpr std::size_t text_bytes_max = 256;
// Fewer digits on both sides of a separator are parts of one number: 0151/1234567.
constexpr std::size_t digits_of_a_number_min = 6;

Error wrong(std::string why) { return {Errc::invalid_input, std::move(why)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool are_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::size_t count_digits(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
    char means;  // A digit counts up within its range; '\0': nothing at all.
};
constexpr std::array<Range, 20> ranges = {{
    {0x00A0, 0x00A0, ' '},  {0x00AD, 0x00AD, '\0'}, {0x061C, 0x061C, '\0'}, {0x0660, 0x0669, '0'},
    {0x06F0, 0x06F9, '0'},  {0x2000, 0x200A, ' '},  {0x200B, 0x200F, '\0'}, {0x2010, 0x2015, '-'},
    {0x2018, 0x2019, '\''}, {0x201C, 0x201D, '"'},  {0x2028, 0x2029, '\n'}, {0x202A, 0x202E, '\0'},
    {0x202F, 0x202F, ' '},  {0x205F, 0x205F, ' '},  {0x2060, 0x2069, '\0'}, {0x2212, 0x2212, '-'},
    {0x3000, 0x3000, ' '},  {0xFE58, 0xFE58, '-'},  {0xFE63, 0xFE63, '-'},  {0xFEFF, 0xFEFF, '\0'},
}};

// Fullwidth forms lie as ASCII does, 0xFEE0 further.
constexpr std::uint32_t fullwidth_first = 0xFF01;
constexpr std::uint32_t fullwidth_last = 0xFF5E;
constexpr std::uint32_t fullwidth_offset = 0xFEE0;

// The ASCII character that stands for it; '\0': none at all; nothing: it belongs to no number.
std::optional<char> meaning_of(std::uint32_t point) {
    if (point >= fullwidth_first && point <= fullwidth_last) {
        return static_cast<char>(point - fullwidth_offset);
    }
    for (const Range& range : ranges) {
        if (point < range.first || point > range.last) continue;
        if (range.means != '0') return range.means;
        return static_cast<char>('0' + (point - range.first));
    }
    return std::nullopt;
}

// Of valid UTF-8; `index` goes on to the next one.
std::uint32_t next_point(std::string_view text, std::size_t& index) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const std::uint32_t lead = byte(index);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) point = (point << 6U) | (byte(index + i) & 0x3FU);
    index += size;
    return point;
}

Result<std::string> to_ascii(std::string_view text) {
    std::string ascii;
    for (std::size_t i = 0; i < text.size();) {
        const std::uint32_t point = next_point(text, i);
        const bool is_blank = point == '\t' || point == '\r' || point == '\v' || point == '\f';
        if (point < 0x80) {
            ascii += is_blank ? ' ' : static_cast<char>(point);
            continue;
        }
        const std::optional<char> meaning = meaning_of(point);
        if (!meaning) return wrong("holds a character that is in no phone number");
        if (*meaning != '\0') ascii += *meaning;
    }
    return ascii;
}

std::string_view without_scheme(std::string_view text) {
    for (const std::string_view scheme : {"tel:", "callto:", "phone:"}) {
        if (!starts_with_ignoring_case(text, scheme)) continue;
        text.remove_prefix(scheme.size());
        while (text.starts_with('/')) text.remove_prefix(1);
        return trim(text);
    }
    return text;
}

// '+61…, ="+61…", =+61…
std::string_view without_spreadsheet_marks(std::string_view text) {
    if (text.starts_with('=')) text = trim(text.substr(1));
    while (!text.empty() && (text.front() == '\'' || text.front() == '"')) {
        text = trim(text.substr(1));
    }
    while (!text.empty() && (text.back() == '\'' || text.back() == '"')) {
        text = trim(text.substr(0, text.size() - 1));
    }
    return text;
}

// 6.14E+10: the digits behind those that are shown are gone, unless all of them are shown.
Result<std::string> without_exponent(std::string text) {
    const std::size_t e = text.find_first_of("eE");
    if (e == std::string::npos) return text;
    const std::string_view mantissa = std::string_view{text}.substr(0, e);
    std::string_view exponent = std::string_view{text}.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const std::size_t point = mantissa.find_first_of(".,");
    const std::string_view whole = mantissa.substr(0, point);
    const std::string_view decimals =
        point == std::string_view::npos ? std::string_view{} : mantissa.substr(point + 1);
    const bool is_real = are_digits(whole) && are_digits(exponent) && exponent.size() <= 2 &&
                         (point == std::string_view::npos || are_digits(decimals));
    if (!is_real) return text;
    if (parse_int(exponent) == static_cast<std::int64_t>(decimals.size())) {
        return std::string(whole) + std::string(decimals);
    }
    return wrong(
        "was rounded by a spreadsheet (like 6.14E+10): format the column as text and export it "
        "again");
}

// 61413052898.0: what a number became on its way through a table of numbers.
std::string without_decimals(std::string text) {
    constexpr std::size_t digits_min = 7;
    const std::size_t point = text.find_last_of(".,");
    if (point == std::string::npos) return text;
    const std::string_view tail = std::string_view{text}.substr(point + 1);
    std::string_view whole = std::string_view{text}.substr(0, point);
    if (whole.starts_with('+')) whole.remove_prefix(1);
    const bool is_zero = tail == "0" || tail == "00";
    if (!is_zero || !are_digits(whole) || whole.size() < digits_min) return text;
    return text.substr(0, point);
}

bool is_extension_word(std::string_view word) {
    constexpr std::array<std::string_view, 5> words = {"x", "ext", "extn", "extension", "xtn"};
    return std::find(words.begin(), words.end(), to_lower(word)) != words.end();
}

// "ext. 12", "x12", "#12", ";ext=12" at the end.
Result<std::string> without_extension(const std::string& text) {
    const auto first =
        std::find_if(text.begin(), text.end(), [](char c) { return is_letter(c) || c == '#'; });
    if (first == text.end()) return text;
    const auto word_end = std::find_if_not(first, text.end(), is_letter);
    const std::string_view word(text.data() + (first - text.begin()),
                                static_cast<std::size_t>(word_end - first));
    const std::string_view rest(text.data() + (word_end - text.begin()),
                                static_cast<std::size_t>(text.end() - word_end));
    const bool is_marked = word.empty() || is_extension_word(word);
    const bool is_number = count_digits(rest) > 0 &&
                           count_digits(rest) < digits_of_a_number_min + 2 &&
                           rest.find_first_not_of("0123456789 .:=#") == std::string_view::npos;
    if (!is_marked || !is_number) return wrong("holds letters, so it is no phone number");
    std::string_view number =
        trim(std::string_view{text}.substr(0, text.size() - rest.size() - word.size()));
    while (number.ends_with(';') || number.ends_with(','))
        number = trim(number.substr(0, number.size() - 1));
    return std::string(number);
}

bool holds_two(std::string_view text) {
    if (text.find('+', 1) != std::string_view::npos) return true;
    for (const std::string_view separator : {",", ";", "/", "|", "&", "\n"}) {
        const std::size_t at = text.find(separator);
        if (at == std::string_view::npos) continue;
        if (count_digits(text.substr(0, at)) >= digits_of_a_number_min &&
            count_digits(text.substr(at + 1)) >= digits_of_a_number_min) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<std::string> plain_phone_text(std::string_view text) {
    text = trim(text);
    if (text.size() > text_bytes_max) return wrong("is too long for a phone number");
    if (to_valid_utf8(text) != text) return wrong("is not UTF-8");
    if (is_voice_address(text)) return std::string(text);
    WRAPUP_TRY(const std::string ascii, to_ascii(text));
    const std::string_view bare = without_spreadsheet_marks(trim(ascii));
    WRAPUP_TRY(std::string number, without_exponent(std::string(without_scheme(bare))));
    number = without_decimals(std::move(number));
    if (holds_two(number)) return wrong("holds two numbers: give each a line of its own");
    WRAPUP_TRY(number, without_extension(number));
    if (count_digits(number) == 0) return wrong("holds no number");
    if (number.find_first_not_of("0123456789+-()./ *,;~[]") != std::string::npos) {
        return wrong("holds a character that is in no phone number");
    }
    return number;
}

}  // namespace wrapup
