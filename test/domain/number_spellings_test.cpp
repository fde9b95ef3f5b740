#include "domain/number_spellings.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace wrapup {
namespace {

TEST(NumberSpellings, one_subscriber_has_two_in_some_countries) {
    const std::pair<const char*, const char*> same[] = {
        {"+541123456789", "+5491123456789"},  // Argentina: 9 says mobile.
        {"+543411234567", "+5493411234567"},
        {"+525512345678", "+5215512345678"},  // Mexico, until 2019.
        {"+551112345678", "+5511912345678"},  // Brazil's ninth digit.
        {"+552187654321", "+5521987654321"},
        {"+39612345678", "+390612345678"},  // Italy: the area's 0 is dialled from abroad, too.
        {"+3933112345", "+39033112345"},
    };
    for (const auto& [one, other] : same) {
        EXPECT_EQ(other_spelling_of(one), other);
        EXPECT_EQ(other_spelling_of(other), one);
    }
}

TEST(NumberSpellings, others_have_one) {
    for (const char* const number :
         {"", "+", "+54", "+55", "+5511", "+39", "+61413052898", "+14155550123", "+4915112345678",
          "+54112345678", "+54911234567890",  // A digit less, and one more.
          "+551132345678", "+5511932345678",  // A line in the wall, and another one's mobile.
          "+393312345678", "+3903312345678",  // A mobile number of ten digits.
          "sip:+541123456789@pbx.example.com", "541123456789"}) {
        EXPECT_EQ(other_spelling_of(number), "") << number;
    }
}

}  // namespace
}  // namespace wrapup
