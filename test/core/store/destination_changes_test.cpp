#include "core/store/destination_changes.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

constexpr UtcTime t0{milliseconds{1'750'000'000'000}};

std::vector<std::string> told(const std::vector<SetDestination>& changes) {
    std::vector<std::string> words;
    for (const auto& one : changes) {
        EXPECT_EQ(one.at, t0);
        words.push_back(one.name + " " + std::string(to_string(one.state)));
    }
    return words;
}

struct Row {
    const char* name;
    std::vector<std::string> configured;
    std::vector<DestinationRow> known;
    std::vector<std::string> waiting;
    std::vector<std::string> changes;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

DestinationRow row_of(const char* name, DestinationState state) {
    DestinationRow row;
    row.name = name;
    row.state = state;
    return row;
}
const DestinationRow crm_active = row_of("crm", DestinationState::active);
const DestinationRow lake_active = row_of("lake", DestinationState::active);
const DestinationRow lake_paused = row_of("lake", DestinationState::paused);
const DestinationRow lake_gone = row_of("lake", DestinationState::gone);
const DestinationRow lake_removed = row_of("lake", DestinationState::removed);
const DestinationRow lake_disabled = row_of("lake", DestinationState::disabled);

const Row rows[] = {
    {"nothing_known", {"crm", "-lake"}, {}, {}, {"crm active", "lake disabled"}},
    {"all_configured", {"crm", "lake"}, {crm_active, lake_paused}, {"crm", "lake"}, {}},
    {"new", {"crm", "lake"}, {crm_active}, {}, {"lake active"}},
    {"gone_by_its_own_word", {"crm", "lake"}, {crm_active, lake_gone}, {}, {}},
    {"removed_while_something_waits", {"crm"}, {crm_active}, {"crm", "lake"}, {"lake removed"}},
    {"removed_with_a_row", {"crm"}, {crm_active, lake_active}, {"lake"}, {"lake removed"}},
    {"removed_while_paused", {"crm"}, {crm_active, lake_paused}, {"lake"}, {"lake removed"}},
    {"removed_while_gone", {"crm"}, {crm_active, lake_gone}, {}, {"lake removed"}},
    {"removed_before", {"crm"}, {crm_active, lake_removed}, {"lake"}, {}},
    {"back", {"crm", "lake"}, {crm_active, lake_removed}, {"lake"}, {"lake active"}},
    {"switched_off", {"crm", "-lake"}, {crm_active, lake_active}, {"lake"}, {"lake disabled"}},
    {"switched_off_while_paused",
     {"crm", "-lake"},
     {crm_active, lake_paused},
     {},
     {"lake disabled"}},
    {"switched_off_while_gone", {"crm", "-lake"}, {crm_active, lake_gone}, {}, {}},
    {"switched_off_while_something_waits", {"-crm"}, {}, {"crm"}, {"crm disabled"}},
    {"switched_off_before", {"crm", "-lake"}, {crm_active, lake_disabled}, {"lake"}, {}},
    {"switched_off_and_nothing_waits", {"-crm"}, {}, {}, {"crm disabled"}},
    {"back_and_switched_off",
     {"crm", "-lake"},
     {crm_active, lake_removed},
     {"lake"},
     {"lake disabled"}},
    {"switched_on", {"crm", "lake"}, {crm_active, lake_disabled}, {"lake"}, {"lake active"}},
    {"switched_off_and_removed", {"crm"}, {crm_active, lake_disabled}, {"lake"}, {"lake removed"}},
};

class DestinationChanges : public testing::TestWithParam<Row> {};

TEST_P(DestinationChanges, follow_the_settings) {
    const Row& row = GetParam();
    std::vector<ConfiguredDestination> configured;
    for (const std::string& name : row.configured) {
        const bool is_off = name.starts_with('-');
        configured.push_back({is_off ? name.substr(1) : name, !is_off});
    }
    EXPECT_EQ(told(destination_changes(configured, row.known, row.waiting, t0)), row.changes);
}

INSTANTIATE_TEST_SUITE_P(Table, DestinationChanges, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

class Missed : public testing::Test {
protected:
    // What the settings of living nodes change a while after t0.
    std::vector<std::string> after(seconds since_t0, const SentTo& sent_to,
                                   const std::vector<DestinationRow>& known) {
        std::vector<std::string> words;
        for (const auto& one : missed.changes(sent_to, known, t0 + since_t0)) {
            EXPECT_EQ(one.at, t0 + since_t0);
            words.push_back(one.name + " " + std::string(to_string(one.state)));
        }
        return words;
    }
    using Words = std::vector<std::string>;

    static constexpr seconds grace = MissedDestinations::grace;
    MissedDestinations missed;
};

TEST_F(Missed, is_removed_when_the_grace_is_over) {
    for (const DestinationRow& lake : {lake_active, lake_paused, lake_gone}) {
        missed.forget();
        EXPECT_EQ(after(seconds{0}, {"crm"}, {crm_active, lake}), Words{});
        EXPECT_EQ(after(grace - seconds{1}, {"crm"}, {crm_active, lake}), Words{});
        EXPECT_EQ(after(grace, {"crm"}, {crm_active, lake}), Words{"lake removed"});
        EXPECT_EQ(after(grace + seconds{1}, {"crm"}, {crm_active, lake}), Words{});
        EXPECT_EQ(after(grace + seconds{2}, {"crm"}, {crm_active, lake_removed}), Words{});
    }
}

TEST_F(Missed, is_none_while_its_node_is_restarted) {
    EXPECT_EQ(after(seconds{0}, {"crm"}, {lake_active}), Words{});
    EXPECT_EQ(after(seconds{9}, {"crm", "lake"}, {lake_active}), Words{});
    EXPECT_EQ(after(grace, {"crm"}, {lake_active}), Words{});
}

TEST_F(Missed, what_was_removed_and_is_sent_to_is_active_at_once) {
    const SentTo both{"crm", "lake"};
    EXPECT_EQ(after(seconds{0}, both, {lake_removed}), Words{"lake active"});
    EXPECT_EQ(after(seconds{1}, both, {lake_removed}), Words{});
    EXPECT_EQ(after(grace, both, {lake_removed}), Words{"lake active"}) << "that was not done";
}

TEST_F(Missed, what_settings_switch_off_stays_so) {
    EXPECT_EQ(after(seconds{0}, {"crm"}, {lake_disabled}), Words{});
    EXPECT_EQ(after(grace, {"crm"}, {lake_disabled}), Words{});
}

}  // namespace
}  // namespace wrapup
