#include "app/cli/long_wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <sstream>

namespace wrapup {
namespace {

// Tells when something was written and flushed.
class Told final : public std::stringbuf {
public:
    std::promise<void> flushed;

protected:
    int sync() override {
        flushed.set_value();
        return 0;
    }
};

TEST(LongWait, says_what_is_waited_for) {
    Told told;
    std::ostream err(&told);
    auto flushed = told.flushed.get_future();
    {
        const LongWait waiting(err, "Still waiting for the CRM.", std::chrono::milliseconds{0});
        flushed.wait();
    }
    EXPECT_EQ(told.str(), "Still waiting for the CRM.\n");
}

TEST(LongWait, is_silent_when_it_was_short_and_without_words) {
    std::ostringstream err;
    { const LongWait waiting(err, "Still waiting.", std::chrono::hours{1}); }
    { const LongWait waiting(err, "", std::chrono::milliseconds{0}); }
    EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace wrapup
