#pragma once

// What every Store promises (ports/store.hpp), one test per promise. A suite instantiates this with
// a way to make an empty store.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "ports/store.hpp"
#include "test/store/operations.hpp"

namespace wrapup {

struct StoreKind {
    std::string name;
    std::function<std::unique_ptr<EmbeddedStore>()> make;

    friend void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }
};

class StoreConformance : public testing::TestWithParam<StoreKind> {
protected:
    void SetUp() override {
        store = GetParam().make();
        ASSERT_NE(store, nullptr);
    }
    // Whatever a test did: the store is whole.
    void TearDown() override {
        if (store == nullptr) return;
        const auto findings = store->check_integrity();
        ASSERT_TRUE(findings) << findings.error().detail;
        EXPECT_EQ(*findings, std::vector<std::string>{});
    }

    StoreOutcome commit_one(StoreOp op, UtcTime now = t0) {
        auto outcomes = store->commit(std::span(&op, 1), now);
        if (!outcomes) return outcomes.error();
        return outcomes->front();
    }
    Appended append(const NewEvent& event, UtcTime now = t0) {
        const auto outcome = commit_one(AppendEvent{event}, now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<Appended>(*outcome) : Appended{};
    }
    Settled settle(const SettleCall& op, UtcTime now = t0) {
        const auto outcome = commit_one(op, now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<Settled>(*outcome) : Settled{};
    }
    void finish(FinishAttempt op, UtcTime now = t0) {
        const auto outcome = commit_one(std::move(op), now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
    }
    Errc refusal(StoreOp op, UtcTime now = t0) {
        const auto outcome = commit_one(std::move(op), now);
        EXPECT_FALSE(outcome) << "was not refused";
        return outcome ? Errc::corrupt : outcome.error().code;
    }
    ClaimedCall claim(const std::string& id, UtcTime now = t0) {
        auto claimed = store->claim_call(id, now, lease);
        EXPECT_TRUE(claimed) << claimed.error().detail;
        return claimed ? *claimed : ClaimedCall{};
    }
    Result<std::vector<ClaimedDelivery>> claim_due(const std::string& destination, UtcTime now,
                                                   milliseconds held, int limit) {
        auto all = store->claim_deliveries(destination, now, held, limit, {});
        if (!all) return std::move(all).error();
        return std::move(all->claimed);
    }
    ClaimedDelivery claim_one_delivery(UtcTime now = t0, const std::string& destination = "crm") {
        const auto claimed = claim_due(destination, now, lease, 10);
        EXPECT_TRUE(claimed);
        EXPECT_EQ(claimed->size(), 1U);
        return claimed->empty() ? ClaimedDelivery{} : claimed->front();
    }
    CallStory story(const std::string& id) {
        auto found = store->find_story(id);
        EXPECT_TRUE(found) << found.error().detail;
        return found ? *found : CallStory{};
    }
    std::string identity(const std::string& id) {
        const auto found = store->resolve(id);
        return found ? *found : "nobody";
    }
    // A call with its record, on its way to the destinations.
    Settled make_fixed(const std::string& id, SettleCall::Fix fix = fix_of()) {
        append(event_of(id, "completed"));
        SettleCall op = answer_to(claim(id));
        op.then = std::move(fix);
        return settle(op);
    }
    std::vector<std::string> listed(const CallFilter& filter) {
        const auto page = store->list_calls(filter);
        EXPECT_TRUE(page);
        std::vector<std::string> ids;
        for (const Call& call : page->calls) ids.push_back(call.id);
        return ids;
    }

    std::unique_ptr<EmbeddedStore> store;
};

using Strings = std::vector<std::string>;

}  // namespace wrapup

#include "test/store/conformance_actions.hpp"
#include "test/store/conformance_breakers.hpp"
#include "test/store/conformance_calls.hpp"
#include "test/store/conformance_deliveries.hpp"
#include "test/store/conformance_do_not_call.hpp"
#include "test/store/conformance_merging.hpp"
#include "test/store/conformance_reads.hpp"
#include "test/store/conformance_reconciliation.hpp"
#include "test/store/conformance_settling.hpp"
