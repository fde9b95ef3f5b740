#include "sim/peers.hpp"

#include <algorithm>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/twilio/twilio_events.hpp"

namespace wrapup {
namespace {

// The adapters' own time-outs.
constexpr seconds hang{10};
constexpr seconds twilio_hang{5};
// One that does not keep its promise to answer in time.
constexpr seconds metadata_hang{45};

ElevenLabsError failure(Errc code, std::optional<seconds> retry_after = {}) {
    return {Error{code, "simulated"}, retry_after};
}

std::string rest_document(const TrueCall& call, bool is_ended) {
    std::string text = R"({"sid":")" + call.sid + R"(","to":")" + call.to +
                       R"(","from":"+15005550006","direction":"outbound-api","date_created":")" +
                       format_rfc2822(call.started_at) + R"(","status":")" +
                       std::string(to_string(is_ended ? call.status : CallStatus::in_progress)) +
                       R"(","duration":)";
    text += is_ended && call.duration_s > 0 ? '"' + std::to_string(call.duration_s) + '"' : "null";
    text += R"(,"answered_by":)";
    text += call.answered_by.empty() ? "null" : '"' + call.answered_by + '"';
    return text + "}";
}

}  // namespace

const TrueCall* SimWorld::find_call(const std::string& sid) const {
    const auto found = std::ranges::find(truth.calls, sid, &TrueCall::sid);
    return found == truth.calls.end() ? nullptr : &*found;
}

const TrueCall* SimWorld::find_conversation(const std::string& id) const {
    const auto found = std::ranges::find_if(truth.calls, [&](const TrueCall& call) {
        return call.conversation && call.conversation->id == id;
    });
    return found == truth.calls.end() ? nullptr : &*found;
}

Task<void> SimWorld::pass_time(milliseconds latency_max) {
    const milliseconds latency{prng.below(static_cast<std::uint64_t>(latency_max.count()) + 1)};
    co_await sleep(latency);
}

Task<void> SimWorld::sleep(milliseconds time) {
    const UtcTime until = clock->now() + time;
    co_await clock->sleep_until(until);
}

Task<std::optional<Error>> SimWorld::twilio_trouble() {
    const Faults& faults = truth.faults;
    if (is_hostile() && faults.twilio_hangs) {
        co_await sleep(twilio_hang);
        co_return Error{Errc::timeout, "no answer"};
    }
    co_await pass_time(milliseconds{800});
    const bool is_down = is_hostile() && faults.is_twilio_down;
    if (is_down || strikes(faults.twilio_fails)) {
        co_return Error{Errc::unavailable, "HTTP 503"};
    }
    co_return std::nullopt;
}

bool SimWorld::is_within(const TimeWindows& windows) const {
    return std::ranges::any_of(windows, [at = now()](const auto& window) {
        return at >= window.first && at < window.second;
    });
}

void SimCrm::receive(const CrmRequest& request) {
    Filed& file = filed[{request.destination, request.call_id}];
    file.bodies.insert(request.body);
    file.webhook_ids.insert(request.webhook_id);
    if (file.receipts_count == 0) file.first_at = world_.now();
    file.receipts_count += 1;
    if (file.bodies.size() > 1 || file.webhook_ids.size() > 1) {
        violations.push_back("P2: " + request.call_id +
                             " reached the CRM with other bytes or keys");
    }
}

void SimCrm::check_pause(const CrmRequest& request) {
    if (by_hand.contains(request.call_id)) return;
    const auto pause = paused_at.find(request.destination);
    if (pause == paused_at.end() || world_.now() <= pause->second) return;
    violations.push_back("pause: " + request.call_id + " was sent to " + request.destination);
}

Task<CrmAnswer> SimCrm::deliver(CrmRequest request) {
    requests_count += 1;
    check_pause(request);
    const std::pair<const SimClock*, int> ticket{world_.clock, next_ticket_++};
    in_flight_.emplace(ticket, request);
    const UtcTime started_at = world_.now();
    const bool hangs =
        request.destination == "lake" && world_.is_hostile() && world_.truth.faults.lake_hangs;
    const milliseconds longest =
        hangs ? milliseconds{seconds{36}} : world_.truth.faults.crm_latency_max;
    if (hangs) {
        co_await world_.sleep(longest);
    } else {
        co_await world_.pass_time(longest);
    }
    in_flight_.erase(ticket);
    CrmAnswer answer;
    answer.elapsed = world_.now() - started_at;
    const Faults& faults = world_.truth.faults;
    if (answer.elapsed > seconds{35}) {
        // We stopped waiting at 35 s; the CRM may have gone on.
        if (world_.prng.chance({1, 2})) receive(request);
        answer.kind = CrmAnswer::Kind::unknown;
        co_return answer;
    }
    answer.kind = CrmAnswer::Kind::answered;
    if (world_.strikes(faults.crm_cuts_before)) {
        answer.kind = CrmAnswer::Kind::unknown;
    } else if (world_.strikes(faults.crm_refuses)) {
        answer.http_status = 503;
        if (world_.prng.chance({1, 4})) answer.retry_after = seconds{90};
    } else if (request.destination == "lake" && world_.is_within(faults.lake_gone)) {
        answer.http_status = 410;
    } else if (world_.strikes(faults.crm_rejects)) {
        answer.http_status = 422;
    } else {
        receive(request);
        answer.http_status = 200;
        if (world_.strikes(faults.crm_cuts_after)) answer.kind = CrmAnswer::Kind::unknown;
    }
    co_return answer;
}

void SimCrm::settle_in_flight(const SimClock& of) {
    std::erase_if(in_flight_, [&](const auto& one) {
        const bool is_its = one.first.first == &of;
        if (is_its && world_.prng.chance({1, 2})) receive(one.second);
        return is_its;
    });
}

FetchedCall SimTwilio::show(const TrueCall& call) {
    const bool is_ended =
        world_.now() >= call.ended_at && !world_.strikes(world_.truth.faults.twilio_is_behind);
    FetchedCall fetched;
    fetched.payload = rest_document(call, is_ended);
    auto parsed = parse_twilio_call(fetched.payload);
    WRAPUP_ASSERT(parsed.has_value());
    fetched.call = *std::move(parsed);
    return fetched;
}

Task<Result<FetchedCall>> SimTwilio::fetch_call(CallAddress address) {
    const auto error = co_await world_.twilio_trouble();
    if (error) co_return *error;
    const TrueCall* call = world_.find_call(address.call_sid);
    if (call == nullptr) co_return Error{Errc::not_found, "HTTP 404"};
    co_return show(*call);
}

// Newest first, a few to a page; the place in the list is the token.
Task<CallListAnswer> SimTwilio::list_calls(CallListQuery query) {
    constexpr std::size_t page_size = 3;
    CallListAnswer answer{CallListPage{}, {}, world_.now()};
    const auto error = co_await world_.twilio_trouble();
    if (error) {
        answer.page = *error;
        co_return answer;
    }
    if (world_.strikes(world_.truth.faults.twilio_lists_nonsense)) {
        answer.page = Error{Errc::invalid_input, "not JSON"};
        co_return answer;
    }
    std::vector<const TrueCall*> made;
    for (const TrueCall& call : world_.truth.calls) {
        if (call.started_at + call.list_lag <= world_.now()) made.push_back(&call);
    }
    std::ranges::stable_sort(made, std::greater{}, &TrueCall::started_at);
    const std::size_t at = query.next_page.empty() ? 0 : std::stoul(query.next_page.substr(1));
    const std::size_t end = std::min(made.size(), at + page_size);
    for (std::size_t i = at; i < end; ++i) answer.page->calls.push_back(show(*made[i]));
    if (end < made.size()) answer.page->next_page = "/" + std::to_string(end);
    co_return answer;
}

Task<std::optional<ElevenLabsError>> SimElevenLabs::trouble() {
    int& in_flight = in_flight_[world_.clock];
    in_flight += 1;
    in_flight_max = std::max(in_flight_max, in_flight);
    const Faults& faults = world_.truth.faults;
    const bool hangs = world_.is_hostile() && faults.elevenlabs_hangs;
    if (hangs) {
        co_await world_.sleep(hang);
    } else {
        co_await world_.pass_time(milliseconds{700});
    }
    in_flight -= 1;
    if (hangs) co_return failure(Errc::timeout);
    if (faults.elevenlabs_refuses_key) co_return failure(Errc::unauthorized);
    if (world_.is_within(faults.elevenlabs_bursts)) co_return failure(Errc::unavailable);
    if (world_.strikes(faults.elevenlabs_fails)) {
        if (world_.prng.chance({1, 2})) co_return failure(Errc::rate_limited, seconds{5});
        co_return failure(Errc::unavailable);
    }
    co_return std::nullopt;
}

Task<ElevenLabsAnswer<FetchedConversation>> SimElevenLabs::fetch_conversation(std::string id) {
    ElevenLabsAnswer<FetchedConversation> answer;
    answer.error = co_await trouble();
    if (answer.error) co_return answer;
    const TrueCall* call = world_.find_conversation(id);
    const UtcTime now = world_.now();
    if (call == nullptr || now < call->conversation->appears_at) {
        answer.error = failure(Errc::not_found);
        co_return answer;
    }
    const TrueConversation& truth = *call->conversation;
    auto parsed = parse_conversation(now >= truth.done_at ? truth.document : truth.unfinished);
    WRAPUP_ASSERT(parsed.has_value());
    answer.value = FetchedConversation{std::move(parsed->conversation), std::move(parsed->payload)};
    co_return answer;
}

Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> SimElevenLabs::list_webhooks() {
    ElevenLabsAnswer<std::vector<WebhookHealth>> answer;
    answer.error = co_await trouble();
    if (!answer.error) answer.value.emplace();
    co_return answer;
}

Task<ElevenLabsAnswer<ConversationList>> SimElevenLabs::list_conversations(
    ConversationQuery query) {
    ElevenLabsAnswer<ConversationList> answer;
    answer.error = co_await trouble();
    if (answer.error) co_return answer;
    ConversationList list;
    const UtcTime now = world_.now();
    for (const TrueCall& call : world_.truth.calls) {
        if (!call.conversation || now < call.conversation->appears_at) continue;
        const bool filters =
            !query.variable_call_sid.empty() && world_.truth.faults.elevenlabs_knows_variables;
        if (filters && query.variable_call_sid != call.sid) continue;
        if (query.started_after && call.started_at < *query.started_after) continue;
        if (query.started_before && call.started_at > *query.started_before) continue;
        ConversationListItem item;
        item.conversation_id = call.conversation->id;
        item.status = now >= call.conversation->done_at ? ConversationStatus::done
                                                        : ConversationStatus::processing;
        item.started_at = call.started_at;
        item.duration_s = call.duration_s;
        list.items.push_back(std::move(item));
    }
    answer.value = std::move(list);
    co_return answer;
}

Task<std::vector<MetadataAnswer>> SimMetadata::find(std::vector<MetadataQuery> queries) {
    const Faults& faults = world_.truth.faults;
    if (world_.is_within(faults.metadata_hangs)) co_await world_.sleep(metadata_hang);
    co_await world_.pass_time(milliseconds{60});
    const UtcTime now = world_.now();
    const bool is_away = world_.is_within(faults.metadata_away);
    std::vector<MetadataAnswer> answers;
    for (const MetadataQuery& query : queries) {
        MetadataAnswer answer;
        const TrueCall* call = world_.find_call(query.call_sid);
        if (is_away) {
            answer.kind = MetadataAnswer::Kind::away;
            answer.detail = "simulated";
        } else if (call != nullptr && call->metadata && now >= call->metadata_at) {
            answer.kind = MetadataAnswer::Kind::found;
            answer.metadata = *call->metadata;
        } else {
            answer.kind = MetadataAnswer::Kind::not_yet;
        }
        answers.push_back(std::move(answer));
    }
    co_return answers;
}

}  // namespace wrapup
