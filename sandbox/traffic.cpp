#include "sandbox/traffic.hpp"

#include <array>

namespace wrapup {
namespace {

struct Story {
    const char* id;
    const char* name;
    const char* description;
    // {} is the contact's name.
    std::array<const char*, 4> held;
    const char* voicemail;
};

constexpr std::array<Story, 4> stories = {{
    {"dental",
     "Dental recall",
     "Six-monthly check-ups",
     {"{} booked a check-up on Tuesday at 9:30 and asked for a text reminder.",
      "{} moved the check-up to next month and will confirm online.",
      "{} has changed dentist and asked to be taken off the list.",
      "{} wants the hygienist first; the practice will call back."},
     "Left {} a message about the check-up that is due and how to book it."},
    {"energy",
     "Energy check",
     "Offer of a home energy visit",
     {"{} accepted a free home visit on Thursday afternoon.",
      "{} asked for the offer by e-mail before deciding.",
      "{} rents the flat; the landlord decides and will be asked.",
      "{} is interested in solar panels and wants a call in spring."},
     "Left {} a message about the free energy visit."},
    {"tyres",
     "Tyre season",
     "Winter tyre appointments",
     {"{} booked the tyre change for Saturday at 11:00, tyres are in storage.",
      "{} sold the car and needs no appointment.",
      "{} asked for the price of four new tyres; a quote was promised.",
      "{} prefers a weekday evening and will pick one online."},
     "Left {} a message with the opening hours for tyre changes."},
    {"welcome",
     "Welcome call",
     "New customers, first week",
     {"{} is happy with the first week and had no questions.",
      "{} could not find the invoice; it was sent again.",
      "{} needs a second login for a colleague; passed to support.",
      "{} asked how to change the billing date and was shown how."},
     "Left {} a welcome message and the support number."},
}};

constexpr std::array<const char*, 24> names = {"Amara", "Ben",  "Chloe", "Diego", "Elena", "Farid",
                                               "Grace", "Hana", "Ivan",  "Jonas", "Keiko", "Liam",
                                               "Maya",  "Noor", "Omar",  "Priya", "Quinn", "Rosa",
                                               "Sami",  "Tara", "Uma",   "Wren",  "Yusuf", "Zoe"};

constexpr const char* agent_number = "+442079460999";

const Story& story_of(const std::string& campaign_id) {
    for (const Story& story : stories) {
        if (campaign_id == story.id) return story;
    }
    return stories.front();
}

std::string with_name(std::string text, const std::string& name) {
    return text.replace(text.find("{}"), 2, name);
}

std::string padded_number(std::uint64_t number, std::size_t digits) {
    std::string text = std::to_string(number);
    text.insert(0, digits - text.size(), '0');
    return text;
}

std::string phone_number(std::uint64_t index) {
    switch (index % 3) {
        case 0: return "+120255501" + padded_number(index / 3 % 100, 2);
        case 1: return "+4420794600" + padded_number(index / 3 % 100, 2);
        default: return "+61491570" + padded_number(index / 3 % 1000, 3);
    }
}

bool talked(Outcome outcome) { return outcome == Outcome::held || outcome == Outcome::voicemail; }

}  // namespace

Traffic::Traffic(TrafficOptions options) : options_(std::move(options)), prng_(options_.seed) {
    WRAPUP_ASSERT(options_.speed > 0);
}

const std::vector<Campaign>& Traffic::campaigns() {
    static const std::vector<Campaign> all = [] {
        std::vector<Campaign> list;
        for (const Story& story : stories)
            list.push_back({story.id, story.name, story.description});
        return list;
    }();
    return all;
}

CallPlan Traffic::next() {
    const std::uint64_t dice = prng_.below(100);
    if (dice < 48) return next(Outcome::held);
    if (dice < 70) return next(Outcome::no_answer);
    return next(dice < 88 ? Outcome::voicemail : Outcome::no_connection);
}

CallPlan Traffic::next(Outcome outcome) {
    CallPlan plan;
    plan.outcome = outcome;
    plan.sid = "CA" + hex(32);
    plan.to = phone_number(calls_count_);
    plan.from = agent_number;
    // Steps without a common divisor, so that neighbours differ in everything.
    plan.name = names[calls_count_ * 7 % names.size()];
    plan.campaign_id = stories[calls_count_ % stories.size()].id;
    calls_count_ += 1;
    if (talked(outcome)) plan.conversation_id = "conv_" + hex(28);
    choose_end(plan);
    choose_words(plan);
    choose_faults(plan.faults);
    plan.ring = played(4 + prng_.below(12));
    if (plan.end == CallStatus::no_answer) plan.ring = played(30);
    plan.talk = played(static_cast<std::uint64_t>(plan.duration_s));
    plan.status_callback = options_.server_url + "/call-status-callback" + recommended_overrides;
    plan.amd_callback = options_.server_url + "/amd-status-callback" + recommended_overrides;
    return plan;
}

void Traffic::choose_end(CallPlan& plan) {
    const std::uint64_t dice = prng_.below(100);
    switch (plan.outcome) {
        case Outcome::held:
            plan.duration_s = static_cast<std::int64_t>(45 + prng_.below(240));
            plan.answered_by = "human";
            break;
        case Outcome::voicemail:
            plan.duration_s = static_cast<std::int64_t>(18 + prng_.below(25));
            plan.answered_by = dice < 70 ? "machine_end_beep" : "machine_start";
            plan.is_amd_async = dice % 2 == 0;
            break;
        case Outcome::no_answer:
            plan.end = dice < 65 ? CallStatus::no_answer : CallStatus::busy;
            break;
        case Outcome::no_connection:
            if (dice < 75) plan.end = dice < 60 ? CallStatus::failed : CallStatus::canceled;
            break;
    }
}

void Traffic::choose_words(CallPlan& plan) {
    const Story& story = story_of(plan.campaign_id);
    const std::size_t which = prng_.below(story.held.size());
    if (plan.outcome == Outcome::held) plan.summary = with_name(story.held[which], plan.name);
    if (plan.outcome == Outcome::voicemail) plan.summary = with_name(story.voicemail, plan.name);
}

void Traffic::choose_faults(CallFaults& faults) {
    const auto happens = [&](std::uint32_t percent) { return prng_.chance({percent, 100}); };
    if (happens(options_.repeated_percent)) faults.end_copies = 2;
    if (happens(options_.lost_percent)) faults.end_copies = 0;
    faults.is_end_first = happens(options_.reordered_percent);
    if (happens(options_.silent_percent)) faults.webhook_copies = 0;
    faults.has_sentinel = happens(options_.sentinel_percent);
    faults.processing = options_.processing;
    const auto bound = static_cast<std::uint64_t>(options_.delay_max.count()) + 1;
    faults.callback_delay = milliseconds{prng_.below(bound)};
    faults.webhook_delay = milliseconds{prng_.below(bound)};
}

milliseconds Traffic::played(std::uint64_t life_s) const {
    return milliseconds{static_cast<std::int64_t>(life_s * 1000) / options_.speed};
}

std::string Traffic::hex(std::size_t size) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    while (text.size() < size) text += digits[prng_.below(digits.size())];
    return text;
}

}  // namespace wrapup
