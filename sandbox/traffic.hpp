#pragma once

// Believable calls, drawn from a seed: names, campaigns, outcomes and summaries that fit together,
// and numbers that nobody has (the ranges that regulators keep for fiction).

#include <string>
#include <vector>

#include "base/prng.hpp"
#include "domain/metadata.hpp"
#include "sandbox/calls/call_plan.hpp"

namespace wrapup {

struct TrafficOptions {
    std::uint64_t seed = 1;
    std::string server_url;  // Where the callbacks go; without a trailing slash.
    int speed = 60;          // So many times as fast as in life.
    // Of a hundred calls.
    std::uint32_t lost_percent = 0;       // The final callback never arrives.
    std::uint32_t repeated_percent = 0;   // It arrives twice.
    std::uint32_t reordered_percent = 0;  // It arrives before the earlier ones.
    std::uint32_t silent_percent = 0;     // ElevenLabs sends no webhook.
    std::uint32_t sentinel_percent = 0;   // ElevenLabs could not make a summary.
    milliseconds delay_max{};             // Of a callback, and of a webhook.
    milliseconds processing{};
};

class Traffic {
public:
    explicit Traffic(TrafficOptions options);

    static const std::vector<Campaign>& campaigns();

    CallPlan next();
    // A call of that outcome, else like next().
    CallPlan next(Outcome outcome);

private:
    void choose_end(CallPlan& plan);
    void choose_words(CallPlan& plan);
    void choose_faults(CallFaults& faults);
    milliseconds played(std::uint64_t life_s) const;
    std::string hex(std::size_t size);

    TrafficOptions options_;
    Prng prng_;
    std::uint64_t calls_count_ = 0;
};

// What follows the # of a status callback's URL so that Twilio repeats what fails.
inline constexpr const char* recommended_overrides = "#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500";

}  // namespace wrapup
