#include "http/api/api_bodies.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "base/text.hpp"
#include "codec/json/json_rules.hpp"
#include "codec/observation.hpp"
#include "core/explain.hpp"
#include "core/settle/fold.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/api_input.hpp"
#include "http/server/message.hpp"

namespace wrapup {

namespace {

namespace json = boost::json;

json::value number_or_null(const std::optional<std::int64_t>& number) {
    if (!number) return nullptr;
    return *number;
}

// Stored JSON goes out as JSON; should it be damaged, as text.
json::value embedded(std::string_view stored) {
    if (stored.empty()) return nullptr;
    json::parse_options options;
    options.max_depth = json_depth_max;
    boost::system::error_code error;
    json::value value =
        json::parse(json::string_view(stored.data(), stored.size()), error, {}, options);
    if (error) return json_text(stored);
    return value;
}

json::object json_of(const Call& call) {
    json::object out;
    out["id"] = json_text(call.id);
    out["state"] = json_text(to_string(call.state));
    out["parked"] = word_or_null(call.parked);
    out["call_sid"] = text_or_null(call.call_sid);
    out["conversation_id"] = text_or_null(call.conversation_id);
    out["to"] = text_or_null(call.to);
    out["name"] = text_or_null(call.name);
    out["campaign"] = text_or_null(call.campaign);
    out["status"] = word_or_null(call.outcome);
    out["duration_s"] = number_or_null(call.duration_s);
    out["first_event_at"] = time_or_null(call.first_event_at);
    out["last_event_at"] = time_or_null(call.last_event_at);
    out["ended_at"] = time_or_null(call.ended_at);
    out["settled_at"] = time_or_null(call.settled_at);
    out["due_at"] = time_or_null(call.due_at);
    out["late_conflict"] = call.is_late_conflict;
    out["events_count"] = call.events_count;
    out["note"] = text_or_null(call.note);
    return out;
}

json::object json_of(const CallMetadata& metadata) {
    json::object out;
    const auto show = [&out](std::string_view name, const std::string& value) {
        out[json::string_view(name.data(), name.size())] = text_or_null(value);
    };
    visit_fields(show, metadata);
    return out;
}

json::object json_of(const StoredEvent& event) {
    json::object out;
    out["seq"] = event.seq;
    const std::string_view kind = to_string(event.kind);
    out["kind"] = json_text(kind);
    out["source"] = json_text(kind.substr(0, kind.find('.')));
    out["received_at"] = time_or_null(event.received_at);
    out["late"] = event.is_late;
    out["payload"] = embedded(event.payload);
    return out;
}

json::object json_of(const Attempt& attempt) {
    json::object out;
    out["number"] = attempt.number;
    out["started_at"] = time_or_null(attempt.started_at);
    out["elapsed_ms"] = attempt.elapsed.count();
    out["outcome"] = json_text(to_string(attempt.outcome));
    out["http_status"] = status_or_null(attempt.http_status);
    out["error"] = text_or_null(attempt.error);
    out["answer"] = text_or_null(attempt.answer);
    out["again"] = attempt.is_again;
    out["destination"] = text_or_null(attempt.destination);
    return out;
}

json::object json_of(const Delivery& delivery) {
    json::object out;
    out["id"] = delivery.id;
    out["destination"] = json_text(delivery.destination);
    out["state"] = json_text(to_string(delivery.state));
    out["parked"] = word_or_null(delivery.parked);
    out["due_at"] = time_or_null(delivery.due_at);
    out["accepted_at"] = time_or_null(delivery.accepted_at);
    out["attempts_count"] = delivery.attempts_count;
    out["unknown_count"] = delivery.unknown_count;
    out["fingerprint"] = text_or_null(delivery.fingerprint);
    return out;
}

json::object json_of(const DeliveryStory& story) {
    json::object out = json_of(story.delivery);
    out["in_progress"] = story.is_claimed;
    out["webhook_id"] = json_text(story.delivery.webhook_id);
    out["retries_used"] = story.delivery.retries_used;
    json::array attempts;
    for (const Attempt& attempt : story.attempts) attempts.push_back(json_of(attempt));
    out["attempts"] = std::move(attempts);
    return out;
}

json::object json_of(const ListedDelivery& listed) {
    json::object out = json_of(listed.delivery);
    out["call"] = json_text(listed.delivery.call_id);
    out["status"] = word_or_null(listed.outcome);
    out["campaign"] = text_or_null(listed.campaign);
    out["first_event_at"] = time_or_null(listed.first_event_at);
    out["http_status"] = status_or_null(listed.http_status);
    return out;
}

json::object json_of(const FailureGroup& group) {
    json::object out;
    out["fingerprint"] = json_text(group.fingerprint);
    out["destination"] = json_text(group.destination);
    out["outcome"] = json_text(to_string(group.outcome));
    out["http_status"] = status_or_null(group.http_status);
    out["answer"] = text_or_null(group.cause);
    out["count"] = group.open;
    out["first_at"] = time_or_null(group.first_at);
    out["last_at"] = time_or_null(group.last_at);
    out["sample"] = text_or_null(group.sample);
    return out;
}

std::string_view name_of(Authority authority) {
    switch (authority) {
        case Authority::callback: return "callback";
        case Authority::rest: return "rest";
        case Authority::elevenlabs: break;
    }
    return "elevenlabs";
}

std::string_view name_of(Direction direction) {
    switch (direction) {
        case Direction::outbound: return "outbound";
        case Direction::inbound: return "inbound";
        case Direction::unknown: break;
    }
    return "";
}

json::object json_of(const Facts& facts) {
    json::object out;
    const auto& terminal = facts.terminal;
    out["final_status"] = terminal ? json::value(json_text(to_string(terminal->status))) : nullptr;
    out["final_status_from"] =
        terminal ? json::value(json_text(name_of(terminal->authority))) : nullptr;
    out["duration_s"] = number_or_null(facts.duration_s);
    out["answered_by"] = text_or_null(facts.answered_by);
    out["call_result"] = text_or_null(facts.call_result);
    out["to"] = text_or_null(facts.to);
    out["from"] = text_or_null(facts.from);
    out["direction"] = text_or_null(name_of(facts.direction));
    out["started_at"] = time_or_null(facts.started_at);
    out["ended_at"] = time_or_null(facts.ended_at);
    out["agent_id"] = text_or_null(facts.agent_id);
    out["had_conversation"] = facts.had_conversation;
    out["no_agent"] = text_or_null(facts.no_agent);
    out["summary"] = text_or_null(facts.summary);
    out["name"] = text_or_null(facts.dynamic_name);
    return out;
}

bool is_parked(const DeliveryStory& one) {
    return one.delivery.state == DeliveryState::parked && one.delivery.is_owed();
}

// The delivery that the sentence is about: the one that the call is parked for, else one that is
// not at the CRM yet, else the first.
const DeliveryStory* main_delivery(const CallStory& story) {
    if (story.deliveries.empty()) return nullptr;
    for (const DeliveryStory& one : story.deliveries) {
        if (is_parked(one) && one.delivery.parked == story.call.parked) return &one;
    }
    for (const DeliveryState state : {DeliveryState::parked, DeliveryState::pending}) {
        const auto found = std::ranges::find_if(story.deliveries, [&](const DeliveryStory& one) {
            return one.delivery.state == state && one.delivery.is_owed();
        });
        if (found != story.deliveries.end()) return &*found;
    }
    return &story.deliveries.front();
}

// What came of an attempt, in words.
std::string said_by(const Attempt& attempt) {
    if (!attempt.error.empty() || attempt.http_status == 0) return attempt.error;
    return "HTTP " + std::to_string(attempt.http_status);
}

// While a breaker is open, what is due waits for the next probe at least; while the destination is
// paused, for a person.
std::optional<UtcTime> tried_again_at(const Delivery& delivery,
                                      const std::vector<DestinationRow>& destinations) {
    const auto row = std::ranges::find(destinations, delivery.destination, &DestinationRow::name);
    if (!delivery.due_at || row == destinations.end()) return delivery.due_at;
    if (row->state == DestinationState::paused) return std::nullopt;
    return std::max(*delivery.due_at, row->breaker.retry_at.value_or(*delivery.due_at));
}

ExplainInput explain_input(const CallStory& story, const DeliveryStory* chosen,
                           const std::vector<DestinationRow>& destinations,
                           const RateWaits& rate_wait) {
    ExplainInput input{.call = story.call};
    input.deliveries_count = story.deliveries.size();
    for (const DeliveryStory& one : story.deliveries) {
        if (one.delivery.parked != ParkReason::given_up) continue;
        input.given_up += (input.given_up.empty() ? "" : ", ") + one.delivery.destination;
    }
    if (chosen == nullptr) return input;
    input.delivery = &chosen->delivery;
    input.is_sending = chosen->is_claimed;
    if (rate_wait) input.rate_wait = rate_wait(chosen->delivery.destination);
    if (!chosen->attempts.empty()) input.last_error = said_by(chosen->attempts.back());
    for (const DestinationRow& row : destinations) {
        if (row.name != chosen->delivery.destination) continue;
        input.destination = row.state;
        input.breaker_retry_at = row.breaker.retry_at;
    }
    return input;
}

// A call has one state, and each destination a reason of its own.
std::string why(const CallStory& story, const std::vector<DestinationRow>& destinations,
                UtcTime now, const RateWaits& rate_wait) {
    const DeliveryStory* const chosen = main_delivery(story);
    std::string sentences = explain(explain_input(story, chosen, destinations, rate_wait), now);
    for (const DeliveryStory& one : story.deliveries) {
        const bool is_waiting = one.delivery.state == DeliveryState::pending;
        if (&one == chosen || !(is_waiting || is_parked(one))) continue;
        const ExplainInput input = explain_input(story, &one, destinations, rate_wait);
        sentences += " " + (is_waiting ? explain_waiting(input, now) : explain_parked(input));
    }
    return sentences;
}

json::object json_of(const Campaign& campaign) {
    json::object out;
    out["id"] = json_text(campaign.id);
    out["name"] = text_or_null(campaign.name);
    out["description"] = text_or_null(campaign.description);
    return out;
}

json::object json_of(const Contact& contact) {
    json::object out;
    out["phone"] = json_text(contact.phone);
    out["name"] = text_or_null(contact.name);
    out["campaign"] = text_or_null(contact.campaign);
    out["time_zone"] = text_or_null(contact.time_zone);
    return out;
}

json::object send_details(const SendNowAnswer& answer) {
    json::object details;
    details["payload"] = embedded(answer.payload);
    details["status"] = status_or_null(answer.http_status);
    details["elapsed_ms"] = answer.elapsed.count();
    details["answer"] = text_or_null(answer.crm_answer);
    details["again"] = answer.was_again;
    json::array destinations;
    for (const SendNowAnswer::Part& part : answer.parts) {
        json::object one;
        one["name"] = json_text(part.destination);
        one["success"] = part.answer.kind == SendNowAnswer::Kind::accepted;
        one["message"] = json_text(part.answer.message);
        one["status"] = status_or_null(part.answer.http_status);
        one["elapsed_ms"] = part.answer.elapsed.count();
        one["answer"] = text_or_null(part.answer.crm_answer);
        one["again"] = part.answer.was_again;
        destinations.push_back(std::move(one));
    }
    details["destinations"] = std::move(destinations);
    return details;
}

template <class Item>
json::object listed(std::string_view name, const std::vector<Item>& items) {
    json::array list;
    for (const Item& item : items) list.push_back(json_of(item));
    json::object out;
    out[json::string_view(name.data(), name.size())] = std::move(list);
    return out;
}

template <class Item>
std::string render_list(std::string_view name, const std::vector<Item>& items, int limit,
                        std::string Item::*id) {
    const bool has_more = !items.empty() && items.size() >= static_cast<std::size_t>(limit);
    json::object out = listed(name, items);
    out["next_cursor"] = has_more ? json::value(json_text(list_cursor(items.back().*id))) : nullptr;
    return json::serialize(out);
}

}  // namespace

std::string render_call_page(const CallPage& page) {
    json::object out = listed("calls", page.calls);
    out["next_cursor"] = text_or_null(page.next_cursor);
    return json::serialize(out);
}

std::string render_delivery_page(DeliveryPage page,
                                 const std::vector<DestinationRow>& destinations) {
    for (ListedDelivery& listed : page.deliveries) {
        listed.delivery.due_at = tried_again_at(listed.delivery, destinations);
    }
    json::object out = listed("deliveries", page.deliveries);
    out["next_cursor"] = text_or_null(page.next_cursor);
    return json::serialize(out);
}

std::string render_failures(const FailureList& list) {
    json::object out = listed("failures", list.groups);
    out["more"] = list.has_more;
    return json::serialize(out);
}

json::object json_of(const ReplayObstacles& obstacles) {
    json::object out;
    out["already_there"] = obstacles.there;
    out["not_wanted"] = obstacles.unwanted;
    out["destination_lost"] = obstacles.lost;
    return out;
}

std::string render_replay_preview(std::int64_t count, const ReplayObstacles& left_out,
                                  const std::vector<Call>& calls, const std::string& token) {
    json::array shown;
    for (const Call& call : calls) shown.push_back(json_of(call));
    json::object out;
    out["count"] = count;
    out["left_out"] = json_of(left_out);
    out["calls"] = std::move(shown);
    out["token"] = json_text(token);
    return json::serialize(out);
}

std::string render_story(const CallStory& story, const std::vector<DestinationRow>& destinations,
                         UtcTime now, const RateWaits& rate_wait) {
    json::object call = json_of(story.call);
    call["due_at"] = time_or_null(next_due_at(story, destinations));
    call["metadata"] = story.call.metadata ? json::value(json_of(*story.call.metadata)) : nullptr;
    json::array events;
    for (const StoredEvent& event : story.events) events.push_back(json_of(event));
    json::array deliveries;
    for (const DeliveryStory& delivery : story.deliveries) {
        json::object one = json_of(delivery);
        one["due_at"] = time_or_null(tried_again_at(delivery.delivery, destinations));
        deliveries.push_back(std::move(one));
    }
    json::object out;
    out["call"] = std::move(call);
    out["why"] = json_text(why(story, destinations, now, rate_wait));
    out["record"] = embedded(story.call.record);
    // What the events add up to now, which after a late one may differ from the record.
    out["facts"] = json_of(fold(decode_events(story.events)));
    out["events"] = std::move(events);
    out["deliveries"] = std::move(deliveries);
    return json::serialize(out);
}

std::string render_contacts(const std::vector<Contact>& contacts, int limit) {
    return render_list("contacts", contacts, limit, &Contact::phone);
}

std::string render_campaign(const Campaign& campaign) { return json::serialize(json_of(campaign)); }

std::string render_contact(const Contact& contact) { return json::serialize(json_of(contact)); }

std::string render_destinations(const std::vector<std::string>& configured,
                                const std::vector<DestinationRow>& rows,
                                const DestinationPauses& pauses, const StoreCounts& counts,
                                const std::function<int(std::string_view)>& places,
                                const std::function<std::int64_t(std::string_view)>& earlier) {
    std::vector<std::string> names = configured;
    for (const DestinationRow& row : rows) {
        if (std::ranges::find(names, row.name) == names.end()) names.push_back(row.name);
    }
    json::array list;
    for (const std::string& name : names) {
        json::object item;
        item["name"] = json_text(name);
        item["kind"] = "webhook";
        item["state"] = json_text(to_string(DestinationState::active));
        item["since"] = nullptr;
        item["breaker"] = json_text(to_string(BreakerState::closed));
        item["breaker_since"] = nullptr;
        item["retry_at"] = nullptr;
        item["concurrency"] = places ? places(name) : 0;
        for (const DestinationRow& row : rows) {
            if (row.name != name) continue;
            item["state"] = json_text(to_string(row.state));
            item["since"] = time_or_null(row.since);
            item["breaker"] = json_text(to_string(row.breaker.state));
            if (row.breaker.state != BreakerState::closed) {
                item["breaker_since"] = time_or_null(row.breaker.since);
            }
            item["retry_at"] = time_or_null(row.breaker.retry_at);
        }
        const auto pause = pauses.find(name);
        const bool is_told = pause != pauses.end();
        item["paused_by"] = is_told ? text_or_null(pause->second.who) : json::value(nullptr);
        item["reason"] = is_told ? text_or_null(pause->second.reason) : json::value(nullptr);
        const auto counted = counts.destinations.find(name);
        const bool has_open = counted != counts.destinations.end();
        item["pending"] = has_open ? counted->second.pending : 0;
        item["parked"] = has_open ? counted->second.parked : 0;
        const bool is_named = std::ranges::find(configured, name) != configured.end();
        item["earlier"] = earlier && is_named ? earlier(name) : 0;
        list.push_back(std::move(item));
    }
    json::object out;
    out["destinations"] = std::move(list);
    return json::serialize(out);
}

std::string render_send_answer(const SendNowAnswer& answer, int http_status) {
    json::object out;
    if (http_status >= 400) {
        out["type"] = "about:blank";
        out["title"] = json_text(status_text(http_status));
        out["status"] = http_status;
        out["detail"] = json_text(answer.message);
        if (answer.kind == SendNowAnswer::Kind::already) out["code"] = "already_accepted";
    }
    out["success"] = http_status < 300;
    out["message"] = json_text(answer.message);
    out["details"] = send_details(answer);
    return json::serialize(out);
}

std::string add_send_members(std::string_view problem) {
    const json::value parsed = embedded(problem);
    json::object out = parsed.is_object() ? parsed.get_object() : json::object();
    out["success"] = false;
    const json::value* detail = out.if_contains("detail");
    out["message"] = detail != nullptr ? *detail : json::value("");
    out["details"] = send_details({});
    return json::serialize(out);
}

std::optional<UtcTime> next_due_at(const CallStory& story,
                                   const std::vector<DestinationRow>& destinations) {
    std::optional<UtcTime> due_at = story.call.due_at;
    for (const DeliveryStory& delivery : story.deliveries) {
        const Delivery& one = delivery.delivery;
        if (one.state != DeliveryState::pending) continue;
        const auto tried_at = tried_again_at(one, destinations);
        if (tried_at) due_at = std::min(due_at.value_or(*tried_at), *tried_at);
    }
    return due_at;
}

}  // namespace wrapup
