#include "sim/campaign_twilio.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// In Europe clocks were set on 26 October 2025, in New York a week later.
constexpr UtcTime europe_set_at = from_unix_s(1'761'440'400);
constexpr UtcTime new_york_set_at = from_unix_s(1'762'063'200);

const CampaignPlace& place_of(const std::string& number) {
    const auto found = std::ranges::find_if(campaign_places(), [&](const CampaignPlace& place) {
        return number.starts_with(place.number_prefix);
    });
    WRAPUP_ASSERT(found != campaign_places().end());
    return *found;
}

}  // namespace

const std::vector<CampaignPlace>& campaign_places() {
    static const std::vector<CampaignPlace> places{
        {"Europe/Berlin", "+493012", true, hours{2}, europe_set_at, hours{1}},
        {"America/New_York", "+121255", true, -hours{4}, new_york_set_at, -hours{5}},
        {"Europe/London", "+4420794", false, hours{1}, europe_set_at, hours{0}},
        {"Asia/Kolkata", "+9198765", false, minutes{330}, UtcTime::max(), minutes{330}},
    };
    return places;
}

std::string campaign_number(int row) {
    const auto& places = campaign_places();
    const std::string digits = std::to_string(row);
    const auto index = static_cast<std::size_t>(row) % places.size();
    return places[index].number_prefix + std::string(5 - digits.size(), '0') + digits;
}

bool is_campaign_hour(const std::string& number, UtcTime now) {
    const CampaignPlace& place = place_of(number);
    const UtcTime wall = now + (now < place.clocks_set_at ? place.offset : place.offset_then);
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const auto time = wall - day;
    const std::chrono::weekday weekday{day};
    const bool is_weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    if (is_weekend) return time >= hours{10} && time < hours{19};
    return time >= hours{9} && time < hours{20};
}

// ---- Twilio's REST API ----

Task<CreateAnswer> CampaignTwilio::create_call(OutboundCall order) {
    CreateAnswer answer;
    const UtcTime until = clock_.now() + milliseconds{50 + prng_.below(300)};
    co_await clock_.sleep_until(until);
    if (prng_.chance({1, 100})) {
        answer.kind = CreateAnswer::Kind::refused;
        answer.http_status = 429;
        answer.code = 20429;
        co_return answer;
    }
    const std::string digits = std::to_string(++counts_.calls);
    const std::string sid = "CA" + std::string(32 - digits.size(), '0') + digits;
    Made& made = made_[sid];
    made.call.sid = sid;
    made.call.to = order.to;
    made.call.from = order.from;
    made.call.direction = Direction::outbound;
    made.call.created_at = clock_.now();
    made.call.status = CallStatus::queued;
    made.timeout = seconds{order.timeout_s};
    const std::size_t slash = order.twiml_url.rfind('/');
    made.token = order.twiml_url.substr(slash + 1, order.twiml_url.find('#') - slash - 1);
    spawn_root(executor_, play(made));
    if (prng_.chance({1, 50})) {
        counts_.answers_lost += 1;
        co_return answer;
    }
    answer.kind = CreateAnswer::Kind::created;
    answer.call = made.call;
    co_return answer;
}

Task<Result<std::vector<TwilioCall>>> CampaignTwilio::list_calls_between(std::string,
                                                                         std::string to) {
    const UtcTime until = clock_.now() + milliseconds{100};
    co_await clock_.sleep_until(until);
    std::vector<TwilioCall> found;
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
        if (made->second.call.to == to) found.push_back(made->second.call);
    }
    co_return found;
}

CampaignTwilio::Made* CampaignTwilio::find(const std::string& call_sid) {
    const auto found = made_.find(call_sid);
    return found == made_.end() ? nullptr : &found->second;
}

Task<Result<void>> CampaignTwilio::end_call(std::string call_sid, CallStatus status) {
    const UtcTime until = clock_.now() + milliseconds{50 + prng_.below(200)};
    co_await clock_.sleep_until(until);
    Made* const made = find(call_sid);
    if (made == nullptr) co_return Error{Errc::not_found, "404"};
    const CallStatus is = *made->call.status;
    const bool is_before = is == CallStatus::queued || is == CallStatus::ringing;
    if (is_terminal(is) || (status == CallStatus::canceled && !is_before)) {
        co_return Error{Errc::conflict, "not in this state"};
    }
    if (is == CallStatus::ringing) {
        counts_.cut += 1;
        end_ring(*made);
    }
    made->call.status = status;
    co_return Result<void>();
}

Task<Result<FetchedCall>> CampaignTwilio::fetch_call(CallAddress address) {
    const Made* const made = find(address.call_sid);
    if (made == nullptr) co_return Error{Errc::not_found, "404"};
    co_return FetchedCall{made->call, "{}"};
}

Task<CallListAnswer> CampaignTwilio::list_calls(CallListQuery) {
    co_return CallListAnswer{CallListPage{}, {}, {}};
}

Task<Result<RegisteredAgent>> CampaignTwilio::register_call(AgentOrder) {
    const UtcTime until = clock_.now() + milliseconds{100 + prng_.below(400)};
    co_await clock_.sleep_until(until);
    co_return RegisteredAgent{"<Response/>", "conv_" + std::to_string(prng_.next())};
}

// ---- People ----

void CampaignTwilio::begin_ring(const Made& made) {
    const std::string& to = made.call.to;
    const UtcTime now = clock_.now();
    CampaignPerson& person = people_[to];
    counts_.rings += 1;
    if (!is_campaign_hour(to, now)) counts_.rings_outside += 1;
    if (person.is_rung || has_talked_[to]) counts_.twice += 1;
    if (person.not_again_before && now < *person.not_again_before) counts_.early += 1;
    person.rings_count += 1;
    person.is_rung = true;
}

void CampaignTwilio::end_ring(const Made& made) {
    people_[made.call.to].is_rung = false;
    if (!is_campaign_hour(made.call.to, clock_.now() - seconds{1})) counts_.rings_outside += 1;
}

// What has to pass before the person may be rung again.
void CampaignTwilio::note_end(const Made& made) {
    CampaignPerson& person = people_[made.call.to];
    const bool is_busy = made.call.status == CallStatus::busy;
    const RetryWaits& waits = is_busy ? waits_.busy : waits_.no_answer;
    int& count = is_busy ? person.busy_count : person.no_answer_count;
    const auto index = static_cast<std::size_t>(count++);
    person.not_again_before = index < waits.size() ? clock_.now() + waits[index] : UtcTime::max();
}

// From Twilio's queue to the end.
Task<void> CampaignTwilio::play(Made& made) {
    const UtcTime rings_at = clock_.now() + milliseconds{200 + prng_.below(1'800)};
    co_await clock_.sleep_until(rings_at);
    if (made.call.status != CallStatus::queued) co_return;
    made.call.status = CallStatus::ringing;
    begin_ring(made);
    const std::uint64_t fate = prng_.below(100);
    UtcTime until = clock_.now() + seconds{2 + prng_.below(20)};
    if (fate < 45) until = clock_.now() + (fate < 20 ? seconds{2} : made.timeout + seconds{5});
    co_await clock_.sleep_until(until);
    if (made.call.status != CallStatus::ringing) co_return;
    end_ring(made);
    if (fate >= 50) co_return co_await converse(made);
    made.call.status = CallStatus::failed;
    if (fate < 45) made.call.status = fate < 20 ? CallStatus::busy : CallStatus::no_answer;
    if (fate < 45) note_end(made);
    co_await tell(made);
}

Task<void> CampaignTwilio::converse(Made& made) {
    made.call.status = CallStatus::in_progress;
    const UtcTime answered_at = clock_.now();
    std::string token = made.token;
    std::string sid = made.call.sid;
    const std::string twiml = co_await target->answer(std::move(token), std::move(sid));
    if (twiml == "<Response/>") {
        counts_.conversations += 1;
        has_talked_[made.call.to] = true;
        if (!is_campaign_hour(made.call.to, answered_at)) counts_.answers_outside += 1;
        const UtcTime until = clock_.now() + seconds{10 + prng_.below(60)};
        co_await clock_.sleep_until(until);
    }
    made.call.status = CallStatus::completed;
    co_await tell(made);
}

Task<void> CampaignTwilio::tell(const Made& made) {
    std::string token = made.token;
    PlacedCalls::Word word{made.call.sid, made.call.status, {}};
    const auto heard = co_await target->hear(std::move(token), std::move(word));
    WRAPUP_ASSERT(heard.has_value());
}

}  // namespace wrapup
