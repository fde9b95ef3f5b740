// What Twilio tells of calls that were placed here.

#include "codec/twilio/twilio_signature.hpp"
#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

constexpr const char* sid = "CA0123456789abcdef0123456789abcdef";

class KeptPlaced final : public PlacedCalls {
public:
    explicit KeptPlaced(KeptEvents& events) : events_(events) {}
    Task<Result<void>> hear(std::string, Word word) override {
        const std::string status(word.status ? to_string(*word.status) : "nothing");
        words.push_back(status + " after " + std::to_string(events_.events().size()));
        if (is_of_another_store) co_return Error{Errc::not_found, "no such intent"};
        if (is_broken && word.status && is_terminal(*word.status)) {
            co_return Error{Errc::unavailable, "the disk is full"};
        }
        co_return Result<void>();
    }
    Task<std::string> answer(std::string, std::string) override { co_return "<Response/>"; }

    std::vector<std::string> words;
    bool is_broken = false;
    bool is_of_another_store = false;

private:
    KeptEvents& events_;
};

class PlacedCallsTest : public FrontTest {
protected:
    void serve_placed() {
        HttpFrontPorts ports{events, actions, store, pool, pool, clock, log, metrics};
        ports.placed = &placed;
        front.emplace(loop.io.get_executor(), options, ports);
        ASSERT_TRUE(front->listen());
        front->start();
        front->set_serving();
        loop.start();
    }
    int tell(const std::string& status) {
        const std::string target = "/call-status-callback/token-of-the-intent";
        const Form form{{"CallSid", sid}, {"CallStatus", status}, {"CallDuration", "7"}};
        const std::string signature =
            twilio_signature("token", "https://calls.example.com" + target, form);
        return ask(post(target, render_form(form),
                        "Content-Type: application/x-www-form-urlencoded\r\n"
                        "X-Twilio-Signature: " +
                            signature + "\r\n"))
            .status;
    }

    KeptPlaced placed{events};
};

TEST_F(PlacedCallsTest, a_call_is_tied_to_its_intent_before_anything_is_kept_of_it) {
    serve_placed();
    EXPECT_EQ(tell("ringing"), 204);
    EXPECT_EQ(placed.words, (std::vector<std::string>{"ringing after 0"}));
}

// Else nobody would ask Twilio about a call whose end was not kept.
TEST_F(PlacedCallsTest, an_intent_is_over_once_the_end_of_its_call_is_kept) {
    serve_placed();
    events.is_broken = true;
    EXPECT_EQ(tell("completed"), 503);
    EXPECT_EQ(placed.words, (std::vector<std::string>{"nothing after 0"}));
    events.is_broken = false;
    EXPECT_EQ(tell("completed"), 204);
    EXPECT_EQ(placed.words, (std::vector<std::string>{"nothing after 0", "nothing after 0",
                                                      "completed after 1"}));
    placed.is_broken = true;
    EXPECT_EQ(tell("completed"), 503);
}

TEST_F(PlacedCallsTest, a_call_that_another_store_placed_is_kept_and_noted_once) {
    serve_placed();
    placed.is_of_another_store = true;
    EXPECT_EQ(tell("completed"), 204);
    EXPECT_EQ(placed.words, (std::vector<std::string>{"nothing after 0"}));
    EXPECT_EQ(events.events().size(), 1U);
}

}  // namespace
}  // namespace wrapup
