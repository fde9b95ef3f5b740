#pragma once

// The world as it really is: the calls that took place, and what each sender will say about them.
// Drawn from one seed, before the run.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "domain/event.hpp"
#include "domain/metadata.hpp"
#include "domain/observation.hpp"
#include "domain/rate_limit.hpp"
#include "domain/replay.hpp"
#include "sim/placing_truth.hpp"

namespace wrapup {

inline constexpr UtcTime sim_start{milliseconds{1'750'000'000'000}};

using TimeWindows = std::vector<std::pair<UtcTime, UtcTime>>;

// One request that a sender makes until it is acknowledged or gives up.
struct Sending {
    enum class Kind { status, amd, webhook };
    Kind kind = Kind::status;
    std::string body;  // Form or JSON.
    UtcTime at{};
    int tries_left = 6;
    bool is_acknowledged = false;
    int node = 0;         // Which process is told.
    std::string token{};  // Of the intent whose call it is about.
};

struct TrueConversation {
    std::string id;
    UtcTime appears_at{};  // For REST.
    UtcTime done_at{};
    std::string document;    // Once done.
    std::string unfinished;  // Until then.
};

struct TrueCall {
    std::string sid;
    std::string to;
    CallStatus status = CallStatus::completed;
    std::int64_t duration_s = 0;
    std::string answered_by;  // What REST says.
    UtcTime started_at{};
    UtcTime ended_at{};
    milliseconds list_lag{0};       // Until Twilio lists it.
    bool is_twilio_silent = false;  // Only ElevenLabs tells us.
    std::optional<CallMetadata> metadata;
    UtcTime metadata_at{};           // When the dialler writes it.
    bool has_told_duration = false;  // In a final callback.
    std::optional<TrueConversation> conversation;
};

// A process beside the first one freezes for a time, or dies and begins anew after it.
struct NodeFault {
    int node = 1;
    UtcTime at{};
    milliseconds length{0};
    bool is_death = false;
};

struct Faults {
    Ratio crm_refuses{0, 100};      // 503.
    Ratio crm_cuts_before{0, 100};  // Connection lost, nothing filed.
    Ratio crm_cuts_after{0, 100};   // Filed, answer lost.
    Ratio crm_rejects{0, 100};      // 422.
    milliseconds crm_latency_max{2'000};
    std::optional<RateLimit> crm_rate;  // Of each destination.
    bool has_lake = false;              // A second destination beside `crm`,
    bool lake_wants_held = false;       // which wants records of outcome held only,
    bool lake_hangs = false;            // and does not answer.
    TimeWindows lake_absent;            // A start then finds no such destination in the settings,
    TimeWindows lake_disabled;          // or one that is switched off.
    TimeWindows lake_gone;              // It answers 410.
    Ratio elevenlabs_fails{0, 100};
    bool elevenlabs_refuses_key = false;
    bool elevenlabs_hangs = false;
    bool elevenlabs_knows_variables = false;
    Ratio twilio_fails{0, 100};
    Ratio twilio_is_behind{0, 100};  // Still says in-progress.
    Ratio store_refuses{0, 100};
    Ratio store_loses_answer{0, 100};
    Ratio store_unread{0, 100};
    Ratio twilio_lists_nonsense{0, 100};
    bool is_twilio_down = false;  // 503 to everything.
    bool twilio_hangs = false;
    TimeWindows elevenlabs_bursts;  // Of 503.
    TimeWindows metadata_away;
    TimeWindows metadata_hangs;
    // The wall clock is set, and when (true time).
    std::vector<std::pair<UtcTime, milliseconds>> clock_steps;
    bool is_clock_set = false;  // There are, or were.
    bool was_set_forward_while_stopped = false;
    int crashes_count = 0;  // Of the first process.
    int nodes_count = 1;
    std::vector<NodeFault> node_faults;
    bool has_metadata_source = false;
    bool has_elevenlabs_key = true;
    bool has_webhook_secret = true;
    bool has_twilio_rest = true;
    bool reconciles = false;   // Twilio's list is compared.
    Ratio calls_lost{0, 100};  // Neither Twilio nor ElevenLabs sends a word; only then.
    UtcTime hostile_until{};
};

// What an operator has replayed, and when.
struct TrueReplay {
    UtcTime at{};
    ReplayOrder order;
    std::optional<milliseconds> cancelled_after;  // It began.
    std::string token;                            // Once it was previewed.
    bool is_begun = false;                        // Or refused.
    std::int64_t job_id = 0;
    bool is_cancelled = false;

    bool is_done() const { return is_begun && (!cancelled_after || job_id == 0 || is_cancelled); }
};

// What an operator pauses, and resumes.
struct TruePause {
    std::string destination;
    UtcTime at{};
    UtcTime until{};
    bool is_mending = false;  // It had gone: it is only resumed.
    bool is_begun = false;
    bool is_over = false;
    bool was_resumed = false;  // Not so where the settings of that time did not send there.
};

// What an operator sends by hand, once, whatever comes of it.
struct TrueSend {
    std::string sid;
    UtcTime at{};
    bool is_at_once = false;  // Without waiting for it to settle.
    bool is_begun = false;
};

enum class LakeState { absent, disabled, active };

struct Truth {
    std::deque<TrueCall> calls;  // Those that are placed are added while they are.
    std::deque<Sending> sendings;
    std::vector<TrueReplay> replays;
    PlacingTruth placing;
    std::vector<TruePause> pauses;
    std::vector<TrueSend> sends;
    Faults faults;
    LakeState lake = LakeState::absent;  // By the settings of the last start.
    bool was_lake_absent = false;        // By those of any.

    // A start reads the settings of its time.
    void read_settings(UtcTime at);
};

// The call's conversation as ElevenLabs shows it.
std::string conversation_document(const TrueCall& call, const std::string& id, bool is_done,
                                  const std::string& summary);

// A random subset of the faults is switched off altogether, so that each seed is hostile in its own
// way and rare combinations are reached.
Truth draw_truth(Prng& prng);

}  // namespace wrapup
