#include "service/alerts/alert_watch.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <iterator>
#include <utility>

#include "base/json_string.hpp"
#include "base/text.hpp"
#include "domain/liveliness.hpp"
#include "service/alerts/alert_memory.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr seconds look_every{10};
constexpr seconds look_patience{1};
constexpr std::string_view alerts_key = "alerts.told";
constexpr std::string_view rhythm_key = "alerts.rhythm";
constexpr std::chrono::minutes rhythm_kept_every{10};
constexpr std::size_t queue_max = 64;
constexpr int lists_max = 1'000;
constexpr std::array<int, 4> retry_after_s{5, 30, 120, 300};
// So many refusals within so long are a burst.
constexpr std::chrono::minutes burst_window{5};
constexpr std::int64_t burst_min = 10;
constexpr seconds burst_step{1};  // Looks that follow each other faster are counted as one.
// Little room: a twentieth of the disk and less than 5 GB, or less than 200 MB.
constexpr std::uint64_t little_bytes = std::uint64_t{5} << 30;
constexpr std::uint64_t least_bytes = std::uint64_t{200} << 20;

bool is_nearly_full(const DiskSpace& disk) {
    return disk.free_bytes < least_bytes ||
           (disk.free_bytes < little_bytes && disk.free_bytes < disk.total_bytes / 20);
}

std::string counted(std::int64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

// Each reason is a trouble of its own: one that holds for days must not hide the next.
void add_parked(std::vector<AlertCondition>& holding, const StoreCounts& counts) {
    for (const auto& [reason, count] : counts.parked) {
        if (count == 0 || !waits_for_person(reason)) continue;
        const std::string name(to_string(reason));
        holding.push_back({"parked:" + name,
                           counted(count, "call waits", "calls wait") + " for a person: " + name,
                           "wrapup calls --state parked", count});
    }
}

void add_breakers(std::vector<AlertCondition>& holding,
                  const std::vector<DestinationRow>& destinations) {
    for (const DestinationRow& row : destinations) {
        if (row.state == DestinationState::gone) {
            holding.push_back(
                {"gone:" + row.name,
                 "destination " + row.name + " answered 410: nothing is sent there",
                 "mend its URL, restart, then wrapup destination resume " + row.name});
        }
        if (row.breaker.state == BreakerState::closed) continue;
        holding.push_back(
            {"breaker:" + row.name,
             "destination " + row.name + " is in trouble: records wait, one is tried as a probe",
             "wrapup destination list; mend the CRM, then wrapup destination resume " + row.name});
    }
}

void add_paused_lists(std::vector<AlertCondition>& holding, const std::vector<DialList>& lists) {
    for (const DialList& list : lists) {
        if (!needs_person(list)) continue;
        holding.push_back({"campaign_paused:" + list.id,
                           "campaign " + list.id + " has paused itself: " + list.reason,
                           "mend that, then " + resume_command(list)});
    }
}

}  // namespace

std::string render_alert(const Alert& alert) {
    std::string text = "wrapup: " + std::string(alert.is_resolved ? "resolved: " : "") + alert.text;
    if (!alert.is_resolved && !alert.next.empty()) text += ". Next: " + alert.next;
    std::string out = "{\"text\":" + json_quoted(text);
    out += ",\"alert\":" + json_quoted(alert.key);
    out += std::string(",\"state\":\"") + (alert.is_resolved ? "resolved" : "firing") + "\"";
    out += ",\"since\":" + json_quoted(format_rfc3339(alert.since));
    out += ",\"next\":" + json_quoted(alert.is_resolved ? "" : alert.next) + "}";
    return out;
}

HttpRequest alert_request(const Alert& alert, const AlertSettings& settings) {
    HttpRequest request;
    request.method = "POST";
    request.url = settings.url;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = render_alert(alert);
    request.answer_bytes_max = 1024;
    request.truncates_answer = true;
    request.refuses_private_targets = !settings.allows_private_targets;
    return request;
}

Task<void> AlertWatch::run() {
    began_at_ = ports_.clock.now();
    co_await recall();
    while (!is_stopping_) {
        co_await look_for_all();
        const UtcTime until = ports_.clock.now() + look_every;
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

// Whoever asks meanwhile is answered by the next one: this may have read before what he did.
Task<void> AlertWatch::look_for_all() {
    const auto asked = std::exchange(asking_, {});
    co_await look();
    for (const auto& one : asked) one->ring();
}

Task<std::vector<AlertCondition>> AlertWatch::look_now() {
    if (!is_stopping_) {
        const auto looked = std::make_shared<Alarm>();
        asking_.push_back(looked);
        alarm_.ring();
        const UtcTime give_up_at = ports_.clock.now() + look_patience;
        co_await ports_.clock.sleep_until(give_up_at, looked.get());
        std::erase(asking_, looked);
    }
    co_return holding();
}

// What was told before the process ended: nothing is told twice, and its end is.
Task<void> AlertWatch::recall() {
    if (ports_.kept == nullptr) co_return;
    auto read = [this] { return ports_.kept->kept_values("alerts."); };
    const auto kept = co_await ports_.reads.run(read);
    if (!kept) co_return;
    for (const KeptValue& value : *kept) {
        if (value.key == alerts_key) book_ = AlertBook(decode_alerts(value.value));
        if (value.key == rhythm_key) rhythm_ = decode_rhythm(value.value);
    }
    kept_alerts_ = encode_alerts(book_.entries());
    rhythm_kept_at_ = began_at_;
}

Task<void> AlertWatch::remember() {
    co_await remember_changes();
    is_remembering_ = false;
}

Task<void> AlertWatch::remember_changes() {
    if (ports_.commits == nullptr) co_return;
    const UtcTime now = ports_.clock.now();
    std::string alerts = encode_alerts(book_.entries());
    NoteReconciliation note;
    if (alerts != kept_alerts_) note.values.push_back({std::string(alerts_key), alerts});
    if (now - rhythm_kept_at_ >= rhythm_kept_every || now < rhythm_kept_at_) {
        note.values.push_back({std::string(rhythm_key), encode_rhythm(rhythm_.kept())});
    }
    if (note.values.empty()) co_return;
    StoreOp op = std::move(note);
    const StoreOutcome outcome = co_await ports_.commits->submit(op);
    if (!outcome) co_return;
    kept_alerts_ = std::move(alerts);
    rhythm_kept_at_ = now;
}

std::vector<AlertCondition> AlertWatch::holding() const {
    const std::lock_guard lock{holding_mutex_};
    return holding_;
}

void AlertWatch::stop() {
    is_stopping_ = true;
    alarm_.ring();
    post_alarm_.ring();
    for (const auto& one : std::exchange(asking_, {})) one->ring();
}

// May block.
AlertWatch::Seen AlertWatch::see() {
    Seen seen;
    if (auto counts = ports_.store.counts()) seen.counts = *std::move(counts);
    if (auto rows = ports_.store.destinations()) seen.destinations = *std::move(rows);
    if (ports_.lists != nullptr) {
        DialListFilter filter;
        filter.state = DialListState::paused;
        filter.limit = lists_max;
        auto lists = ports_.lists->list_dial_lists(filter);
        if (lists) seen.paused_lists = *std::move(lists);
        if (!lists) seen.counts.reset();
    }
    if (ports_.disk) seen.disk = ports_.disk();
    if (ports_.more) seen.more = ports_.more();
    return seen;
}

Task<void> AlertWatch::look() {
    auto read = [this] { return see(); };
    Seen seen = co_await ports_.reads.run(read);
    const UtcTime now = ports_.clock.now();
    if (ports_.here) {
        auto here = ports_.here();
        if (here) std::ranges::move(*here, std::back_inserter(seen.more));
        if (!here) hold_on(seen.more, webhook_alert_key, now);
    }
    const auto holding = conditions_of(std::move(seen), now);
    {
        const std::lock_guard lock{holding_mutex_};
        holding_ = holding;
    }
    for (Alert& alert : book_.update(holding, now, heard_ended_)) {
        ports_.log.write({alert.is_resolved ? LogLevel::info : LogLevel::warning,
                          LogTag::none,
                          alert.is_resolved ? "alert resolved" : "alert",
                          "",
                          {{"alert", alert.key},
                           {"text", alert.text},
                           {"next", alert.is_resolved ? "" : alert.next}}});
        if (settings_.url.empty()) continue;
        if (queue_.size() == queue_max) {
            tell_not_posted(queue_.front(), "too many wait for it");
            queue_.pop_front();
        }
        queue_.push_back(std::move(alert));
    }
    const auto executor = co_await asio::this_coro::executor;
    // Beside it: a disk that hangs holds up no alert.
    if (!is_remembering_) {
        is_remembering_ = true;
        spawn_root(executor, remember());
    }
    if (queue_.empty() || is_posting_ || is_stopping_) co_return;
    is_posting_ = true;
    spawn_root(executor, post_queue());
}

std::vector<AlertCondition> AlertWatch::conditions_of(Seen seen, UtcTime now) {
    std::vector<AlertCondition> holding;
    // A store that cannot be read says nothing of an end.
    if (seen.counts) {
        last_of_store_.clear();
        add_parked(last_of_store_, *seen.counts);
        add_breakers(last_of_store_, seen.destinations);
        add_paused_lists(last_of_store_, seen.paused_lists);
    }
    if (seen.counts) last_counts_ = *std::move(seen.counts);
    holding = last_of_store_;
    if (seen.disk && is_nearly_full(*seen.disk)) {
        const std::uint64_t left = seen.disk->free_bytes >> 20;
        holding.push_back(
            {"disk",
             "the disk of the data folder is " +
                 (left == 0 ? std::string("full")
                            : "nearly full: " + std::to_string(left) + " MiB are left") +
                 "; what cannot be stored is answered 503",
             "make room: df -h " + shell_word(settings_.data_folder)});
    }
    add_crm_refusals(holding, now);
    add_credentials(holding, now);
    add_refusals(holding, now);
    add_silence(holding, now);
    std::ranges::move(seen.more, std::back_inserter(holding));
    return holding;
}

// Nobody has been asked since the start: what was told before still holds, for an hour at most,
// unless it was ending.
void AlertWatch::hold_on(std::vector<AlertCondition>& holding, std::string_view key, UtcTime now) {
    constexpr std::chrono::hours patience{1};
    const auto told = book_.entries().find(std::string(key));
    if (told == book_.entries().end() || now - began_at_ > patience) return;
    if (told->second.absent_since) return;
    holding.push_back({told->first, told->second.text, told->second.next, told->second.told_count});
}

DestinationCounts AlertWatch::left_for(const std::string& destination) const {
    const auto found = last_counts_.destinations.find(destination);
    return found == last_counts_.destinations.end() ? DestinationCounts{} : found->second;
}

void AlertWatch::add_crm_refusals(std::vector<AlertCondition>& holding, UtcTime now) {
    if (!ports_.crm) return;
    for (const CrmAnswered& last : ports_.crm()) {
        const std::string key = "crm_refuses:" + last.destination;
        const DestinationCounts left = left_for(last.destination);
        const bool has_any = left.pending > 0 || left.parked > 0;
        if (!last.refusal && has_any) hold_on(holding, key, now);
        if (last.refusal.value_or(0) == 0) continue;
        std::string text =
            "destination " + last.destination + " answers " + std::to_string(*last.refusal);
        std::string next = "mend its URL or headers and restart, or mend the CRM";
        if (left.pending > 0) {
            text += ": its records wait in vain";
            next += ", then wrapup replay --state pending --destination " + last.destination;
        } else if (left.parked > 0) {
            text += ": its records are parked";
            next += ", then wrapup replay --destination " + last.destination;
        } else {
            next += ", then wrapup doctor";
        }
        holding.push_back({key, std::move(text), std::move(next)});
    }
}

void AlertWatch::add_credentials(std::vector<AlertCondition>& holding, UtcTime now) {
    const auto elevenlabs = ports_.ears.is_elevenlabs_key_refused();
    const auto twilio = ports_.ears.is_twilio_refusing();
    heard_ended_.clear();
    if (elevenlabs == false) heard_ended_.insert("elevenlabs_key");
    if (twilio == false) heard_ended_.insert("twilio_credentials");
    if (!elevenlabs) hold_on(holding, "elevenlabs_key", now);
    if (!twilio) hold_on(holding, "twilio_credentials", now);
    if (elevenlabs.value_or(false)) {
        holding.push_back({"elevenlabs_key",
                           "ElevenLabs refuses our API key: no conversation can be asked for",
                           "wrapup doctor, then mend ELEVENLABS_API_KEY and restart"});
    }
    if (twilio.value_or(false)) {
        holding.push_back({"twilio_credentials",
                           "Twilio refuses our credentials: nothing is compared with it",
                           "wrapup doctor, then mend TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and "
                           "restart"});
    }
}

void AlertWatch::add_refusals(std::vector<AlertCondition>& holding, UtcTime now) {
    if (refused_.empty()) refused_.emplace_back(now, 0);
    // Of before the clock was set back.
    for (auto& [at, count] : refused_) at = std::min(at, now);
    if (refused_.size() > 1 && now - refused_.back().first < burst_step) {
        refused_.back().second = ports_.ears.refused_count();
    } else {
        refused_.emplace_back(now, ports_.ears.refused_count());
    }
    while (refused_.front().first < now - burst_window) refused_.pop_front();
    const std::int64_t count = refused_.back().second - refused_.front().second;
    if (count < burst_min) return;
    holding.push_back({"refused",
                       counted(count, "request was", "requests were") +
                           " refused within five minutes, the last with cause " +
                           std::string(ports_.ears.last_refusal()),
                       "wrapup doctor, or the log: both name the causes", count});
}

void AlertWatch::add_silence(std::vector<AlertCondition>& holding, UtcTime now) {
    const std::int64_t count = ports_.ears.events_count();
    rhythm_.note(count - std::exchange(events_seen_, count), now);
    const auto silence = rhythm_.unusual_silence(now);
    if (!silence) return;
    const auto whole = std::chrono::floor<std::chrono::minutes>(*silence);
    holding.push_back(
        {"silence",
         "no event for " + format_duration(whole) + ", which is unusual at this hour of the week",
         "wrapup doctor; then Twilio's debugger"});
}

Task<void> AlertWatch::post_queue() {
    while (!queue_.empty() && !is_stopping_) {
        Alert next = std::move(queue_.front());
        queue_.pop_front();
        co_await post(std::move(next));
    }
    is_posting_ = false;
}

void AlertWatch::tell_not_posted(const Alert& alert, std::string_view why) {
    ports_.log.write({LogLevel::error,
                      LogTag::none,
                      "alert could not be posted",
                      "",
                      {{"alert", alert.key}, {"error", std::string(why)}}});
}

// At most five times; then the log has said it all the same.
Task<void> AlertWatch::post(Alert alert) {
    for (std::size_t tries = 0; !is_stopping_; ++tries) {
        HttpRequest request = alert_request(alert, settings_);
        const HttpAnswer answer = co_await ports_.transport.send(std::move(request));
        const bool is_answered = answer.kind == HttpAnswer::Kind::answered;
        if (is_answered && answer.status >= 200 && answer.status < 300) co_return;
        const bool is_hopeless = answer.kind == HttpAnswer::Kind::blocked;
        if (is_hopeless || tries == retry_after_s.size()) {
            const std::string why =
                is_answered ? "HTTP " + std::to_string(answer.status) : answer.error;
            tell_not_posted(alert, why);
            co_return;
        }
        const UtcTime again_at = ports_.clock.now() + seconds{retry_after_s.at(tries)};
        co_await ports_.clock.sleep_until(again_at, &post_alarm_);
    }
}

}  // namespace wrapup
