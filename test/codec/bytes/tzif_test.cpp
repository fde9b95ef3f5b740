#include "codec/bytes/tzif.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

UtcTime at(std::string_view text) { return *parse_rfc3339(text); }

std::string number(std::int64_t value, int size) {
    std::string bytes;
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
        bytes += static_cast<char>(static_cast<unsigned char>(value >> shift));
    }
    return bytes;
}

struct ZoneBytes {
    char version = '2';
    std::vector<std::pair<std::int64_t, int>> changes;  // When, and to which offset of the next.
    std::vector<std::int32_t> offsets_s = {3600};
    std::string rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    std::size_t leaps_count = 0;

    std::string header(std::size_t changes_count) const {
        return "TZif" + std::string(1, version) + std::string(15, '\0') + number(0, 4) +
               number(0, 4) + number(static_cast<std::int64_t>(leaps_count), 4) +
               number(static_cast<std::int64_t>(changes_count), 4) +
               number(static_cast<std::int64_t>(offsets_s.size()), 4) + number(4, 4);
    }
    std::string types() const {
        std::string bytes;
        for (const auto offset_s : offsets_s) bytes += number(offset_s, 4) + std::string(2, '\0');
        return bytes + std::string("CET\0", 4);
    }
    std::string make() const {
        std::string bytes = header(0) + types() + std::string(8 * leaps_count, '\0');
        bytes += header(changes.size());
        for (const auto& change : changes) bytes += number(change.first, 8);
        for (const auto& change : changes) bytes += number(change.second, 1);
        return bytes + types() + std::string(12 * leaps_count, '\0') + "\n" + rule + "\n";
    }
};

struct RuleRow {
    const char* name;
    const char* rule;
    const char* time;
    int offset_s;  // At that time.

    friend void PrintTo(const RuleRow& row, std::ostream* out) { *out << row.name; }
};

constexpr RuleRow rules[] = {
    {"winter", "CET-1CEST,M3.5.0,M10.5.0/3", "2040-03-25T00:59:59Z", 3600},
    {"summer", "CET-1CEST,M3.5.0,M10.5.0/3", "2040-03-25T01:00:00Z", 7200},
    {"end_of_summer", "CET-1CEST,M3.5.0,M10.5.0/3", "2040-10-28T01:00:00Z", 3600},
    {"west", "EST5EDT,M3.2.0,M11.1.0", "2041-03-10T07:00:00Z", -4 * 3600},
    {"west_before", "EST5EDT,M3.2.0,M11.1.0", "2041-03-10T06:59:59Z", -5 * 3600},
    {"half_an_hour", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-01-01T00:00:00Z", 11 * 3600},
    {"negative_time", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", -3600},
    {"day_without_leap_day", "AAA0BBB,J60/0,J300/0", "2040-02-29T23:59:59Z", 0},
    {"day_without_leap_day_after", "AAA0BBB,J60/0,J300/0", "2040-03-01T00:00:00Z", 3600},
    {"day_of_the_year", "AAA0BBB,59/0,299/0", "2040-02-29T00:00:00Z", 3600},
};

class TzifRule : public testing::TestWithParam<RuleRow> {};

TEST_P(TzifRule, goes_on_after_the_last_change) {
    ZoneBytes bytes;
    bytes.rule = GetParam().rule;
    bytes.offsets_s = {0};
    const auto zone = parse_tzif("X", bytes.make());
    ASSERT_TRUE(zone) << zone.error().detail;
    EXPECT_EQ(zone->offset_at(at(GetParam().time)).count(), GetParam().offset_s);
}

INSTANTIATE_TEST_SUITE_P(Table, TzifRule, testing::ValuesIn(rules),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

TEST(Tzif, keeps_the_changes_and_begins_with_the_first_offset) {
    ZoneBytes bytes;
    bytes.offsets_s = {1800, 3600, -7200};
    bytes.changes = {{-1'000'000, 1}, {1'000'000'000, 2}};
    bytes.rule = "";
    const auto zone = parse_tzif("X/Y", bytes.make());
    ASSERT_TRUE(zone) << zone.error().detail;
    EXPECT_EQ(*zone, TimeZone("X/Y", 1800, {{-1'000'000, 3600}, {1'000'000'000, -7200}}));
}

TEST(Tzif, refuses_what_is_no_such_file) {
    const std::string whole = ZoneBytes{'2', {{5, 0}}, {3600}, "CET-1", 0}.make();
    ASSERT_TRUE(parse_tzif("X", whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_tzif("X", std::string_view(whole).substr(0, size))) << size;
    }
    ZoneBytes many;
    many.changes = {{7, 0}, {5, 0}};
    EXPECT_FALSE(parse_tzif("X", many.make())) << "out of order";
    many.changes = {{5, 1}};
    EXPECT_FALSE(parse_tzif("X", many.make())) << "an offset that is not there";
    ZoneBytes odd;
    odd.version = '\0';
    EXPECT_FALSE(parse_tzif("X", odd.make())) << "version 1";
    odd = {};
    odd.leaps_count = 1;
    EXPECT_FALSE(parse_tzif("X", odd.make())) << "leap seconds";
    odd = {};
    odd.offsets_s = {90'000};
    EXPECT_FALSE(parse_tzif("X", odd.make())) << "an offset of more than a day";
    for (const char* rule :
         {"C", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M1.1.0",
          "CET-1CEST,M3.6.0,M1.1.0", "CET-1CEST,M3.5.7,M1.1.0", "<CET-1", "CET-1CEST,J0,J5",
          "CET-1CEST,366,J5", "CET-1CEST,M3.5.0,M10.5.0/200", "CET-1CEST,M3.5.0,M10.5.0/3x",
          "CET30CEST,M3.5.0,M10.5.0"}) {
        odd = {};
        odd.rule = rule;
        EXPECT_FALSE(parse_tzif("X", odd.make())) << rule;
    }
}

}  // namespace
}  // namespace wrapup
