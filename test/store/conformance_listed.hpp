#pragma once

// Store conformance: lists of deliveries.

#include <algorithm>
#include <span>

#include "test/store/conformance_failures.hpp"

namespace wrapup {

class StoreDeliveries : public StoreFailures {
protected:
    std::vector<ListedDelivery> all_of(DeliveryFilter filter) {
        std::vector<ListedDelivery> all;
        for (int pages = 0; pages < 100; ++pages) {
            const auto page = store->list_deliveries(filter);
            if (!page) {
                ADD_FAILURE() << page.error().detail;
                return all;
            }
            EXPECT_LE(std::ssize(page->deliveries), filter.limit);
            all.insert(all.end(), page->deliveries.begin(), page->deliveries.end());
            if (page->next_cursor.empty()) return all;
            filter.cursor = page->next_cursor;
        }
        ADD_FAILURE() << "the list has no end";
        return all;
    }
    Strings calls_of(const DeliveryFilter& filter) {
        Strings calls;
        for (const ListedDelivery& one : all_of(filter)) calls.push_back(one.delivery.call_id);
        return calls;
    }
    void make_fixed_at(const std::string& id, UtcTime first_event_at) {
        NewEvent event = event_of(id, "completed");
        event.received_at = first_event_at;
        append(event);
        SettleCall op = answer_to(claim(id));
        op.then = fix_of();
        settle(op);
    }
    // CA1 is refused, CA2 refused otherwise and pending, CA3 accepted, CA4 never tried, CA5 parked
    // as disabled and of the lake.
    void make_some() {
        for (const char* const id : {"CA1", "CA2", "CA3"}) {
            make_fixed_at(id, t0 + seconds{id[2] - '0'});
        }
        fail_one(attempt_saying("no such row"), FinishAttempt::Park{ParkReason::rejected});
        Attempt other = attempt_saying("the disk is full");
        other.http_status = 500;
        fail_one(other, FinishAttempt::RetryAt{t0 + lease, true});
        fail_one(attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{});
        make_fixed_at("CA4", t0 + seconds{4});
        SettleCall::Fix fix = fix_of({"lake"});
        fix.deliveries.front().parked = ParkReason::disabled;
        make_fixed("CA5", fix);
    }
};

TEST_P(StoreDeliveries, are_listed_by_what_is_asked) {
    make_some();
    DeliveryFilter filter;
    EXPECT_EQ(calls_of(filter), (Strings{"CA4", "CA3", "CA2", "CA1", "CA5"}));
    filter.what.state = DeliveryState::accepted;
    EXPECT_EQ(calls_of(filter), Strings{"CA3"});
    filter.what.state = DeliveryState::pending;
    EXPECT_EQ(calls_of(filter), (Strings{"CA4", "CA2"}));
    filter.what.destination = "crm";
    EXPECT_EQ(calls_of(filter), (Strings{"CA4", "CA2"}));
    filter.what.destination = "lake";
    EXPECT_EQ(calls_of(filter), Strings{});
    filter.what.state.reset();
    EXPECT_EQ(calls_of(filter), Strings{"CA5"});
    filter = {};
    filter.what.state = DeliveryState::parked;
    EXPECT_EQ(calls_of(filter), (Strings{"CA5", "CA1"}));
    filter.what.parked = ParkReason::rejected;
    EXPECT_EQ(calls_of(filter), Strings{"CA1"});
    filter.what.destination = "crm";
    EXPECT_EQ(calls_of(filter), Strings{"CA1"});
    filter = {};
    filter.http_status = 422;
    EXPECT_EQ(calls_of(filter), Strings{"CA1"});
    filter.http_status = 200;
    EXPECT_EQ(calls_of(filter), Strings{});
    filter = {};
    filter.what.fingerprint = fingerprint_of("crm", attempt_saying("no such row"));
    EXPECT_EQ(calls_of(filter), Strings{"CA1"});
    filter = {};
    filter.what.after = t0 + seconds{2};
    filter.what.before = t0 + seconds{4};
    EXPECT_EQ(calls_of(filter), (Strings{"CA3", "CA2"}));
    filter.what.state = DeliveryState::pending;
    EXPECT_EQ(calls_of(filter), Strings{"CA2"});
}

TEST_P(StoreDeliveries, tell_what_became_of_them) {
    make_some();
    DeliveryFilter filter;
    filter.what.fingerprint = fingerprint_of("crm", attempt_saying("no such row"));
    const auto list = all_of(filter);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].delivery.id, 1);
    EXPECT_EQ(list[0].delivery.parked, ParkReason::rejected);
    EXPECT_EQ(list[0].delivery.attempts_count, 1);
    EXPECT_EQ(list[0].http_status, 422);
    EXPECT_EQ(list[0].outcome, Outcome::held);
    EXPECT_EQ(list[0].first_event_at, t0 + seconds{1});
}

TEST_P(StoreDeliveries, pages_stay_where_they_are_while_more_comes) {
    for (const char* const id : {"CA1", "CA2", "CA3", "CA4", "CA5"}) {
        make_fixed(id, fix_of({"crm", "lake"}));
    }
    for (const bool few : {false, true}) {
        DeliveryFilter filter;
        if (few) filter.what.state = DeliveryState::pending;
        const auto whole = all_of(filter);
        ASSERT_GE(whole.size(), 10U);
        filter.limit = 3;
        EXPECT_EQ(all_of(filter), whole);
        const DeliveryPage first = *store->list_deliveries(filter);
        ASSERT_EQ(first.deliveries.size(), 3U);
        make_fixed(few ? "CA7" : "CA6");
        filter.cursor = first.next_cursor;
        filter.limit = 200;
        const auto rest = all_of(filter);
        EXPECT_TRUE(std::ranges::equal(rest, std::span(whole).subspan(3)));
    }
}

TEST_P(StoreDeliveries, a_cursor_that_is_none_is_refused) {
    DeliveryFilter filter;
    filter.cursor = "nonsense";
    EXPECT_EQ(store->list_deliveries(filter).error().code, Errc::invalid_input);
    filter.what.state = DeliveryState::parked;
    EXPECT_EQ(store->list_deliveries(filter).error().code, Errc::invalid_input);
}

}  // namespace wrapup
