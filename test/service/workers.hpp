#pragma once

// The production workers on a simulated clock over the memory store, with peers that a test scripts
// one answer at a time.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <set>

#include "codec/bytes/form.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "service/call_service.hpp"
#include "service/commit/clock_watch.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/own_metadata.hpp"
#include "service/settler/settler.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/memory_store.hpp"
#include "sim/sim_clock.hpp"

namespace wrapup {

inline constexpr UtcTime t0{milliseconds{1'750'000'000'000}};
inline const std::string sid_a = "CA0123456789abcdef0123456789abcdef";

inline std::string sid_number(int number) {
    std::string sid = "CA00000000000000000000000000000000";
    const std::string digits = std::to_string(number);
    return sid.replace(sid.size() - digits.size(), digits.size(), digits);
}

class QuietLog final : public EventLog {
public:
    void write(const LogLine& line) override {
        messages.emplace_back(line.message);
        lines.push_back(line);
    }
    std::vector<std::string> messages;
    std::vector<LogLine> lines;
};
class CountingMetrics final : public Metrics {
public:
    void count(Counter counter, std::string_view label) override {
        EXPECT_TRUE(is_known_label(counter, label)) << "not in known_labels(): " << label;
        counts[{counter, std::string(label)}] += 1;
    }
    void observe(Histogram histogram, double value) override { seen[histogram].push_back(value); }
    std::map<std::pair<Counter, std::string>, int> counts;
    std::map<Histogram, std::vector<double>> seen;
};

// The memory store, which counts what is written and can be in trouble.
class WatchedStore final : public MemoryStore {
public:
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override {
        writes_count += std::ssize(ops);
        if (trouble) return *trouble;
        return MemoryStore::commit(ops, now);
    }
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                 int limit) override {
        auto claimed = MemoryStore::claim_calls(now, lease, limit);
        writes_count += std::ssize(*claimed);
        if (claimed->empty() || claims_lost_count == 0) return claimed;
        claims_lost_count -= 1;
        return Error{Errc::unavailable, "the connection was lost"};
    }
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   milliseconds lease) override {
        writes_count += 1;
        auto claimed = MemoryStore::claim_call(call_id, now, lease);
        if (!claimed || claims_lost_count == 0) return claimed;
        claims_lost_count -= 1;
        return Error{Errc::unavailable, "the connection was lost"};
    }

    std::int64_t writes_count = 0;  // Operations and claimed calls.
    int claims_lost_count = 0;      // Of the next ones: made, and their answer is lost.
    std::optional<Error> trouble;
};

// A source whose answer about some calls never comes.
class ScriptedMetadata final : public Metadata {
public:
    explicit ScriptedMetadata(Clock& clock) : clock_(clock) {}
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override {
        bool hangs = false;
        for (const MetadataQuery& query : queries) hangs = hangs || query.call_sid == hangs_for;
        if (hangs) {
            const UtcTime until = clock_.now() + std::chrono::hours{1};
            co_await clock_.sleep_until(until);
        }
        co_return std::vector<MetadataAnswer>(queries.size());
    }
    std::string hangs_for;

private:
    Clock& clock_;
};

class ScriptedCrm final : public CrmGateway {
public:
    explicit ScriptedCrm(Clock& clock) : clock_(clock) {}
    Task<CrmAnswer> deliver(CrmRequest request) override {
        requests.push_back(request);
        const milliseconds wait = hanging.contains(request.destination) ? seconds{35} : latency;
        const bool is_hung = hanging.contains(request.destination);
        CrmAnswer answer = is_hung ? unknown() : answers.empty() ? ok() : answers.front();
        if (!is_hung && !answers.empty()) answers.pop_front();
        const UtcTime until = clock_.now() + wait;
        co_await clock_.sleep_until(until);
        co_return answer;
    }
    static CrmAnswer ok() { return status(200); }
    static CrmAnswer status(int http_status) {
        CrmAnswer answer;
        answer.kind = CrmAnswer::Kind::answered;
        answer.http_status = http_status;
        return answer;
    }
    static CrmAnswer unknown() {
        CrmAnswer answer;
        answer.kind = CrmAnswer::Kind::unknown;
        answer.error = "time-out";
        return answer;
    }

    std::deque<CrmAnswer> answers;  // Empty: 200.
    milliseconds latency{5};
    std::set<std::string> hanging;  // Destinations that do not answer in time.
    std::vector<CrmRequest> requests;

private:
    Clock& clock_;
};

class ScriptedElevenLabs final : public ElevenLabsApi {
public:
    explicit ScriptedElevenLabs(Clock& clock) : clock_(clock) {}
    Task<ElevenLabsAnswer<FetchedConversation>> fetch_conversation(std::string id) override {
        fetches.push_back(id);
        co_await pass();
        ElevenLabsAnswer<FetchedConversation> answer;
        const auto found = documents.find(id);
        const auto& error = trouble ? trouble : fetch_trouble;
        if (error || found == documents.end()) {
            answer.error = error.value_or(ElevenLabsError{{Errc::not_found, "404"}, {}});
            co_return answer;
        }
        auto parsed = parse_conversation(found->second);
        EXPECT_TRUE(parsed.has_value());
        answer.value =
            FetchedConversation{std::move(parsed->conversation), std::move(parsed->payload)};
        co_return answer;
    }
    Task<ElevenLabsAnswer<ConversationList>> list_conversations(ConversationQuery query) override {
        lists.push_back(query);
        co_await pass();
        ElevenLabsAnswer<ConversationList> answer;
        if (trouble) {
            answer.error = trouble;
            co_return answer;
        }
        ConversationList list;
        for (const auto& [id, document] : documents) {
            auto parsed = parse_conversation(document);
            if (knows_variables && !query.variable_call_sid.empty() &&
                parsed->conversation.call_sid != query.variable_call_sid) {
                continue;
            }
            ConversationListItem item;
            item.conversation_id = id;
            item.agent_id = parsed->conversation.agent_id;
            item.status = parsed->conversation.status;
            item.started_at = parsed->conversation.started_at;
            item.duration_s = parsed->conversation.duration_s;
            list.items.push_back(std::move(item));
        }
        if (page_size > 0) keep_page(list, query);
        if (has_no_end) list = {{}, "c" + std::to_string(lists.size())};
        answer.value = std::move(list);
        co_return answer;
    }

    Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> list_webhooks() override {
        co_await pass();
        ElevenLabsAnswer<std::vector<WebhookHealth>> answer;
        answer.error = trouble;
        if (!trouble) answer.value = webhooks;
        co_return answer;
    }

    std::vector<WebhookHealth> webhooks;
    std::map<std::string, std::string> documents;
    std::optional<ElevenLabsError> trouble;
    std::optional<ElevenLabsError> fetch_trouble;  // Of fetches only.
    bool knows_variables = true;
    std::size_t page_size = 0;  // 0: everything at once, whenever it began.
    bool has_no_end = false;    // Of the list.
    milliseconds latency{10};
    std::vector<std::string> fetches;
    std::vector<ConversationQuery> lists;
    int in_flight = 0;
    int in_flight_max = 0;

private:
    void keep_page(ConversationList& list, const ConversationQuery& query) const {
        std::erase_if(list.items, [&query](const ConversationListItem& item) {
            return (query.started_after && *item.started_at < *query.started_after) ||
                   (query.started_before && *item.started_at >= *query.started_before);
        });
        const std::size_t at = query.cursor.empty() ? 0 : std::stoul(query.cursor);
        const std::size_t end = std::min(list.items.size(), at + page_size);
        if (end < list.items.size()) list.next_cursor = std::to_string(end);
        list.items.resize(end);
        const auto begin = list.items.begin();
        list.items.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(at, end)));
    }
    Task<void> pass() {
        in_flight_max = std::max(in_flight_max, ++in_flight);
        const UtcTime until = clock_.now() + latency;
        co_await clock_.sleep_until(until);
        in_flight -= 1;
    }
    Clock& clock_;
};

class ScriptedTwilio final : public TwilioApi {
public:
    explicit ScriptedTwilio(Clock& clock) : clock_(clock) {}
    Task<Result<FetchedCall>> fetch_call(CallAddress address) override {
        const std::string& call_sid = address.call_sid;
        requests.push_back(call_sid);
        accounts.push_back(address.account_sid);
        const UtcTime until = clock_.now() + latency;
        co_await clock_.sleep_until(until);
        if (trouble) co_return *trouble;
        const auto found = calls.find(call_sid);
        if (trouble) co_return *trouble;
        if (found == calls.end()) co_return Error{Errc::not_found, "HTTP 404"};
        FetchedCall fetched;
        fetched.payload = found->second;
        fetched.call = *parse_twilio_call(found->second);
        co_return std::move(fetched);
    }

    // Newest first, as many to a page as `page_size`; the token is the place in the list.
    Task<CallListAnswer> list_calls(CallListQuery query) override {
        lists.push_back(query);
        const UtcTime until = clock_.now() + latency;
        co_await clock_.sleep_until(until);
        CallListAnswer answer{CallListPage{}, retry_after, twilio_now};
        const auto& error = list_trouble ? list_trouble : trouble;
        if (error) answer.page = *error;
        if (error) co_return answer;
        std::vector<FetchedCall> all;
        for (const auto& [sid, payload] : calls) {
            all.push_back({*parse_twilio_call(payload), payload});
        }
        std::ranges::stable_sort(all, std::greater{},
                                 [](const FetchedCall& one) { return one.call.created_at; });
        const std::size_t at = query.next_page.empty() ? 0 : std::stoul(query.next_page.substr(1));
        const std::size_t end = std::min(all.size(), at + page_size);
        for (std::size_t i = at; i < end; ++i) answer.page->calls.push_back(all[i]);
        if (end < all.size()) answer.page->next_page = "/" + std::to_string(end);
        if (names_itself) answer.page->next_page = "/" + std::to_string(at);
        answer.page->unreadable_count = unreadable_count;
        co_return answer;
    }

    std::map<std::string, std::string> calls;
    std::optional<Error> trouble;
    std::optional<Error> list_trouble;  // Of lists only.
    std::optional<seconds> retry_after;
    std::optional<UtcTime> twilio_now;
    std::size_t page_size = 200;
    std::int64_t unreadable_count = 0;
    bool names_itself = false;
    std::vector<CallListQuery> lists;
    milliseconds latency{10};
    std::vector<std::string> requests;
    std::vector<std::string> accounts;  // Of each request.

private:
    Clock& clock_;
};

// What a test may choose before the workers start.
struct WorkersChoice {
    bool has_api_key = true;
    bool has_webhook_secret = true;
    bool has_twilio = true;
    bool accepts_inbound = false;
    bool is_delivery_enabled = true;            // Of `crm`.
    bool has_crm = true;                        // False: there are the others only.
    std::vector<RecordRoute> more_routes = {};  // Besides `crm`.
    OnUnknown on_unknown = OnUnknown::retry;
    std::optional<RateLimit> rate = {};  // Of each destination.
    Metadata* metadata = nullptr;        // Null: what was handed to us.
    bool has_scripted_metadata = false;
    int in_progress_max = 1024;
};

class Workers {
public:
    explicit Workers(WorkersChoice choice = {})
        : choice_(choice),
          settler({held, store, reads, commits, metadata(), choice.has_twilio ? &twilio : nullptr,
                   choice.has_api_key ? &finder : nullptr, couriers, log, metrics,
                   choice.has_scripted_metadata ? &own : nullptr},
                  settler_settings()),
          append_settler({settler, couriers, log, metrics}, append_settings(),
                         [this](Settlements s) { settler.take_over(std::move(s)); }),
          service({held, store, reads, commits, intake, settler, couriers,
                   choice.has_twilio ? &twilio : nullptr, log},
                  io.get_executor(), names()) {
        commits.settle_with(append_settler);
        commits.on_calls_due([this](const auto& ids) { settler.nudge(ids); });
        commits.on_delivery_due([this] { couriers.wake(); });
        spawn_root(io.get_executor(), settler.run());
        for (const auto& one : couriers.all()) spawn_root(io.get_executor(), one->run());
        watch.on_step([this](milliseconds by) {
            settler.clock_was_set(by);
            couriers.clock_was_set(by);
        });
        spawn_root(io.get_executor(), watch.run());
    }

    Courier& courier(const std::string& destination = "crm") { return *couriers.find(destination); }
    void run_for(milliseconds time) { run_until(clock.now() + time); }
    void run_until(UtcTime until) {
        bool is_over = false;
        spawn_root(io.get_executor(), sleep(until, is_over));
        const auto end = clock.run(UtcTime::max(), ~0ULL, [&] { return is_over; });
        ASSERT_EQ(end, SimClock::End::done);
    }
    template <class T>
    T await(Task<T> task) {
        std::optional<T> result;
        spawn_root(io.get_executor(), keep(std::move(task), result));
        const auto end = clock.run(clock.true_now() + std::chrono::hours{1}, ~0ULL,
                                   [&] { return result.has_value(); });
        EXPECT_EQ(end, SimClock::End::done);
        return *std::move(result);
    }

    void callback(const std::string& sid, Form more) {
        Form form{{"CallSid", sid}, {"To", "+61413052898"}, {"Direction", "outbound-api"}};
        form.insert(form.end(), more.begin(), more.end());
        append(*status_callback_event(form, held.now()));
    }
    void completed(const std::string& sid) {
        callback(sid, {{"CallStatus", "completed"},
                       {"CallDuration", "60"},
                       {"AnsweredBy", "human"},
                       {"SequenceNumber", "3"}});
    }
    void busy(const std::string& sid) {
        callback(sid, {{"CallStatus", "busy"}, {"CallDuration", "0"}, {"SequenceNumber", "2"}});
    }
    void webhook(const std::string& document) {
        const std::string body =
            R"({"type":"post_call_transcription","event_timestamp":1,"data":)" + document + "}";
        append(*webhook_event(body, {}, held.now()));
    }
    Appended append(NewEvent event) {
        auto appended = await(intake.append(std::move(event)));
        EXPECT_TRUE(appended.has_value());
        return *appended;
    }
    Result<SendNowAnswer> send(const std::string& id, SendWhen when = SendWhen::settled,
                               SendAgain again = SendAgain::yes) {
        return await(service.send_now(id, when, again));
    }
    CallStory story(const std::string& id) {
        auto resolved = store.resolve(id);
        EXPECT_TRUE(resolved.has_value());
        return *store.find_story(*resolved);
    }
    // A conversation of that call, which started a minute ago.
    std::string document(const std::string& id, const std::string& sid, const char* status,
                         const char* summary) {
        return R"({"conversation_id":")" + id + R"(","agent_id":"agent_1","status":")" + status +
               R"(","metadata":{"start_time_unix_secs":)" + std::to_string(to_unix_s(t0) - 60) +
               R"(,"call_duration_secs":60,"phone_call":{"type":"twilio","direction":"outbound",)" +
               R"("external_number":"+61413052898","call_sid":")" + sid +
               R"("}},"analysis":{"transcript_summary":")" + summary + R"("}})";
    }

private:
    Metadata& metadata() {
        if (choice_.metadata != nullptr) return *choice_.metadata;
        return choice_.has_scripted_metadata ? static_cast<Metadata&>(scripted) : own;
    }
    SettlerSettings settler_settings() const {
        SettlerSettings settings;
        settings.policy.can_ask_elevenlabs = choice_.has_api_key;
        settings.policy.awaits_webhook = choice_.has_webhook_secret;
        settings.policy.can_ask_twilio = choice_.has_twilio;
        settings.policy.accepts_inbound = choice_.accepts_inbound;
        settings.policy.process_started_at = t0;
        settings.routes = routes();
        settings.in_progress_max = choice_.in_progress_max;
        return settings;
    }
    AppendSettler::Settings append_settings() const {
        const SettlerSettings same = settler_settings();
        const bool is_own = choice_.metadata == nullptr && !choice_.has_scripted_metadata;
        return {same.policy, same.routes, is_own};
    }
    RecordRoutes routes() const {
        RecordRoutes all;
        if (choice_.has_crm) all.push_back({"crm", choice_.is_delivery_enabled, {}});
        all.insert(all.end(), choice_.more_routes.begin(), choice_.more_routes.end());
        return all;
    }
    std::vector<CourierSettings> courier_settings() const {
        std::vector<CourierSettings> all;
        for (const RecordRoute& route : routes()) {
            if (!route.is_enabled) continue;
            CourierSettings settings;
            settings.destination = route.destination;
            settings.policy.retry_schedule = default_retry_schedule();
            settings.policy.on_unknown = choice_.on_unknown;
            settings.rate = choice_.rate;
            all.push_back(std::move(settings));
        }
        return all;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const RecordRoute& route : routes()) all.push_back(route.destination);
        return all;
    }
    Task<void> sleep(UtcTime until, bool& is_over) {
        co_await clock.sleep_until(until);
        is_over = true;
    }
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& result) {
        result.emplace(co_await std::move(task));
    }

    WorkersChoice choice_;

public:
    boost::asio::io_context io{1};
    SimClock clock{io, t0};  // That of the wall.
    HeldClock held{clock};   // That of the workers.
    WatchedStore store;
    QuietLog log;
    CountingMetrics metrics;
    BlockingPool reads{io.get_executor()};
    GroupCommit commits{store, held, metrics, io.get_executor()};
    Intake intake{commits, held, log, metrics};
    OwnMetadata own{store, reads};
    ScriptedMetadata scripted{clock};
    ScriptedCrm crm{clock};
    ScriptedElevenLabs elevenlabs{clock};
    ScriptedTwilio twilio{clock};
    ConversationFinder finder{{elevenlabs, held, store, reads, metrics}, 3};
    Couriers couriers{{held, store, reads, commits, crm, log, metrics}, courier_settings(), 1};
    Settler settler;
    AppendSettler append_settler;
    ClockWatch watch{{held, store, commits, log, metrics}};
    CallService service;
};

}  // namespace wrapup
