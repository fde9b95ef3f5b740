#pragma once

// The calls of a campaign: a list of numbers that are called one after the other, each until
// somebody answers or its retries are used up. Rows are durable; what becomes of one is decided in
// core/placing/list_plan.hpp.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/fields.hpp"

namespace wrapup {

enum class DialListState {
    active,
    paused,     // By a person, or because Twilio refuses every call: `reason` says which.
    cancelled,  // For good. What waited is never called.
};
std::string_view to_string(DialListState state);
std::optional<DialListState> parse_dial_list_state(std::string_view name);

// How long after which attempt a number is called again: one wait per retry, none: never.
using RetryWaits = std::vector<seconds>;

struct DialList {
    std::string id;  // The campaign's.
    DialListState state = DialListState::active;
    std::string reason;  // Of a pause that no person wanted.
    std::string campaign_name;
    std::string from;  // Empty, as the next two: as the settings say.
    std::string agent_id;
    std::int64_t timeout_s = 0;
    std::optional<UtcTime> not_before;
    std::optional<UtcTime> not_after;  // Always set once it is stored: every row ends.
    RetryWaits retry_busy;
    RetryWaits retry_no_answer;
    std::optional<UtcTime> created_at;
    // Rows by what they count as (counted_as), and "attempts": the intents that were made.
    std::map<std::string, std::int64_t> counts;

    bool operator==(const DialList&) const = default;
};
template <>
inline constexpr auto fields_of<DialList> =
    std::tuple{Field{"id", &DialList::id},
               Field{"state", &DialList::state},
               Field{"reason", &DialList::reason},
               Field{"campaign_name", &DialList::campaign_name},
               Field{"from", &DialList::from},
               Field{"agent_id", &DialList::agent_id},
               Field{"timeout_s", &DialList::timeout_s},
               Field{"not_before", &DialList::not_before},
               Field{"not_after", &DialList::not_after},
               Field{"retry_busy", &DialList::retry_busy},
               Field{"retry_no_answer", &DialList::retry_no_answer},
               Field{"created_at", &DialList::created_at},
               Field{"counts", &DialList::counts}};
static_assert(names_every_field(fields_of<DialList>));

enum class ListRowState {
    waiting,  // For its first attempt, or for the next one.
    calling,  // `intent_id` is its attempt.
    done,     // `outcome` says how.
};
std::string_view to_string(ListRowState state);
std::optional<ListRowState> parse_list_row_state(std::string_view name);

// A number stands in a list once.
struct ListRow {
    std::string list_id;
    std::string to;            // E.164.
    std::int64_t version = 0;  // Moves with every change.
    std::string batch;         // Of the request that brought it; empty: it had no key.
    std::string name;
    std::string variables;  // A JSON object; empty: none.
    std::string time_zone;  // Of the person, when somebody said it.
    ListRowState state = ListRowState::waiting;
    std::string outcome;  // Of the last attempt, or why there was none: a code.
    std::string intent_id;
    std::int64_t attempts_count = 0;
    std::int64_t busy_count = 0;       // Retries that were used up.
    std::int64_t no_answer_count = 0;  // The same.
    std::optional<UtcTime> due_at;     // While it waits.
    std::optional<UtcTime> ended_at;

    bool operator==(const ListRow&) const = default;
};
template <>
inline constexpr auto fields_of<ListRow> =
    std::tuple{Field{"list_id", &ListRow::list_id},
               Field{"to", &ListRow::to},
               Field{"version", &ListRow::version},
               Field{"batch", &ListRow::batch},
               Field{"name", &ListRow::name},
               Field{"variables", &ListRow::variables},
               Field{"time_zone", &ListRow::time_zone},
               Field{"state", &ListRow::state},
               Field{"outcome", &ListRow::outcome},
               Field{"intent_id", &ListRow::intent_id},
               Field{"attempts_count", &ListRow::attempts_count},
               Field{"busy_count", &ListRow::busy_count},
               Field{"no_answer_count", &ListRow::no_answer_count},
               Field{"due_at", &ListRow::due_at},
               Field{"ended_at", &ListRow::ended_at}};
static_assert(names_every_field(fields_of<ListRow>));

// "waiting", "calling", or "done " and the outcome.
std::string counted_as(const ListRow& row);

// None of its rows waits or is called.
bool has_ended(const DialList& list);
// It paused itself, and a person has to see to it.
bool needs_person(const DialList& list);
// The command that lets it go on.
std::string resume_command(const DialList& list);

}  // namespace wrapup
