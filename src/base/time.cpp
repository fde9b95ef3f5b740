#include "base/time.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace wrapup {

namespace {

constexpr milliseconds duration_max = std::chrono::days{3652};  // Ten years.
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::array<std::string_view, 7> weekday_names = {"Sun", "Mon", "Tue", "Wed",
                                                           "Thu", "Fri", "Sat"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from left to right. Every method either takes what it names or says false and leaves
// the text alone.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool is_at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

    bool take(std::string_view wanted) {
        if (!starts_with_ignoring_case(rest_, wanted)) return false;
        rest_.remove_prefix(wanted.size());
        return true;
    }

    bool take_spaces() {
        const bool has_some = peek() == ' ';
        while (peek() == ' ') rest_.remove_prefix(1);
        return has_some;
    }

    // As many digits as there are, at least `min` and at most `max`.
    bool take_number(std::size_t min, std::size_t max, int& value) {
        std::size_t size = 0;
        int read = 0;
        while (size < max && size < rest_.size() && is_digit(rest_[size])) {
            read = read * 10 + (rest_[size] - '0');
            ++size;
        }
        if (size < min) return false;
        rest_.remove_prefix(size);
        value = read;
        return true;
    }

    std::string_view take_digits() {
        std::size_t size = 0;
        while (size < rest_.size() && is_digit(rest_[size])) ++size;
        const std::string_view digits = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return digits;
    }

private:
    std::string_view rest_;
};

struct Civil {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    milliseconds fraction{};
    std::chrono::minutes offset{};
};

std::optional<UtcTime> to_utc(const Civil& civil) {
    const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                           std::chrono::month{static_cast<unsigned>(civil.month)},
                                           std::chrono::day{static_cast<unsigned>(civil.day)}};
    // A leap second is the first second of the next minute, as in POSIX time.
    if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60)
        return std::nullopt;
    return UtcTime{std::chrono::sys_days{date}} + std::chrono::hours{civil.hour} +
           std::chrono::minutes{civil.minute} + seconds{civil.second} + civil.fraction -
           civil.offset;
}

// "+0100" or "+01:00".
bool take_offset(Reader& reader, bool has_colon, std::chrono::minutes& offset) {
    const int sign = reader.peek() == '-' ? -1 : 1;
    if (!reader.take("+") && !reader.take("-")) return false;
    int hours = 0;
    int minutes = 0;
    if (!reader.take_number(2, 2, hours) || hours > 23) return false;
    if (has_colon && !reader.take(":")) return false;
    if (!reader.take_number(2, 2, minutes) || minutes > 59) return false;
    offset = std::chrono::minutes{sign * (hours * 60 + minutes)};
    return true;
}

bool take_clock(Reader& reader, Civil& civil) {
    return reader.take_number(2, 2, civil.hour) && reader.take(":") &&
           reader.take_number(2, 2, civil.minute) && reader.take(":") &&
           reader.take_number(2, 2, civil.second);
}

// Digits after the decimal point; what is finer than a millisecond is cut off.
bool take_fraction(Reader& reader, milliseconds& fraction) {
    if (!reader.take(".")) return true;
    const std::string_view digits = reader.take_digits();
    if (digits.empty()) return false;
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i)
        value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    fraction = milliseconds{value};
    return true;
}

bool take_month_name(Reader& reader, int& month) {
    for (std::size_t i = 0; i < month_names.size(); ++i) {
        if (reader.take(month_names[i])) {
            month = static_cast<int>(i) + 1;
            return true;
        }
    }
    return false;
}

// "Sun, ", whatever the day is: a wrong weekday does not make a time unreadable.
bool take_weekday(Reader& reader) {
    if (is_digit(reader.peek())) return true;
    const std::size_t comma = reader.rest().find(',');
    if (comma == std::string_view::npos || comma > 9) return false;
    reader.take(reader.rest().substr(0, comma + 1));
    reader.take_spaces();
    return true;
}

struct Unit {
    std::string_view name;
    milliseconds size;
};
constexpr std::array<Unit, 5> units = {{{"ms", milliseconds{1}},
                                        {"s", seconds{1}},
                                        {"m", std::chrono::minutes{1}},
                                        {"h", std::chrono::hours{1}},
                                        {"d", std::chrono::days{1}}}};

std::optional<milliseconds> unit_size(std::string_view name) {
    if (name.empty()) return seconds{1};
    for (const Unit& unit : units) {
        if (equals_ignoring_case(name, unit.name)) return unit.size;
    }
    return std::nullopt;
}

// The decimal fraction 0.`digits` of a unit.
milliseconds fraction_of(milliseconds unit, std::string_view digits) {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
    for (const char digit : digits.substr(0, 9)) {
        numerator = numerator * 10 + (digit - '0');
        denominator *= 10;
    }
    return milliseconds{unit.count() * numerator / denominator};
}

void append_two_digits(std::string& out, std::int64_t number) {
    out += static_cast<char>('0' + number / 10 % 10);
    out += static_cast<char>('0' + number % 10);
}

// "Sun, 09 Nov 2025 18:45:06".
std::string format_named(UtcTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<seconds>(time - day)};
    std::string out(weekday_names[std::chrono::weekday{day}.c_encoding()]);
    out += ", ";
    append_two_digits(out, static_cast<unsigned>(date.day()));
    out += ' ';
    out += month_names[static_cast<unsigned>(date.month()) - 1];
    out += ' ' + std::to_string(static_cast<int>(date.year())) + ' ';
    append_two_digits(out, clock.hours().count());
    out += ':';
    append_two_digits(out, clock.minutes().count());
    out += ':';
    append_two_digits(out, clock.seconds().count());
    return out;
}

}  // namespace

std::string format_rfc3339(UtcTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()));
    WRAPUP_ASSERT(size > 0 && static_cast<std::size_t>(size) < text.size());
    return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<UtcTime> parse_rfc3339(std::string_view text) {
    Reader reader(text);
    Civil civil;
    if (!reader.take_number(4, 4, civil.year) || !reader.take("-") ||
        !reader.take_number(2, 2, civil.month) || !reader.take("-") ||
        !reader.take_number(2, 2, civil.day)) {
        return std::nullopt;
    }
    if (!reader.take("T") && !reader.take(" ")) return std::nullopt;
    if (!take_clock(reader, civil) || !take_fraction(reader, civil.fraction)) return std::nullopt;
    if (!reader.take("Z") && !take_offset(reader, true, civil.offset)) return std::nullopt;
    if (!reader.is_at_end()) return std::nullopt;
    return to_utc(civil);
}

std::optional<UtcTime> parse_rfc2822(std::string_view text) {
    Reader reader(trim(text));
    Civil civil;
    if (!take_weekday(reader) || !reader.take_number(1, 2, civil.day) || !reader.take_spaces() ||
        !take_month_name(reader, civil.month) || !reader.take_spaces() ||
        !reader.take_number(4, 4, civil.year) || !reader.take_spaces() ||
        !take_clock(reader, civil) || !reader.take_spaces()) {
        return std::nullopt;
    }
    const bool is_named =
        reader.take("GMT") || reader.take("UTC") || reader.take("UT") || reader.take("Z");
    if (!is_named && !take_offset(reader, false, civil.offset)) return std::nullopt;
    if (!reader.is_at_end()) return std::nullopt;
    return to_utc(civil);
}

std::string format_rfc2822(UtcTime time) { return format_named(time) + " +0000"; }

std::string format_http_date(UtcTime time) { return format_named(time) + " GMT"; }

std::optional<milliseconds> parse_duration(std::string_view text) {
    Reader reader(trim(text));
    const std::string_view whole = reader.take_digits();
    if (whole.empty()) return std::nullopt;
    std::string_view fraction;
    if (reader.take(".")) {
        fraction = reader.take_digits();
        if (fraction.empty()) return std::nullopt;
    }
    const std::optional<milliseconds> unit = unit_size(reader.rest());
    const std::optional<std::int64_t> count = parse_int(whole);
    if (!unit || !count || *count > duration_max / *unit) return std::nullopt;
    const milliseconds duration = *count * *unit + fraction_of(*unit, fraction);
    if (duration > duration_max) return std::nullopt;
    return duration;
}

std::string format_duration(milliseconds duration) {
    if (duration == milliseconds::zero()) return "0s";
    Unit best = units.front();
    for (const Unit& unit : units) {
        if (duration % unit.size == milliseconds::zero()) best = unit;
    }
    return std::to_string(duration / best.size) + std::string(best.name);
}

}  // namespace wrapup
