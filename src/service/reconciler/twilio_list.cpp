#include "service/reconciler/twilio_list.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr int tries_max = 5;
constexpr seconds again_first{1};
// Longer waits are for the next round.
constexpr seconds patience{20};
// The Date header has whole seconds, and an answer takes its time.
constexpr milliseconds skew_noise{3'000};
constexpr milliseconds skew_told{60'000};

std::string_view word_of(Errc code) {
    switch (code) {
        case Errc::unauthorized: return "Twilio refuses our credentials";
        case Errc::rate_limited: return "Twilio asks for patience";
        case Errc::timeout: return "Twilio does not answer in time";
        case Errc::unavailable: return "Twilio cannot be asked";
        case Errc::invalid_input:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::corrupt: break;
    }
    return "Twilio's answer cannot be used";
}

}  // namespace

Task<Result<CallListPage>> TwilioList::ask(CallListQuery query, Alarm& alarm,
                                           const bool& is_stopping) {
    seconds again{again_first};
    for (int tries = 1;; ++tries) {
        CallListQuery copy = query;
        CallListAnswer answer = co_await ports_.twilio.list_calls(std::move(copy));
        ports_.metrics.count(Counter::twilio_requests, answer.page ? "ok" : "failed");
        note_clock(answer);
        retry_after_ = answer.retry_after;
        if (answer.page) {
            note_answer();
            co_return std::move(answer.page);
        }
        const Error error = answer.page.error();
        const seconds wait = std::max(again, answer.retry_after.value_or(seconds{0}));
        const bool may_ask = error.code == Errc::rate_limited && tries < tries_max;
        if (!may_ask || wait > patience) {
            note_trouble(error);
            co_return error;
        }
        const UtcTime until = ports_.clock.now() + wait;
        co_await ports_.clock.sleep_until(until, &alarm);
        if (is_stopping) co_return error;
        again *= 2;
    }
}

void TwilioList::note_nonsense(const Error& error) { note_trouble(error); }

void TwilioList::note_clock(const CallListAnswer& answer) {
    if (!answer.twilio_now) return;
    const milliseconds ahead = ports_.clock.now() - *answer.twilio_now;
    ahead_ = std::chrono::abs(ahead) <= skew_noise ? milliseconds{0} : ahead;
    const bool is_far = std::chrono::abs(ahead) > skew_told;
    if (!is_far || !clock_pace_.take("skew", ports_.clock.now())) return;
    const auto ahead_s = std::chrono::duration_cast<seconds>(ahead).count();
    ports_.log.write({LogLevel::warning,
                      LogTag::twilio,
                      "our clock differs from Twilio's; Twilio's counts for its calls",
                      "",
                      {{"ahead_s", std::to_string(ahead_s)}}});
}

void TwilioList::note_answer() {
    if (!trouble_) return;
    ports_.log.write({LogLevel::info,
                      LogTag::twilio,
                      "Twilio's list can be read again",
                      "",
                      {{"troubles", std::to_string(trouble_->count)}}});
    trouble_.reset();
    are_credentials_refused_ = false;
}

void TwilioList::note_trouble(const Error& error) {
    const UtcTime now = ports_.clock.now();
    if (!trouble_) trouble_ = ReconcileTrouble{now, 0, {}};
    trouble_->count += 1;
    passes_by_itself_ = error.code == Errc::rate_limited || error.code == Errc::unavailable ||
                        error.code == Errc::timeout;
    const std::string word(word_of(error.code));
    trouble_->what = error.detail.starts_with(word) ? error.detail : word + ": " + error.detail;
    are_credentials_refused_ = error.code == Errc::unauthorized;
    if (error.code == Errc::unauthorized) ports_.metrics.count(Counter::alerts, "twilio");
    if (!pace_.take(word_of(error.code), now)) return;
    LogLine line{LogLevel::warning,
                 LogTag::twilio,
                 "calls cannot be compared with Twilio; it is tried again",
                 "",
                 {{"error", trouble_->what}, {"count", std::to_string(trouble_->count)}}};
    if (error.code == Errc::unauthorized) {
        line.level = LogLevel::error;
        line.fields.emplace_back("needs", "a person");
    }
    ports_.log.write(line);
}

}  // namespace wrapup
