// What nodes on one database know of each other, and leave to each other.

#include "test/postgres/fleet.hpp"
#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/survey.hpp"

namespace wrapup {
namespace {

TEST_F(PostgresFleet, a_fence_names_its_holder) {
    const auto a = open("a");
    const auto b = open("b");
    append(*a, "CA1");
    const auto first = a->claim_call("CA1", wall_now(), seconds{60});
    ASSERT_TRUE(first);
    // As if a primary had been lost that knew of the claim.
    execute("UPDATE wrapup.calls SET lease_until_ms = NULL, fence = 0");
    const auto second = b->claim_call("CA1", wall_now(), seconds{60});
    ASSERT_TRUE(second);
    EXPECT_NE(first->fence, second->fence);
    const StoreOp late = ReleaseCall{"CA1", first->fence};
    const auto outcomes = a->commit(std::span(&late, 1), wall_now());
    ASSERT_TRUE(outcomes);
    EXPECT_EQ(outcomes->front().error().code, Errc::conflict);
}

TEST_F(PostgresFleet, a_start_voids_what_its_earlier_process_held_and_nothing_else) {
    const auto b = open("b");
    {
        const auto a = open("a");
        append(*a, "CA1");
        append(*a, "CA2");
        ASSERT_TRUE(a->claim_call("CA1", wall_now(), seconds{60}));
        ASSERT_TRUE(b->claim_call("CA2", wall_now(), seconds{60}));
    }
    const auto again = open("a");
    ASSERT_TRUE(again->void_leases(wall_now()));
    EXPECT_EQ(ask("SELECT string_agg(id, ' ') FROM wrapup.calls WHERE lease_until_ms IS NOT NULL"),
              "CA2");
}

TEST_F(PostgresFleet, what_is_due_is_due_by_the_databases_clock) {
    const auto a = open("a");
    append(*a, "CA1");
    const std::chrono::hours off{1};
    execute(
        "UPDATE wrapup.calls SET due_at_ms = (extract(epoch FROM now()) * 1000)::bigint"
        " + 600000");
    // An hour ahead by its own clock.
    EXPECT_TRUE(a->claim_calls(wall_now() + off, seconds{60}, 5)->empty());
    execute("UPDATE wrapup.calls SET due_at_ms = due_at_ms - 700000");
    EXPECT_EQ(a->claim_calls(wall_now() - off, seconds{60}, 5)->size(), 1U);
}

TEST_F(PostgresFleet, one_node_has_the_duties_until_it_leaves_or_is_silent) {
    const auto a = open("a");
    const auto b = open("b");
    EXPECT_EQ(duties_of(*a).size(), 5U);
    EXPECT_TRUE(duties_of(*b).empty());
    EXPECT_TRUE(a->has(duty::seal));
    EXPECT_FALSE(b->has(duty::seal));
    a->leave();
    EXPECT_FALSE(a->has(duty::seal));
    EXPECT_EQ(duties_of(*b).size(), 5U);
    EXPECT_EQ(ask("SELECT max(epoch) FROM wrapup.duties"), "2");
    execute("UPDATE wrapup.duties SET until_ms = 1");
    EXPECT_EQ(duties_of(*a).size(), 5U);
    EXPECT_EQ(ask("SELECT max(epoch) FROM wrapup.duties"), "3");
    // Held by one that is gone, until a time of before the clock was set back.
    execute("UPDATE wrapup.duties SET holder = 77, until_ms = 3600000 + " + now_ms);
    EXPECT_EQ(duties_of(*b).size(), 5U);
}

TEST_F(PostgresFleet, a_start_takes_up_at_once_what_its_earlier_process_did) {
    const auto b = open("b");
    EXPECT_EQ(duties_of(*open("a")).size(), 5U);
    EXPECT_TRUE(duties_of(*b).empty());
    EXPECT_EQ(duties_of(*open("a")).size(), 5U);
}

// It believes that it has the duty: it was paused when others took it.
TEST_F(PostgresFleet, what_needs_a_duty_is_refused_to_who_has_lost_it) {
    const auto a = open("a");
    const auto b = open("b");
    StartReplay start;
    start.token = "t";
    start.at = wall_now();
    const StoreOp op = start;
    ASSERT_TRUE(a->commit(std::span(&op, 1), wall_now()));
    ASSERT_EQ(duties_of(*a).size(), 5U);
    execute("UPDATE wrapup.duties SET until_ms = 1");
    ASSERT_EQ(duties_of(*b).size(), 5U);
    ASSERT_TRUE(a->has(duty::replay));
    std::vector<StoreOp> ops;
    ops.emplace_back(AppendEvent{event_of("CA1", "a")});
    ops.emplace_back(AdvanceReplay{.id = 1, .only = {}, .at = wall_now()});
    ops.emplace_back(AppendEvent{event_of("CA2", "a")});
    const auto refused = a->commit(ops, wall_now());
    ASSERT_TRUE(refused);
    EXPECT_TRUE((*refused)[0]);
    EXPECT_EQ((*refused)[1].error().code, Errc::conflict);
    EXPECT_TRUE((*refused)[2]);
    const auto done = b->commit(ops, wall_now());
    ASSERT_TRUE(done);
    EXPECT_TRUE((*done)[1]);
}

TEST_F(PostgresFleet, hears_what_others_changed_and_not_what_it_did_itself) {
    const auto a = open("a");
    const auto b = open("b");
    for (const auto* const node : {&a, &b, &a}) ASSERT_TRUE((*node)->beat({}));
    append(*a, "CA1");
    append(*b, "CA2");
    const auto heard = b->beat({});
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->changes, (std::vector<CallChange>{{"CA1", CallState::open}}));
    EXPECT_TRUE(b->beat({})->changes.empty());
    EXPECT_EQ(a->beat({})->changes, (std::vector<CallChange>{{"CA2", CallState::open}}));
}

// Its number is lower than that of one that was told already.
TEST_F(PostgresFleet, hears_of_a_change_that_was_committed_late) {
    const auto a = open("a");
    const auto b = open("b");
    for (const auto* const node : {&a, &b, &a}) ASSERT_TRUE((*node)->beat({}));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> slow{PQconnectdb(url.c_str()), &PQfinish};
    PQclear(PQexec(slow.get(),
                   "BEGIN; INSERT INTO wrapup.changes (node, at_ms, calls)"
                   " VALUES (0, (extract(epoch FROM now()) * 1000)::bigint, 'open CA9')"));
    append(*a, "CA1");
    (void)b->beat({});
    PQclear(PQexec(slow.get(), "COMMIT"));
    std::set<std::string> told;
    while (told.size() < 2) {
        const auto news = b->beat({});
        ASSERT_TRUE(news);
        for (const CallChange& one : news->changes) told.insert(one.call_id);
    }
    EXPECT_TRUE(told.contains("CA9") && told.contains("CA1"));
}

// As if a node had been paused when it had the duties in hand: none of the server's own limits
// applies, and nobody could say any more that it lives.
TEST_F(PostgresFleet, ends_what_was_paused_in_the_middle_of_a_transaction) {
    const auto a = open("a");
    ASSERT_TRUE(a->beat({}));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> paused{PQconnectdb(url.c_str()), &PQfinish};
    PQclear(PQexec(paused.get(),
                   "SET idle_in_transaction_session_timeout = '1s';"
                   "SET statement_timeout = '1s'"));
    ASSERT_EQ(PQenterPipelineMode(paused.get()), 1);
    for (const char* const sql : {"BEGIN", "UPDATE wrapup.duties SET until_ms = until_ms"}) {
        ASSERT_EQ(PQsendQueryParams(paused.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0),
                  1);
    }
    ASSERT_EQ(PQsendFlushRequest(paused.get()), 1);
    while (PQflush(paused.get()) == 1) {
    }
    PQclear(PQgetResult(paused.get()));
    const auto first = a->beat({});
    ASSERT_FALSE(first);
    EXPECT_NE(first.error().detail.find("lock timeout"), std::string::npos) << first.error().detail;
    auto news = a->beat({});
    for (int more = 0; !news && more < 3; ++more) news = a->beat({});
    ASSERT_TRUE(news) << news.error().detail;
    EXPECT_EQ(news->stalled_sessions, 1);
    EXPECT_EQ(a->beat({})->stalled_sessions, 0);
}

TEST_F(PostgresFleet, clears_up_after_one_that_is_gone) {
    const auto a = open("a");
    append(*a, "CA1");
    append(*a, "CA2");
    {
        const auto gone = open("gone");
        ASSERT_TRUE(gone->claim_call("CA1", wall_now(), seconds{60}));
        ASSERT_TRUE(gone->claim_call("CA2", wall_now(), seconds{60}));
    }
    execute(
        "UPDATE wrapup.nodes SET seen_at_ms = 1 WHERE id = 'gone';"
        "UPDATE wrapup.calls SET lease_until_ms = 1 WHERE id = 'CA1'");
    ASSERT_TRUE(a->beat({}));
    EXPECT_EQ(ask("SELECT string_agg(id, ' ') FROM wrapup.calls WHERE lease_until_ms IS NOT NULL"),
              "CA2");
    EXPECT_EQ(ask("SELECT count(*) FROM wrapup.nodes"), "2");  // It holds something yet.
    execute("UPDATE wrapup.calls SET lease_until_ms = 1 WHERE id = 'CA2'");
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(a->beat({}));
    EXPECT_EQ(ask("SELECT count(*) FROM wrapup.nodes"), "1");
}

TEST_F(PostgresFleet, a_copy_of_a_data_folder_is_told_from_its_original) {
    const auto original = open("a", "here");
    ASSERT_TRUE(original->beat({}));
    const auto copy = PostgresStore::open({.url = url, .node = {"a", "there", 1, "1.0"}});
    ASSERT_FALSE(copy);
    EXPECT_EQ(copy.error().code, Errc::conflict);
    EXPECT_TRUE(open("a", "here"));
}

TEST_F(PostgresFleet, one_whose_place_was_taken_claims_nothing_for_a_person_either) {
    const auto first = open("a");
    append(*first, "CA1");
    const auto second = open("a");
    ASSERT_TRUE(first->beat({}));
    EXPECT_TRUE(first->is_replaced());
    EXPECT_EQ(first->claim_call("CA1", wall_now(), seconds{60}).error().code, Errc::conflict);
    EXPECT_EQ(first->claim_delivery(1, wall_now(), seconds{60}).error().code, Errc::conflict);
    EXPECT_TRUE(first->claim_calls(wall_now(), seconds{60}, 5)->empty());
    EXPECT_TRUE(second->claim_call("CA1", wall_now(), seconds{60}));
}

TEST_F(PostgresFleet, one_whose_place_was_taken_has_it_again_when_the_other_has_stopped) {
    const auto first = open("a");
    const auto second = open("a");
    append(*first, "CA1");
    ASSERT_TRUE(second->claim_call("CA1", wall_now(), seconds{60}));
    EXPECT_TRUE(first->beat({})->is_replaced);
    second->leave();
    EXPECT_FALSE(first->beat({})->is_replaced);
    EXPECT_EQ(duties_of(*first).size(), 5U);
    EXPECT_EQ(first->claim_calls(wall_now(), seconds{60}, 5)->size(), 1U);
    EXPECT_TRUE(second->beat({})->is_replaced);
}

// Nobody else is there to clear up. What it holds may be on its way yet.
TEST_F(PostgresFleet, one_whose_place_was_taken_has_it_again_when_the_other_is_silent) {
    const auto first = open("a");
    const auto second = open("a");
    append(*first, "CA1");
    ASSERT_TRUE(second->claim_call("CA1", wall_now(), seconds{60}));
    const auto beats = [&] {
        for (int i = 0; i < 12; ++i) EXPECT_TRUE(first->beat({}));
        return first->is_replaced();
    };
    EXPECT_TRUE(beats());
    execute("UPDATE wrapup.nodes SET seen_at_ms = 1");
    EXPECT_TRUE(beats());
    execute("UPDATE wrapup.calls SET lease_until_ms = 1");
    EXPECT_FALSE(beats());
    EXPECT_EQ(first->claim_calls(wall_now(), seconds{60}, 5)->size(), 1U);
}

TEST_F(PostgresFleet, nodes_and_surveys_see_what_each_was_started_with) {
    const auto start = [&](const std::string& id, const std::string& settings) {
        return open_postgres({.url = url, .node = {id, "here", 1, "1.0", settings}});
    };
    const SettingDigests other{{"CRM_WEBHOOK_URL", "0102"}};
    const auto b = start("b", "CRM_WEBHOOK_URL=ffff");
    ASSERT_TRUE(start("b", to_text(other)));
    const auto a = start("a", "CRM_WEBHOOK_URL=0101");
    EXPECT_EQ(a->beat({})->nodes.at(1).settings, other);
    EXPECT_EQ(postgres::survey(url)->nodes.at(1).settings, other);
    // One that was forgotten is back with them.
    execute("DELETE FROM wrapup.nodes WHERE id = 'a'");
    const auto news = a->beat({});
    ASSERT_TRUE(news) << news.error().detail;
    EXPECT_EQ(to_text(news->nodes.at(0).settings), "CRM_WEBHOOK_URL=0101");
    // As before the column.
    execute("ALTER TABLE wrapup.nodes DROP COLUMN settings");
    EXPECT_EQ(postgres::survey(url)->nodes.at(1).settings, SettingDigests{});
}

// Else no version of a row that counts goes away, and each commit looks through all of them.
TEST_F(PostgresFleet, counts_in_new_rows_while_somebody_holds_a_snapshot) {
    const auto a = open("a");
    int calls_count = 0;
    const auto slots_after = [&](int commits) {
        for (int i = 0; i < commits; ++i) {
            append(*a, "CA" + std::to_string(++calls_count));
            if (i % 100 == 0) {
                EXPECT_TRUE(a->beat({}));
            }
        }
        return ask("SELECT count(*) FROM wrapup.counters_by_slot WHERE name = 'state open'");
    };
    EXPECT_EQ(slots_after(1'500), "1");
    const std::unique_ptr<PGconn, decltype(&PQfinish)> holder{PQconnectdb(url.c_str()), &PQfinish};
    PQclear(PQexec(holder.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ"));
    PQclear(PQexec(holder.get(), "SELECT count(*) FROM wrapup.calls"));
    EXPECT_GT(std::stoi(slots_after(1'500)), 1);
    EXPECT_EQ(a->counts()->calls.front().second, 3'000);
    EXPECT_EQ(*a->check_integrity(), std::vector<std::string>{});
    // What grew before a node was there is nothing that it has to turn from.
    const auto b = open("b");
    ASSERT_TRUE(b->beat({}));
    append(*b, "CB1");
    EXPECT_EQ(ask("SELECT count(*) FROM wrapup.counters_by_slot WHERE slot = 2"), "1");
}

// So that PostgreSQL enters what is delivered into no index (a heap-only tuple).
TEST_F(PostgresFleet, no_index_of_calls_has_what_changes_with_the_delivery) {
    const auto a = open("a");
    EXPECT_EQ(ask("SELECT string_agg(indexname, ' ') FROM pg_indexes WHERE schemaname = 'wrapup'"
                  " AND tablename = 'calls' AND indexdef ~ '\\mstate\\M'"),
              "");
    EXPECT_EQ(ask("SELECT string_agg(DISTINCT tablename, ' ') FROM pg_indexes"
                  " WHERE schemaname = 'wrapup' AND indexdef ~ '\\mlisted_state\\M'"),
              "calls");
}

TEST_F(PostgresFleet, each_counts_in_rows_of_its_own) {
    const auto a = open("a");
    const auto b = open("b");
    append(*a, "CA1");
    append(*b, "CA2");
    EXPECT_EQ(ask("SELECT count(*) FROM wrapup.counters_by_slot WHERE name = 'state open'"), "2");
    EXPECT_EQ(a->counts()->calls.front().second, 2);
    EXPECT_EQ(*a->check_integrity(), std::vector<std::string>{});
}

TEST_F(PostgresFleet, a_survey_finds_the_mark_of_a_move_in_an_older_schema) {
    ASSERT_TRUE(open("a"));
    EXPECT_EQ(postgres::survey(url)->moved_away, "");
    execute(
        "DELETE FROM wrapup.migrations WHERE number = "
        "(SELECT max(number) FROM wrapup.migrations)");
    const auto connection = postgres::Connection::open({.url = url});
    ASSERT_TRUE(connection);
    ASSERT_TRUE(postgres::note_moved(**connection, "sqlite:home"));
    const auto seen = postgres::survey(url);
    ASSERT_TRUE(seen) << seen.error().detail;
    EXPECT_LT(seen->steps_made, seen->steps_known);
    EXPECT_NE(seen->moved_away.find("was moved to sqlite:home at "), std::string::npos);
}

}  // namespace
}  // namespace wrapup
