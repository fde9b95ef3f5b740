#include "codec/bytes/tzif.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace wrapup {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

constexpr int last_year = 2100;
constexpr std::int64_t offset_s_max = 26 * 3600 - 1;  // RFC 8536; ours lie within a day.

// Reads from left to right; once something was not there, everything is 0 and has_failed().
class Bytes {
public:
    explicit Bytes(std::string_view rest) : rest_(rest) {}

    bool has_failed() const { return has_failed_; }
    std::string_view rest() const { return rest_; }
    std::string_view take(std::size_t size) {
        if (size > rest_.size()) {
            has_failed_ = true;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    // Big-endian, signed.
    std::int64_t take_number(std::size_t size) {
        const std::string_view taken = take(size);
        if (taken.empty()) return 0;
        std::uint64_t value = (static_cast<unsigned char>(taken[0]) & 0x80U) != 0 ? ~0ULL : 0;
        for (const char c : taken) value = (value << 8U) | static_cast<unsigned char>(c);
        return static_cast<std::int64_t>(value);
    }

private:
    std::string_view rest_;
    bool has_failed_ = false;
};

struct Header {
    int version = 1;
    std::size_t utc_flags_count = 0;
    std::size_t standard_flags_count = 0;
    std::size_t leaps_count = 0;
    std::size_t changes_count = 0;
    std::size_t types_count = 0;
    std::size_t names_size = 0;

    // Of what follows it, with times of that size.
    std::size_t body_size(std::size_t time_size) const {
        return changes_count * (time_size + 1) + types_count * 6 + names_size +
               leaps_count * (time_size + 4) + standard_flags_count + utc_flags_count;
    }
};

std::optional<Header> take_header(Bytes& bytes) {
    if (bytes.take(4) != "TZif") return std::nullopt;
    const std::string_view version = bytes.take(1);
    Header header;
    if (!version.empty() && version[0] >= '2') header.version = version[0] - '0';
    bytes.take(15);
    for (std::size_t Header::*count :
         {&Header::utc_flags_count, &Header::standard_flags_count, &Header::leaps_count,
          &Header::changes_count, &Header::types_count, &Header::names_size}) {
        header.*count = static_cast<std::uint32_t>(bytes.take_number(4));
    }
    if (bytes.has_failed()) return std::nullopt;
    return header;
}

// ---- The rule at the end: "CET-1CEST,M3.5.0,M10.5.0/3" ----

// A day of every year and the local time at which clocks are set.
struct YearlyMoment {
    enum class Kind { weekday, day_without_leap, day } kind = Kind::weekday;
    unsigned month = 1;
    unsigned week = 1;     // 5: the last one.
    unsigned weekday = 0;  // 0: Sunday.
    unsigned day_number = 0;
    std::int64_t time_s = 2 * 3600;

    // As if local time were UTC.
    std::int64_t in(int of_year) const {
        sys_days date{year{of_year} / 1 / 1};
        if (kind == Kind::weekday) {
            const auto in_month = year{of_year} / std::chrono::month{month};
            const std::chrono::weekday meant{weekday};
            date = week == 5 ? sys_days{in_month / meant[std::chrono::last]}
                             : sys_days{in_month / meant[week]};
        } else if (kind == Kind::day_without_leap) {
            const bool is_after_leap_day = year{of_year}.is_leap() && day_number >= 60;
            date += days{day_number - 1 + (is_after_leap_day ? 1 : 0)};
        } else {
            date += days{day_number};
        }
        return std::chrono::seconds{date.time_since_epoch()}.count() + time_s;
    }
};

class RuleText {
public:
    explicit RuleText(std::string_view rest) : rest_(rest) {}

    bool is_at_end() const { return rest_.empty(); }
    bool take(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // "CET" or "<+03>".
    bool take_name() {
        std::size_t size = 0;
        if (take('<')) {
            size = rest_.find('>');
            if (size == std::string_view::npos) return false;
            rest_.remove_prefix(size + 1);
            return size >= 3;
        }
        while (size < rest_.size() && is_letter(rest_[size])) ++size;
        rest_.remove_prefix(size);
        return size >= 3;
    }
    std::optional<unsigned> take_number(unsigned least, unsigned most) {
        unsigned value = 0;
        std::size_t size = 0;
        while (size < rest_.size() && size < 3 && rest_[size] >= '0' && rest_[size] <= '9') {
            value = value * 10 + static_cast<unsigned>(rest_[size++] - '0');
        }
        if (size == 0 || value < least || value > most) return std::nullopt;
        rest_.remove_prefix(size);
        return value;
    }
    // [+-]h[:mm[:ss]]
    std::optional<std::int64_t> take_time() {
        const bool is_negative = take('-');
        if (!is_negative) take('+');
        const auto hours = take_number(0, 167);
        if (!hours) return std::nullopt;
        std::int64_t time_s = std::int64_t{*hours} * 3600;
        for (const std::int64_t unit_s : {60, 1}) {
            if (!take(':')) break;
            const auto part = take_number(0, 59);
            if (!part) return std::nullopt;
            time_s += *part * unit_s;
        }
        return is_negative ? -time_s : time_s;
    }
    std::optional<YearlyMoment> take_moment() {
        YearlyMoment moment;
        std::optional<unsigned> number;
        if (take('M')) {
            const auto month = take_number(1, 12);
            const auto week = take('.') ? take_number(1, 5) : std::nullopt;
            number = take('.') ? take_number(0, 6) : std::nullopt;
            if (!month || !week || !number) return std::nullopt;
            moment.month = *month;
            moment.week = *week;
            moment.weekday = *number;
        } else {
            const bool is_without_leap = take('J');
            number = is_without_leap ? take_number(1, 365) : take_number(0, 365);
            if (!number) return std::nullopt;
            moment.kind =
                is_without_leap ? YearlyMoment::Kind::day_without_leap : YearlyMoment::Kind::day;
            moment.day_number = *number;
        }
        if (take('/')) {
            const auto time_s = take_time();
            if (!time_s) return std::nullopt;
            moment.time_s = *time_s;
        }
        return moment;
    }

private:
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    std::string_view rest_;
};

// What the rule says of the years up to the last one; nothing when it cannot be read. A rule
// without daylight saving time says nothing new.
std::optional<std::vector<TimeZone::Change>> changes_of_rule(std::string_view rule,
                                                             int first_year) {
    std::vector<TimeZone::Change> changes;
    RuleText text(rule);
    if (text.is_at_end()) return changes;
    if (!text.take_name()) return std::nullopt;
    const auto west_s = text.take_time();
    if (!west_s) return std::nullopt;
    if (text.is_at_end()) return changes;
    if (!text.take_name()) return std::nullopt;
    // Offsets are written as west of UTC.
    const std::int64_t standard_s = -*west_s;
    std::int64_t daylight_s = standard_s + 3600;
    if (!text.take(',')) {
        const auto given_s = text.take_time();
        if (!given_s || !text.take(',')) return std::nullopt;
        daylight_s = -*given_s;
    }
    const auto start = text.take_moment();
    const auto end = text.take(',') ? text.take_moment() : std::nullopt;
    if (!start || !end || !text.is_at_end()) return std::nullopt;
    for (const std::int64_t offset_s : {standard_s, daylight_s}) {
        if (std::abs(offset_s) > offset_s_max) return std::nullopt;
    }
    for (int of_year = first_year; of_year <= last_year; ++of_year) {
        changes.push_back({start->in(of_year)-standard_s, static_cast<std::int32_t>(daylight_s)});
        changes.push_back({end->in(of_year)-daylight_s, static_cast<std::int32_t>(standard_s)});
    }
    std::ranges::stable_sort(changes, {}, &TimeZone::Change::at_s);
    return changes;
}

Error unreadable() { return {Errc::invalid_input, "is not a compiled time zone"}; }

int year_of(std::int64_t at_s) {
    return static_cast<int>(Date{
        std::chrono::floor<days>(std::chrono::sys_seconds{std::chrono::seconds{
            at_s}})}.year());
}

bool is_kept_offset(std::int64_t offset_s) { return offset_s > -86'400 && offset_s < 86'400; }

}  // namespace

Result<TimeZone> parse_tzif(std::string name, std::string_view bytes) {
    Bytes reader(bytes);
    const auto old_header = take_header(reader);
    if (!old_header) return unreadable();
    if (old_header->version < 2) return Error{Errc::invalid_input, "is of an old form"};
    reader.take(old_header->body_size(4));
    const auto header = take_header(reader);
    if (!header || header->body_size(8) > reader.rest().size()) return unreadable();
    if (header->types_count == 0) return unreadable();
    if (header->leaps_count != 0) return Error{Errc::invalid_input, "counts leap seconds"};

    std::vector<TimeZone::Change> changes(header->changes_count);
    for (auto& change : changes) change.at_s = reader.take_number(8);
    std::vector<std::size_t> types(header->changes_count);
    for (auto& type : types) type = static_cast<unsigned char>(reader.take_number(1));
    std::vector<std::int32_t> offsets_s(header->types_count);
    for (auto& offset_s : offsets_s) {
        offset_s = static_cast<std::int32_t>(reader.take_number(4));
        reader.take(2);  // Whether it is daylight saving time, and its abbreviation.
        if (!is_kept_offset(offset_s)) return unreadable();
    }
    reader.take(header->names_size + header->standard_flags_count + header->utc_flags_count);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (types[i] >= offsets_s.size()) return unreadable();
        if (i > 0 && changes[i].at_s <= changes[i - 1].at_s) return unreadable();
        changes[i].offset_s = offsets_s[types[i]];
    }

    std::string_view rule = reader.rest();
    if (!rule.starts_with('\n') || rule.size() < 2 || !rule.ends_with('\n')) return unreadable();
    rule = rule.substr(1, rule.size() - 2);
    constexpr std::int64_t year_1970 = 0;
    constexpr std::int64_t year_2100 = 4'102'444'800;
    const std::int64_t last_s = changes.empty() ? year_1970 : changes.back().at_s;
    const auto more = changes_of_rule(rule, year_of(std::clamp(last_s, year_1970, year_2100)));
    if (!more) return unreadable();
    for (const auto& change : *more) {
        if (!is_kept_offset(change.offset_s)) return unreadable();
        if (changes.empty() || change.at_s > changes.back().at_s) changes.push_back(change);
    }
    return TimeZone(std::move(name), offsets_s.front(), std::move(changes));
}

}  // namespace wrapup
