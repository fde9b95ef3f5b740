#include "sim/outage.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "codec/bytes/form.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "service/courier/couriers.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/own_metadata.hpp"
#include "service/settler/settler.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/null_ports.hpp"
#include "sim/sim_clock.hpp"

namespace wrapup {
namespace {

using Kind = OutageOrder::Kind;
using std::chrono::hours;

constexpr UtcTime start{milliseconds{1'750'000'000'000}};
constexpr seconds retry_after{600};
constexpr seconds timeout{35};  // The courier's.

class OutageCrm final : public CrmGateway {
public:
    OutageCrm(Clock& clock, const OutageOrder& order)
        : clock_(clock), order_(order), well_at_(start + order.length) {}

    Task<CrmAnswer> deliver(CrmRequest request) override {
        const UtcTime began_at = clock_.now();
        begin(began_at);
        const milliseconds latency = latency_at(began_at);
        const UtcTime until = began_at + std::min<milliseconds>(latency, timeout);
        co_await clock_.sleep_until(until);
        in_flight_ -= 1;
        co_return answer(request, began_at, latency);
    }

    // Writes down what is known when all is over.
    void report_to(OutageReport& report) const {
        report.requests_in_trouble = requests_in_trouble_;
        report.requests_after = requests_after_;
        report.peak_in_trouble = peak_in_trouble_;
        report.peak_after = peak_after_;
        report.early_count = early_count_;
        report.eager_count = eager_count_;
        report.backlog_count = static_cast<int>(taken_after_.size());
        report.lost_count = order_.calls_count - static_cast<int>(taken_.size());
        if (taken_after_.empty()) return;
        report.first_after = taken_after_.front() - well_at_;
        report.most_after = taken_after_[(taken_after_.size() - 1) * 99 / 100] - well_at_;
    }

    std::size_t taken_count() const { return taken_.size(); }
    const std::map<std::string, int>& taken() const { return taken_; }

private:
    bool is_well(UtcTime now) const { return now >= well_at_; }

    void begin(UtcTime now) {
        in_flight_ += 1;
        early_count_ += now < wanted_at_ ? 1 : 0;
        if (!is_well(now)) {
            requests_in_trouble_ += 1;
            peak_in_trouble_ = std::max(peak_in_trouble_, in_flight_);
            return;
        }
        requests_after_ += 1;
        peak_after_ = std::max(peak_after_, in_flight_);
        // One more for each round of answers: n at a time after about n²/2 of them. One is handed
        // over beside it.
        const double borne = std::sqrt(1 + 2 * static_cast<double>(answers_after_));
        const bool is_eager = order_.kind != Kind::slow && in_flight_ > borne + 2;
        eager_count_ += is_eager ? 1 : 0;
    }

    milliseconds latency_at(UtcTime now) {
        const milliseconds usual{50 + prng_.below(101)};
        if (is_well(now)) return usual;
        if (order_.kind == Kind::down) return milliseconds{1};
        if (order_.kind == Kind::throttled) return usual;
        const milliseconds between_calls = milliseconds{order_.length} / order_.calls_count;
        free_at_ = std::max(free_at_, now) + between_calls * 7 / 5;
        return free_at_ - now;
    }

    CrmAnswer answer(const CrmRequest& request, UtcTime began_at, milliseconds latency) {
        CrmAnswer answer;
        answer.elapsed = clock_.now() - began_at;
        const bool is_refused = !is_well(began_at) && order_.kind != Kind::slow;
        if (is_refused && order_.kind == Kind::down) return answer;
        answer.kind = CrmAnswer::Kind::answered;
        if (is_refused) {
            answer.http_status = 429;
            answer.retry_after = retry_after;
            wanted_at_ = clock_.now() + retry_after;
            return answer;
        }
        take(request.call_id);
        answer.http_status = 200;
        if (latency > timeout) answer.kind = CrmAnswer::Kind::unknown;
        answers_after_ += is_well(began_at) ? 1 : 0;
        return answer;
    }

    void take(const std::string& call_id) {
        const bool is_first = ++taken_[call_id] == 1;
        if (is_first && is_well(clock_.now())) taken_after_.push_back(clock_.now());
    }

    Clock& clock_;
    const OutageOrder order_;
    const UtcTime well_at_;
    Prng prng_{13};
    std::map<std::string, int> taken_;  // How often, by Idempotency-Key.
    std::vector<UtcTime> taken_after_;  // First ones.
    UtcTime free_at_{};                 // Of the slow CRM.
    UtcTime wanted_at_{};               // By the last Retry-After.
    int in_flight_ = 0;
    int answers_after_ = 0;
    int requests_in_trouble_ = 0;
    int requests_after_ = 0;
    int peak_in_trouble_ = 0;
    int peak_after_ = 0;
    int early_count_ = 0;
    int eager_count_ = 0;
};

SettlePolicy policy() {
    SettlePolicy policy;
    policy.awaits_webhook = true;
    policy.process_started_at = start;
    return policy;
}

CourierSettings courier_settings() {
    CourierSettings settings;
    settings.destination = "crm";
    settings.policy.retry_schedule = default_retry_schedule();
    settings.timeout = timeout;
    return settings;
}

std::string call_sid(int number) {
    const std::string digits = std::to_string(number);
    return "CA" + std::string(32 - digits.size(), '0') + digits;
}

// Every other call was talked on for half a minute.
NewEvent status_event(int number, UtcTime now) {
    const bool is_held = number % 2 == 0;
    const Form form{{"CallSid", call_sid(number)},
                    {"To", "+14155550123"},
                    {"From", "+15005550006"},
                    {"CallStatus", is_held ? "completed" : "busy"},
                    {"CallDuration", is_held ? "30" : "0"},
                    {"Direction", "outbound-api"},
                    {"Timestamp", format_rfc2822(now)},
                    {"SequenceNumber", "0"}};
    auto event = status_callback_event(form, now);
    WRAPUP_ASSERT(event.has_value());
    return *std::move(event);
}

NewEvent conversation_event(int number, UtcTime now) {
    const std::string body =
        R"({"type":"post_call_transcription","event_timestamp":1,)"
        R"("data":{"conversation_id":"conv_)" +
        std::to_string(number) +
        R"(","agent_id":"agent_1","status":"done","metadata":{"start_time_unix_secs":)" +
        std::to_string(to_unix_s(now) - 30) +
        R"(,"call_duration_secs":30,"phone_call":{"type":"twilio","direction":"outbound",)"
        R"("external_number":"+14155550123","agent_number":"+15005550006","call_sid":")" +
        call_sid(number) + R"("}},"analysis":{"transcript_summary":"They talked."}}})";
    auto event = webhook_event(body, {}, now);
    WRAPUP_ASSERT(event.has_value());
    return *std::move(event);
}

class Office {
public:
    Office(EmbeddedStore& store, const OutageOrder& order) : store_(store), order_(order) {
        commits_.settle_with(append_settler_);
        commits_.on_calls_due([this](const auto& ids) { settler_.nudge(ids); });
        commits_.on_delivery_due([this] { couriers_.wake(); });
    }

    OutageReport run() {
        spawn_root(io_.get_executor(), settler_.run());
        for (const auto& one : couriers_.all()) spawn_root(io_.get_executor(), one->run());
        spawn_root(io_.get_executor(), send_events());
        const UtcTime well_at = start + order_.length;
        const auto end = clock_.run(well_at + hours{120}, ~0ULL, [this] { return is_done(); });
        OutageReport report;
        report.has_come_to_an_end = end == SimClock::End::done;
        report.all_after = clock_.now() - well_at;
        crm_.report_to(report);
        for (const auto& [call_id, count] : crm_.taken()) add_repeats(call_id, count, report);
        return report;
    }

private:
    Task<void> send_events() {
        for (int i = 0; i < order_.calls_count; ++i) {
            const UtcTime at = start + milliseconds{order_.length} * i / order_.calls_count;
            co_await clock_.sleep_until(at);
            NewEvent status = status_event(i, at);
            const auto told = co_await intake_.append(std::move(status));
            WRAPUP_ASSERT(told.has_value());
            if (i % 2 != 0) continue;
            NewEvent conversation = conversation_event(i, at);
            const auto heard = co_await intake_.append(std::move(conversation));
            WRAPUP_ASSERT(heard.has_value());
        }
    }

    bool is_done() {
        if (std::ssize(crm_.taken()) < order_.calls_count) return false;
        const auto counts = store_.counts();
        WRAPUP_ASSERT(counts.has_value());
        return std::ranges::all_of(counts->calls, [](const auto& counted) {
            return counted.first == CallState::delivered || counted.second == 0;
        });
    }

    void add_repeats(const std::string& call_id, int count, OutageReport& report) {
        if (count == 1) return;
        const auto story = store_.find_story(call_id);
        WRAPUP_ASSERT(story.has_value() && story->deliveries.size() == 1);
        const auto unknown = static_cast<int>(story->deliveries.front().delivery.unknown_count);
        const int repeats = std::min(count - 1, unknown);
        report.repeats_count += repeats;
        report.twice_count += count - 1 - repeats;
    }

    EmbeddedStore& store_;
    const OutageOrder order_;
    boost::asio::io_context io_{1};
    SimClock clock_{io_, start};
    NullLog log_;
    NullMetrics metrics_;
    OutageCrm crm_{clock_, order_};
    BlockingPool reads_{io_.get_executor()};
    GroupCommit commits_{store_, clock_, metrics_, io_.get_executor()};
    Intake intake_{commits_, clock_, log_, metrics_};
    OwnMetadata own_{store_, reads_};
    Couriers couriers_{
        {clock_, store_, reads_, commits_, crm_, log_, metrics_}, {courier_settings()}, 13};
    Settler settler_{
        {clock_, store_, reads_, commits_, own_, nullptr, nullptr, couriers_, log_, metrics_},
        {policy(), "", {{"crm", true, {}}}}};
    AppendSettler append_settler_{{settler_, couriers_, log_, metrics_},
                                  {policy(), {{"crm", true, {}}}, true},
                                  [this](Settlements s) { settler_.take_over(std::move(s)); }};
};

const char* words_of(Kind kind) {
    switch (kind) {
        case Kind::down: return "down";
        case Kind::throttled: return "answering 429 with Retry-After: 600";
        case Kind::slow: return "taking five records while seven calls end";
    }
    return "";
}

}  // namespace

OutageReport simulate_outage(EmbeddedStore& store, const OutageOrder& order) {
    return Office(store, order).run();
}

int run_outage(EmbeddedStore& store, const OutageOrder& order) {
    const OutageReport report = simulate_outage(store, order);
    const auto in_seconds = [](milliseconds time) {
        return static_cast<double>(time.count()) / 1'000;
    };
    std::printf("A CRM that is %s for %lld virtual hours, %d calls\n", words_of(order.kind),
                static_cast<long long>(order.length / hours{1}), order.calls_count);
    std::printf(
        "  requests in trouble   %d, at most %d at a time, %d before a Retry-After was over\n",
        report.requests_in_trouble, report.peak_in_trouble, report.early_count);
    std::printf("  backlog at its end    %d records\n", report.backlog_count);
    std::printf("  caught up after       %.1f s (first), %.1f s (99 %%), %.1f s (last)\n",
                in_seconds(report.first_after), in_seconds(report.most_after),
                in_seconds(report.all_after));
    std::printf(
        "  requests afterwards   %d, at most %d at a time, %d faster than one more a round\n",
        report.requests_after, report.peak_after, report.eager_count);
    std::printf("  lost %d, twice %d, repeats after unknown outcomes %d\n", report.lost_count,
                report.twice_count, report.repeats_count);
    const bool is_kept =
        report.has_come_to_an_end && report.lost_count == 0 && report.twice_count == 0;
    return is_kept ? 0 : 1;
}

}  // namespace wrapup
