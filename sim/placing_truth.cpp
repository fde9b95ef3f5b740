#include "sim/placing_truth.hpp"

#include <array>

namespace wrapup {
namespace {

using std::chrono::minutes;

milliseconds up_to(Prng& prng, milliseconds longest) {
    return milliseconds{prng.below(static_cast<std::uint64_t>(longest.count()) + 1)};
}

Ratio draw_ratio(Prng& prng, std::uint32_t percent_max) {
    if (prng.chance({1, 2})) return {0, 100};
    return {static_cast<std::uint32_t>(prng.below(percent_max + 1)), 100};
}

PlacingFaults draw_faults(bool is_clock_set, Prng& prng) {
    PlacingFaults faults;
    faults.not_sent = draw_ratio(prng, 30);
    faults.refused = draw_ratio(prng, 20);
    faults.lost_before = draw_ratio(prng, 40);
    faults.lost_after = draw_ratio(prng, 60);
    faults.twiml_lost = draw_ratio(prng, 30);
    constexpr std::array<seconds, 4> lags{seconds{0}, seconds{15}, seconds{60}, seconds{200}};
    faults.list_lag = lags.at(prng.below(lags.size()));
    // With a clock that is set, or a list that is that late, only a callback tells of some calls.
    const bool is_list_of_use = !is_clock_set && faults.list_lag != lags.back();
    faults.silent = is_list_of_use ? draw_ratio(prng, 40) : Ratio{0, 100};
    faults.queued = draw_ratio(prng, 60);
    faults.late = draw_ratio(prng, 40);
    faults.agent_fails = draw_ratio(prng, 40);
    faults.agent_is_slow = draw_ratio(prng, 40);
    faults.foreign = draw_ratio(prng, 40);
    if (!prng.chance({1, 3})) return faults;
    // The worst for the promise of one conversation: nobody can know that the call is there, it is
    // placed again, and neither tells of itself before somebody answers.
    faults.lost_after = {80, 100};
    faults.late = {60, 100};
    faults.answers_often = true;
    faults.queued = {80, 100};
    faults.list_lag = lags.back();
    faults.silent = {0, 100};
    faults.agent_fails = {0, 100};
    faults.agent_is_slow = {0, 100};
    return faults;
}

TrueIntent draw_intent(UtcTime from, std::size_t number, Prng& prng) {
    TrueIntent intent;
    intent.key = "order-" + std::to_string(number);
    intent.to = "+61491570" + std::to_string(100 + number * 10 + prng.below(10));
    intent.name = "Number " + std::to_string(number);
    intent.campaign = "Campaign " + std::to_string(number % 3);
    intent.at = from + up_to(prng, minutes{10});
    if (!prng.chance({1, 4})) {
        intent.not_before = intent.at;
        if (prng.chance({1, 4})) *intent.not_before += up_to(prng, minutes{20});
        intent.not_after = *intent.not_before + minutes{1} + up_to(prng, minutes{90});
    }
    if (prng.chance({1, 5})) intent.cancel_at = intent.at + up_to(prng, seconds{60});
    return intent;
}

RetryWaits draw_waits(Prng& prng) {
    RetryWaits waits;
    for (std::uint64_t left = prng.below(3); left > 0; --left) {
        waits.push_back(seconds{60 + prng.below(900)});
    }
    return waits;
}

std::vector<std::string> draw_numbers(const PlacingTruth& truth, Prng& prng) {
    std::vector<std::string> numbers;
    for (std::uint64_t left = 1 + prng.below(4); left > 0; --left) {
        const bool is_known = prng.chance({1, 6});
        numbers.push_back(is_known ? truth.intents.at(prng.below(truth.intents.size())).to
                                   : "+61491571" + std::to_string(100 + prng.below(900)));
    }
    return numbers;
}

TrueList draw_list(const PlacingTruth& truth, UtcTime from, std::size_t number, Prng& prng) {
    TrueList list;
    list.settings.id = "list-" + std::to_string(number);
    list.settings.retry_busy = draw_waits(prng);
    list.settings.retry_no_answer = draw_waits(prng);
    UtcTime at = from + up_to(prng, minutes{8});
    list.settings.not_after = at + minutes{20} + up_to(prng, minutes{200});
    const auto add = [&](std::vector<std::string> numbers, DialListState state) {
        list.steps.push_back({at, std::move(numbers), state});
        at += up_to(prng, prng.chance({1, 2}) ? seconds{40} : minutes{10});
    };
    add(draw_numbers(truth, prng), DialListState::active);
    for (std::uint64_t left = prng.below(4); left > 0; --left) {
        if (prng.chance({1, 3})) {
            add(draw_numbers(truth, prng), DialListState::active);
        } else {
            add({}, DialListState::paused);
            add({}, DialListState::active);
        }
    }
    if (prng.chance({1, 4})) add({}, DialListState::cancelled);
    return list;
}

}  // namespace

std::set<std::string> TrueList::numbers() const {
    std::set<std::string> all;
    for (const Step& step : steps) all.insert(step.numbers.begin(), step.numbers.end());
    return all;
}

HoursNow sim_hours(const std::string& to, UtcTime now) {
    const int digit = to.back() - '0';
    HoursNow hours;
    if (digit < 6) return hours;
    constexpr minutes period{60};
    constexpr minutes open{40};
    const milliseconds into = (now.time_since_epoch() + minutes{13 * digit}) % period;
    const UtcTime begin = now - into;
    hours.is_inside = into < open;
    hours.closes_at = begin + open;
    hours.opens_at = begin + period;
    return hours;
}

PlacingTruth draw_placing(UtcTime from, bool is_clock_set, Prng& prng) {
    PlacingTruth truth;
    truth.is_on = true;
    truth.faults = draw_faults(is_clock_set, prng);
    const std::size_t count = 1 + prng.below(8);
    for (std::size_t i = 0; i < count; ++i) {
        truth.intents.push_back(draw_intent(from, i, prng));
        // Two want the same number.
        if (i > 0 && prng.chance({1, 5})) truth.intents[i].to = truth.intents[i - 1].to;
        if (!prng.chance({1, 4})) continue;
        // Often while it rings.
        const milliseconds after = up_to(prng, prng.chance({2, 3}) ? seconds{30} : minutes{10});
        truth.opt_outs.push_back({truth.intents[i].to, truth.intents[i].at + after, {}});
    }
    truth.hangs_up_on_machine = prng.chance({1, 3});
    truth.has_two_nodes = prng.chance({1, 2});
    if (prng.chance({1, 2})) truth.node_ends_at = from + up_to(prng, minutes{15});
    // With draws of their own, so that the rest of the world does not depend on them.
    Prng own(Prng(prng).next());
    if (!own.chance({1, 2})) return truth;
    const std::size_t lists_count = 1 + own.below(2);
    for (std::size_t i = 0; i < lists_count; ++i) {
        truth.lists.push_back(draw_list(truth, from, i, own));
        if (!own.chance({1, 3})) continue;
        const auto& numbers = truth.lists.back().steps.front().numbers;
        truth.opt_outs.push_back(
            {numbers.front(), truth.lists.back().steps.front().at + up_to(own, minutes{2}), {}});
    }
    return truth;
}

}  // namespace wrapup
