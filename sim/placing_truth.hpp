#pragma once

// What people ask to be placed, and how those who place it misbehave. Drawn from the seed, before
// the run; what came of it is noted beside it.

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "core/placing/placing_plan.hpp"
#include "domain/dial_list.hpp"

namespace wrapup {

// A call that somebody asks for, until he is told what became of his request.
struct TrueIntent {
    std::string key;  // Idempotency-Key.
    std::string to;
    std::string name;
    std::string campaign;
    UtcTime at{};
    std::optional<UtcTime> not_before;
    std::optional<UtcTime> not_after;  // Neither: for now.
    std::optional<UtcTime> cancel_at;

    bool is_said = false;
    std::string id;        // Empty once it is said: it was not made.
    bool is_over = false;  // Nobody wants to cancel it any more.
    std::optional<UtcTime> cancelled_at;
};

struct TrueOptOut {
    std::string phone;
    UtcTime at{};
    std::optional<UtcTime> known_at;  // Since when the store has it.
};

// The calls of a campaign. Somebody asks for them, for more of them, holds them and lets them go
// on, each until he is told that it is so; then he watches them to their end.
struct TrueList {
    struct Step {
        UtcTime at{};
        std::vector<std::string> numbers;  // To be called too; none: the state is set.
        DialListState state = DialListState::active;
    };
    DialList settings;
    std::vector<Step> steps;
    std::set<std::string> numbers() const;

    std::size_t done_count = 0;  // Steps.
    std::optional<UtcTime> cancelled_at;
    bool is_over = false;
};

struct PlacingFaults {
    Ratio not_sent{0, 100};
    Ratio refused{0, 100};
    Ratio lost_before{0, 100};  // The request never arrived, and nobody knows.
    Ratio lost_after{0, 100};   // The call was made, and the answer is lost.
    Ratio twiml_lost{0, 100};   // Twilio does not get the TwiML, and asks once more.
    Ratio silent{0, 100};       // Of a call no callback comes at all.
    Ratio late{0, 100};         // They come after minutes.
    Ratio queued{0, 100};       // It is dialled after minutes.
    Ratio agent_fails{0, 100};
    Ratio agent_is_slow{0, 100};
    Ratio foreign{0, 100};  // Another program rings the number too, from the same one.
    milliseconds list_lag{0};
    bool answers_often = false;
};

struct PlacingTruth {
    bool is_on = false;
    std::deque<TrueIntent> intents;
    std::deque<TrueOptOut> opt_outs;
    std::deque<TrueList> lists;
    PlacingFaults faults;
    bool hangs_up_on_machine = false;
    bool has_two_nodes = false;           // Two placers on one store,
    std::optional<UtcTime> node_ends_at;  // of which one is cut off from it.
};

inline constexpr const char* sim_place_secret = "simulated";
inline constexpr const char* sim_own_number = "+15005550006";

// Some people may be rung at any time, others forty minutes of every hour.
HoursNow sim_hours(const std::string& to, UtcTime now);

PlacingTruth draw_placing(UtcTime from, bool is_clock_set, Prng& prng);

}  // namespace wrapup
