#include "adapters/phone/phone_reader.hpp"

#include <gmock/gmock.h>

#include "adapters/phone/spelling.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Row {
    const char* name;
    const char* text;
    const char* country;
    const char* number;  // Begins with '-': the reason holds the rest.

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr const char* ada = "+61413052898";

constexpr Row rows[] = {
    {"e164", "+61413052898", "", ada},
    {"digits_without_plus", "61413052898", "", ada},
    {"digits_without_plus_and_another_country", "61413052898", "US", ada},
    {"national", "0413 052 898", "AU", ada},
    {"national_of_nobody", "0413 052 898", "", "-WRAPUP_COUNTRY"},
    {"national_of_another", "0413 052 898", "US", "-is no number of US"},
    {"two_zeros", "0061 413 052 898", "", ada},
    {"two_zeros_with_country", "0061413052898", "AU", ada},
    {"zero_in_brackets", "+61 (0)413 052 898", "", ada},
    {"from_a_table_of_numbers", "61413051015.0", "", "+61413051015"},
    {"rounded", "6.14E+10", "AU", "-was rounded by a spreadsheet"},
    {"rounded_small_e", "6,14e10", "AU", "-was rounded by a spreadsheet"},
    {"not_rounded", "6.1413052898E+10", "", ada},
    {"no_break_space",
     "+61\xC2\xA0"
     "413\xE2\x80\xAF"
     "052 898",
     "", ada},
    {"zero_width_and_bidi",
     "\xE2\x80\xAA+61\xE2\x80\x8B"
     "413052898\xE2\x80\xAC\xEF\xBB\xBF\xE2\x81\xA9",
     "", ada},
    {"dashes",
     "+61 413\xE2\x80\x91"
     "052\xE2\x80\x93"
     "898",
     "", ada},
    {"minus_and_soft_hyphen",
     "+61\xE2\x88\x92"
     "413\xC2\xAD"
     "052898",
     "", ada},
    {"apostrophe", "'+61413052898", "", ada},
    {"formula", "=\"+61413052898\"", "", ada},
    {"tel", "tel:+61-413-052-898", "", ada},
    {"extension", "+61 413 052 898 ext. 12", "", ada},
    {"extension_x", "+61 413 052 898 x12", "", ada},
    {"extension_of_a_uri", "tel:+61413052898;ext=12", "", ada},
    {"fullwidth",
     "\xEF\xBC\x8B\xEF\xBC\x96\xEF\xBC\x91"
     "413052898",
     "", ada},
    {"arabic_digits",
     "+\xD9\xA6\xD9\xA1"
     "413052898",
     "", ada},
    {"german_slash", "0151/12345678", "DE", "+4915112345678"},
    {"italian_zero_stays", "06 698 12345", "IT", "+390669812345"},
    {"sip", "sip:bob@example.com", "", "sip:bob@example.com"},
    {"client", "client:bob", "AU", "client:bob"},
    {"two_by_comma", "0413052898, 0413052899", "AU", "-holds two numbers"},
    {"two_by_slash", "0413052898/0413052899", "AU", "-holds two numbers"},
    {"two_by_or", "+61413052898 or +61413052899", "AU", "-holds two numbers"},
    {"two_by_line", "0413052898\n0413052899", "AU", "-holds two numbers"},
    {"two_by_blank", "0413052898 0413052899", "AU", "-is no number of AU"},
    {"name", "unknown", "AU", "-holds letters"},
    {"nothing", "-", "AU", "-holds no number"},
    {"no_country_has_it", "+999123456789", "AU", "-begins with no country's code"},
    {"short", "+614", "AU", "-is too short"},
    {"long", "+61413052898413052898", "AU", "-is too long"},
    {"not_utf8", "+61\xFF", "AU", "-is not UTF-8"},
    {"other_script", "+61 \xE2\x98\x8E 413052898", "", "-holds a character"},
    {"new_range_with_country_code", "+15551234567", "", "+15551234567"},
};

class PhoneText : public testing::TestWithParam<Row> {};

TEST_P(PhoneText, is_read_or_explained) {
    const Row& row = GetParam();
    const PhoneReader phones{row.country};
    const auto number = phones.read(row.text);
    if (row.number[0] != '-') {
        ASSERT_TRUE(number) << number.error().detail;
        EXPECT_EQ(*number, row.number);
        return;
    }
    ASSERT_FALSE(number) << *number;
    EXPECT_EQ(number.error().code, Errc::invalid_input);
    EXPECT_THAT(number.error().detail, HasSubstr(row.number + 1));
    EXPECT_THAT(number.error().detail, Not(HasSubstr("413")));
}

INSTANTIATE_TEST_SUITE_P(Table, PhoneText, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PhoneReader, knows_whether_a_country_is_one) {
    EXPECT_TRUE(PhoneReader{""}.check_country());
    EXPECT_TRUE(PhoneReader{"AU"}.check_country());
    const auto checked = PhoneReader{"XX"}.check_country();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::invalid_input);
    const auto number = PhoneReader{"XX"}.read("0413052898");
    ASSERT_FALSE(number);
    EXPECT_THAT(number.error().detail, HasSubstr("WRAPUP_COUNTRY"));
}

}  // namespace
}  // namespace wrapup
