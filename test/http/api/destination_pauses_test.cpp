#include "http/api/destination_pauses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

class DestinationPausesTest : public FrontTest {
protected:
    void commit(StoreOp op) {
        const auto outcomes = store.commit({&op, 1}, clock.now());
        ASSERT_TRUE(outcomes && outcomes->at(0));
    }
    void set(DestinationState state) { commit(SetDestination{"crm", state, clock.now()}); }
    void note(OperatorAct act, const std::string& reason, const std::string& refused = "",
              const std::string& name = "crm") {
        OperatorAction action;
        action.at = clock.now();
        action.act = act;
        action.who = "command line";
        action.subject = name;
        action.reason = reason;
        action.refused = refused;
        commit(NoteAction{std::move(action)});
    }
    std::string told() {
        const auto rows = store.destinations();
        const DestinationPauses pauses = find_pauses(store, *rows);
        const auto found = pauses.find("crm");
        return found == pauses.end() ? "" : found->second.who + ": " + found->second.reason;
    }
};

TEST_F(DestinationPausesTest, has_the_last_reason_that_was_given) {
    set(DestinationState::paused);
    EXPECT_EQ(told(), "") << "nobody noted it";
    note(OperatorAct::destination_paused, "an old one");
    note(OperatorAct::destination_resumed, "");
    note(OperatorAct::destination_paused, "");
    EXPECT_EQ(told(), "command line: ");
    note(OperatorAct::destination_paused, "until 6, Ann");
    note(OperatorAct::destination_paused, "another one's", "", "lake");
    note(OperatorAct::destination_resumed, "", "the store is away");
    note(OperatorAct::record_sent, "", "", "CA1");
    EXPECT_EQ(told(), "command line: until 6, Ann");
    note(OperatorAct::destination_paused, "");
    EXPECT_EQ(told(), "command line: until 6, Ann") << "said by somebody, and not taken back";
    set(DestinationState::active);
    EXPECT_EQ(told(), "");
}

TEST_F(DestinationPausesTest, is_found_behind_other_actions_and_answered) {
    set(DestinationState::paused);
    note(OperatorAct::destination_paused, "until 6, Ann");
    for (int i = 0; i < 600; ++i) note(OperatorAct::record_sent, "", "", "CA1");
    serve();
    const json::value answer = json::parse(api_get("/api/destinations").body);
    const json::value& crm = answer.at("destinations").at(0);
    EXPECT_EQ(crm.at("paused_by"), "command line");
    EXPECT_EQ(crm.at("reason"), "until 6, Ann");
}

TEST_F(DestinationPausesTest, an_active_one_has_none) {
    note(OperatorAct::destination_paused, "until 6, Ann");
    serve();
    const json::value answer = json::parse(api_get("/api/destinations").body);
    const json::value& crm = answer.at("destinations").at(0);
    EXPECT_TRUE(crm.at("paused_by").is_null());
    EXPECT_TRUE(crm.at("reason").is_null());
}

}  // namespace
}  // namespace wrapup
