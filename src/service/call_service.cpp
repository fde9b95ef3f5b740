#include "service/call_service.hpp"

#include <algorithm>

#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"
#include "ports/fleet.hpp"
#include "service/send_answers.hpp"
#include "service/tasks/root_task.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace {

// Calls that Twilio could not be asked about, and for how long it is tried again.
constexpr std::size_t asking_again_max = 256;
constexpr milliseconds asking_again_first{2'000};
constexpr milliseconds asking_again_longest{30'000};
constexpr std::chrono::minutes asking_again_patience{10};

bool may_pass(Errc code) {
    return code == Errc::timeout || code == Errc::unavailable || code == Errc::rate_limited;
}

CallAddress address_of(const CallStory& story) {
    const SettleCase seen({story.call, 0, story.events}, UtcTime{});
    return {story.call.call_sid, seen.facts.account_sid};
}

SendNowAnswer adopted() {
    return answer_of(SendNowAnswer::Kind::adopted,
                     "Twilio says that the call is over; its record follows when it has settled.");
}

Error unknown_call(const Error& why) {
    if (why.code != Errc::not_found)
        return {why.code, "nobody told us of this call, and " + why.detail};
    return {Errc::not_found, "nobody knows this call: nobody told us of it, and " + why.detail};
}

std::string_view status_words(const TwilioCall& call) {
    return call.status ? to_string(*call.status) : std::string_view("no status");
}

}  // namespace

CallService::CallService(Ports ports, boost::asio::any_io_executor workers,
                         std::vector<std::string> destinations)
    : ports_(ports), workers_(std::move(workers)), destinations_(std::move(destinations)) {}

Task<Result<SendNowAnswer>> CallService::send_now(std::string any_id, SendWhen when,
                                                  SendAgain again) {
    auto work = send_on_workers(std::move(any_id), when, again);
    co_return co_await run_on(workers_, std::move(work));
}

Task<Result<SendNowAnswer>> CallService::send_on_workers(std::string any_id, SendWhen when,
                                                         SendAgain again) {
    if (ports_.is_replaced && ports_.is_replaced()) co_return replaced_error();
    auto read = [&] { return ports_.store.resolve(any_id); };
    auto known = co_await ports_.reads.run(read);
    if (!known) {
        if (known.error().code != Errc::not_found) co_return std::move(known).error();
        CallAddress address{any_id, ""};
        known = co_await hear_from_twilio(std::move(address));
        if (!known && known.error().code == Errc::conflict) {
            co_return answer_of(SendNowAnswer::Kind::not_over, known.error().detail);
        }
        if (!known) co_return unknown_call(known.error());
        if (when == SendWhen::settled) co_return adopted();
    }
    std::string call_id = *known;
    auto story = co_await read_story(std::move(call_id));
    if (!story) co_return std::move(story).error();
    if (story->call.state == CallState::out_of_scope && story->call.record.empty()) {
        CallStory aside = *std::move(story);
        co_return co_await send_aside(std::move(aside), when, again);
    }
    if (story->call.record.empty()) {
        CallStory open = *std::move(story);
        co_return co_await settle_and_send(std::move(open), when, again);
    }
    CallStory fixed = *std::move(story);
    std::vector<ClaimedDelivery> none;
    co_return co_await deliver(std::move(fixed), std::move(none), again);
}

Task<Result<int>> CallService::park(std::string any_id) {
    auto work = park_on_workers(std::move(any_id));
    co_return co_await run_on(workers_, std::move(work));
}

Task<Result<int>> CallService::park_on_workers(std::string any_id) {
    if (ports_.is_replaced && ports_.is_replaced()) co_return replaced_error();
    auto read = [&] { return ports_.store.resolve(any_id); };
    auto known = co_await ports_.reads.run(read);
    if (!known) co_return std::move(known).error();
    std::string call_id = *std::move(known);
    const auto story = co_await read_story(std::move(call_id));
    if (!story) co_return story.error();
    if (story->call.record.empty()) {
        co_return Error{Errc::conflict, "the call has no record yet"};
    }
    int parked_count = 0;
    Error trouble{Errc::conflict, "nothing of its record is on its way"};
    for (const DeliveryStory& one : story->deliveries) {
        if (one.delivery.state != DeliveryState::pending) continue;
        Courier* const courier = ports_.couriers.find(one.delivery.destination);
        if (courier == nullptr) continue;
        const auto parked = co_await courier->park(one.delivery.id);
        if (parked) {
            parked_count += 1;
        } else {
            trouble = parked.error();
        }
    }
    if (parked_count == 0) co_return trouble;
    ports_.log.write({LogLevel::warning,
                      LogTag::none,
                      "record parked by an operator",
                      story->call.id,
                      {{"deliveries", std::to_string(parked_count)}}});
    co_return parked_count;
}

Task<Result<SendNowAnswer>> CallService::settle_and_send(CallStory open, SendWhen when,
                                                         SendAgain again) {
    const std::string& id = open.call.id;
    std::string to_settle = id;
    auto settled = co_await ports_.settler.settle_now(std::move(to_settle));
    if (!settled && settled.error().code == Errc::conflict) {
        // Not over by anything we were told: Twilio may know better.
        CallAddress address = address_of(open);
        const auto heard = co_await hear_from_twilio(std::move(address));
        if (!heard) {
            co_return answer_of(SendNowAnswer::Kind::not_over,
                                heard.error().code == Errc::conflict
                                    ? heard.error().detail
                                    : "The call is not over yet by anything we were told, and " +
                                          heard.error().detail + ".");
        }
        if (when == SendWhen::settled) co_return adopted();
        to_settle = id;
        settled = co_await ports_.settler.settle_now(std::move(to_settle));
    }
    if (!settled && settled.error().code == Errc::conflict) {
        co_return answer_of(SendNowAnswer::Kind::not_over, "The call is not over yet.");
    }
    if (!settled && settled.error().code == Errc::unavailable) {
        co_return answer_of(SendNowAnswer::Kind::busy, settled.error().detail);
    }
    if (!settled) co_return settled.error();
    std::string call_id = id;
    auto story = co_await read_story(std::move(call_id));
    if (!story) {
        // What is claimed is sent all the same; the rest waits.
        if (settled->empty()) co_return std::move(story).error();
        story = std::move(open);
    }
    CallStory fixed = *std::move(story);
    std::vector<ClaimedDelivery> claimed = *std::move(settled);
    co_return co_await deliver(std::move(fixed), std::move(claimed), again);
}

// What put it out of scope may be weaker word than Twilio's own: a leg's, or a webhook's.
Task<Result<SendNowAnswer>> CallService::send_aside(CallStory aside, SendWhen when,
                                                    SendAgain again) {
    CallAddress address = address_of(aside);
    const auto heard = co_await hear_from_twilio(std::move(address));
    if (!heard && heard.error().code == Errc::conflict) {
        co_return answer_of(SendNowAnswer::Kind::not_over, heard.error().detail);
    }
    if (!heard) {
        co_return answer_of(SendNowAnswer::Kind::out_of_scope,
                            "The call is out of scope by anything we were told and makes no "
                            "record, and " +
                                heard.error().detail + ".");
    }
    std::string call_id = *heard;
    auto story = co_await read_story(std::move(call_id));
    if (!story) co_return std::move(story).error();
    if (story->call.state == CallState::out_of_scope) {
        co_return answer_of(SendNowAnswer::Kind::out_of_scope,
                            "The call is out of scope by Twilio's word, too, and makes no record.");
    }
    if (when == SendWhen::settled) co_return adopted();
    CallStory open = *std::move(story);
    co_return co_await settle_and_send(std::move(open), when, again);
}

// ---- One record to every destination that it is due at, side by side ----

struct CallService::Sending {
    DeliveryStory before;
    std::optional<ClaimedDelivery> claimed;  // By us.
    Courier* courier = nullptr;              // Null: nothing is sent there.
    SendAgain again = SendAgain::yes;
};
struct CallService::Sendings {
    std::vector<Sending> parts;
    std::vector<std::optional<Result<SendNowAnswer>>> answers;
    std::size_t left = 0;
    Alarm ended;
};

Task<Result<SendNowAnswer>> CallService::deliver(CallStory story,
                                                 std::vector<ClaimedDelivery> claimed,
                                                 SendAgain again) {
    const auto all = std::make_shared<Sendings>();
    for (ClaimedDelivery& one : claimed) {
        Courier* const courier = ports_.couriers.find(one.delivery.destination);
        all->parts.push_back({{one.delivery, true, {}}, std::move(one), courier, again});
    }
    const auto is_open = [](const DeliveryStory& one) { return one.delivery.is_owed(); };
    const auto is_accepted = [](const DeliveryStory& one) {
        return one.delivery.state == DeliveryState::accepted;
    };
    const bool is_everywhere = std::ranges::none_of(story.deliveries, is_open);
    // What was given up everywhere is sent after all; else it goes where the others went.
    const bool has_accepted = std::ranges::any_of(story.deliveries, is_accepted);
    if (is_everywhere && has_accepted && again == SendAgain::no && all->parts.empty()) {
        co_return already(story.call.record);
    }
    for (DeliveryStory& one : story.deliveries) {
        const auto is_same = [&](const Sending& part) {
            return part.before.delivery.id == one.delivery.id;
        };
        if (std::ranges::any_of(all->parts, is_same)) continue;
        Courier* const courier = ports_.couriers.find(one.delivery.destination);
        const bool is_sent_again = is_everywhere && (is_accepted(one) || !has_accepted);
        if (is_open(one) || is_sent_again) {
            all->parts.push_back({std::move(one), std::nullopt, courier, again});
        }
    }
    if (all->parts.empty()) {
        co_return answer_of(SendNowAnswer::Kind::disabled,
                            "No destination wants this record (`only` in wrapup.toml); nothing was "
                            "sent.",
                            story.call.record);
    }
    all->answers.resize(all->parts.size());
    all->left = all->parts.size();
    for (std::size_t i = 0; i < all->parts.size(); ++i) spawn_root(workers_, send_part(all, i));
    while (all->left > 0) {
        const UtcTime until = ports_.clock.now() + std::chrono::hours{1};
        co_await ports_.clock.sleep_until(until, &all->ended);
    }
    std::vector<SendNowAnswer::Part> parts;
    for (std::size_t i = 0; i < all->parts.size(); ++i) {
        Result<SendNowAnswer>& answer = *all->answers[i];
        if (!answer && all->parts.size() == 1) co_return std::move(answer).error();
        if (!answer) answer = answer_of(SendNowAnswer::Kind::busy, answer.error().detail);
        parts.push_back({all->parts[i].before.delivery.destination, *std::move(answer)});
    }
    co_return together(std::move(parts));
}

Task<void> CallService::send_part(std::shared_ptr<Sendings> all, std::size_t index) {
    Sending sending = all->parts[index];
    auto answer = co_await send_one(std::move(sending));
    all->answers[index].emplace(std::move(answer));
    all->left -= 1;
    if (all->left == 0) all->ended.ring();
}

Task<Result<SendNowAnswer>> CallService::send_one(Sending sending) {
    if (sending.courier == nullptr) co_return not_sent(sending.before.delivery);
    if (sending.claimed) {
        ClaimedDelivery claimed = *std::move(sending.claimed);
        const auto sent = co_await sending.courier->send_claimed(std::move(claimed));
        if (!sent) co_return sent.error();
        co_return answer_of(*sent);
    }
    const DeliveryStory& before = sending.before;
    if (before.is_claimed) {
        // It is on its way already: that attempt is the answer, not another one after it.
        DeliveryStory waited_for = before;
        const auto after = co_await wait_for_attempt(std::move(waited_for));
        if (after && after->attempts.size() > before.attempts.size()) {
            co_return answer_of(*after, sending.again);
        }
    }
    const Delivery& seen = before.delivery;
    auto sent = co_await sending.courier->send_now(seen.id, seen.attempts_count);
    if (sent) co_return answer_of(*sent);
    if (sent.error().code != Errc::conflict) co_return std::move(sent).error();
    const auto now = co_await read_delivery(seen);
    if (now && now->attempts.size() > before.attempts.size()) {
        co_return answer_of(*now, sending.again);
    }
    co_return answer_of(SendNowAnswer::Kind::busy,
                        "The record is being sent right now; ask again in a minute.", seen.body);
}

Task<std::optional<DeliveryStory>> CallService::wait_for_attempt(DeliveryStory delivery) {
    const Courier* const courier = ports_.couriers.find(delivery.delivery.destination);
    const UtcTime give_up_at = ports_.clock.now() + courier->lease();
    while (delivery.is_claimed && ports_.clock.now() < give_up_at && !courier->is_stopping()) {
        const UtcTime until = ports_.clock.now() + milliseconds{25};
        co_await ports_.clock.sleep_until(until);
        auto again = co_await read_delivery(delivery.delivery);
        if (again) delivery = *std::move(again);
    }
    co_return delivery;
}

Task<std::optional<DeliveryStory>> CallService::read_delivery(const Delivery& delivery) {
    const std::int64_t id = delivery.id;
    std::string call_id = delivery.call_id;
    auto story = co_await read_story(std::move(call_id));
    if (!story) co_return std::nullopt;
    for (DeliveryStory& one : story->deliveries) {
        if (one.delivery.id == id) co_return std::move(one);
    }
    co_return std::nullopt;
}

// Takes Twilio's word for the end of a call: the call is ours from now on, and this is its
// identity. conflict while it runs there; else why Twilio's word is not to be had, in words that
// go on after "and". Trouble that passes does not lose the call: Twilio is asked again.
Task<Result<std::string>> CallService::hear_from_twilio(CallAddress address) {
    if (!is_call_sid(address.call_sid))
        co_return Error{Errc::not_found, "it has no CallSid to ask by"};
    if (ports_.twilio == nullptr) {
        co_return Error{Errc::not_found, "Twilio cannot be asked: its credentials are not set"};
    }
    CallAddress asked = address;
    auto heard = co_await ask_twilio(std::move(asked));
    if (!heard && may_pass(heard.error().code) && ask_again(std::move(address))) {
        Error error = heard.error();
        error.detail +=
            "; it is asked again for some minutes, and the record follows if it knows "
            "the call";
        co_return error;
    }
    co_return heard;
}

Task<Result<std::string>> CallService::ask_twilio(CallAddress address) {
    auto fetched = co_await ports_.twilio->fetch_call(std::move(address));
    if (!fetched && fetched.error().code == Errc::not_found) {
        co_return Error{Errc::not_found, "Twilio does not know it"};
    }
    if (!fetched) {
        co_return Error{fetched.error().code,
                        "Twilio could not be asked: " + fetched.error().detail};
    }
    // The talk is the parent's, and so is its record (docs/reconciliation.md).
    const std::string& parent = fetched->call.parent_sid;
    if (!parent.empty() && parent != fetched->call.sid) {
        co_return Error{Errc::conflict, "It is a leg of call " + parent +
                                            " and makes no record of its own; send that one."};
    }
    if (!fetched->call.status || !is_terminal(*fetched->call.status)) {
        co_return Error{Errc::conflict, "The call is not over yet: Twilio still says \"" +
                                            std::string(status_words(fetched->call)) + "\"."};
    }
    NewEvent event = twilio_rest_event(fetched->call, fetched->payload, ports_.clock.now());
    auto appended = co_await ports_.intake.append(std::move(event));
    if (!appended) {
        co_return Error{appended.error().code,
                        "what Twilio said could not be stored: " + appended.error().detail};
    }
    co_return appended->call_id;
}

// False when there is no room for another one.
bool CallService::ask_again(CallAddress address) {
    if (is_stopping_) return false;
    if (asking_again_.contains(address.call_sid)) return true;
    if (asking_again_.size() >= asking_again_max) return false;
    asking_again_.try_emplace(address.call_sid);
    spawn_root(workers_, keep_asking(std::move(address)));
    return true;
}

Task<void> CallService::keep_asking(CallAddress address) {
    Alarm& alarm = asking_again_[address.call_sid];
    const UtcTime give_up_at = ports_.clock.now() + asking_again_patience;
    milliseconds wait = asking_again_first;
    for (bool goes_on = true; goes_on;) {
        const UtcTime until = ports_.clock.now() + wait;
        co_await ports_.clock.sleep_until(until, &alarm);
        if (is_stopping_) break;
        CallAddress asked = address;
        const auto heard = co_await ask_twilio(std::move(asked));
        goes_on = !heard && may_pass(heard.error().code) && ports_.clock.now() < give_up_at;
        wait = std::min(2 * wait, asking_again_longest);
    }
    asking_again_.erase(address.call_sid);
}

void CallService::stop() {
    is_stopping_ = true;
    for (auto& [call_sid, alarm] : asking_again_) alarm.ring();
}

Task<Result<CallStory>> CallService::read_story(std::string call_id) {
    auto read = [&] { return ports_.store.find_story(call_id); };
    co_return co_await ports_.reads.run(read);
}

Task<Result<void>> CallService::put_metadata(std::string call_id, CallMetadata metadata) {
    StoreOp op = PutMetadata{std::move(call_id), tidied(std::move(metadata)), ports_.clock.now()};
    co_return co_await write(std::move(op));
}

Task<Result<void>> CallService::put_campaign(Campaign campaign) {
    StoreOp op = PutCampaign{tidied(std::move(campaign))};
    co_return co_await write(std::move(op));
}

Task<Result<void>> CallService::put_contact(Contact contact) {
    StoreOp op = PutContact{tidied(std::move(contact))};
    co_return co_await write(std::move(op));
}

Task<Result<void>> CallService::note(OperatorAction action) {
    StoreOp op = NoteAction{std::move(action)};
    co_return co_await write(std::move(op));
}

Task<Result<void>> CallService::keep(KeptValue value) {
    NoteReconciliation note;
    note.values.push_back(std::move(value));
    StoreOp op = std::move(note);
    co_return co_await write(std::move(op));
}

Task<Result<void>> CallService::put_do_not_call(std::vector<DoNotCall> entries) {
    LogLine line{LogLevel::info,
                 LogTag::none,
                 "numbers put onto the do-not-call list",
                 "",
                 {{"count", std::to_string(entries.size())}}};
    StoreOp op = PutDoNotCall{std::move(entries)};
    const auto written = co_await write(std::move(op));
    tell(std::move(line), written, "numbers were not put onto the do-not-call list");
    co_return written;
}

Task<Result<void>> CallService::drop_do_not_call(std::string phone) {
    LogLine line{LogLevel::warning,
                 LogTag::none,
                 "number taken off the do-not-call list",
                 "",
                 {{"phone", mask_phone_number(phone)}}};
    StoreOp op = DropDoNotCall{std::move(phone)};
    const auto written = co_await write(std::move(op));
    tell(std::move(line), written, "number was not taken off the do-not-call list");
    co_return written;
}

Task<Result<bool>> CallService::set_destination(std::string name, DestinationState state) {
    if (std::ranges::find(destinations_, name) == destinations_.end()) {
        co_return Error{Errc::not_found, "no destination of that name"};
    }
    Courier* const courier = ports_.couriers.find(name);
    if (courier == nullptr) {
        co_return Error{Errc::conflict, "delivery to it is disabled in the settings"};
    }
    LogLine line{LogLevel::warning,
                 LogTag::none,
                 "destination set by an operator",
                 "",
                 {{"destination", name}, {"state", std::string(to_string(state))}}};
    StoreOp op = SetDestination{std::move(name), state, ports_.clock.now()};
    const StoreOutcome outcome =
        co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    const Result<void> written = outcome ? Result<void>{} : Result<void>{outcome.error()};
    tell(std::move(line), written, "destination was not set, as an operator wished");
    if (!written) co_return written.error();
    const bool is_probed = std::get<Swept>(*outcome).is_probed;
    if (is_probed) courier->ask_again();
    co_return is_probed;
}

// What was asked for, as done or as failed.
void CallService::tell(LogLine line, const Result<void>& written, std::string_view failed) {
    if (!written) {
        line.level = LogLevel::warning;
        line.message = failed;
        line.fields.emplace_back("error", written.error().detail);
    }
    ports_.log.write(line);
}

Task<Result<void>> CallService::write(StoreOp op) {
    StoreOutcome outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    co_return Result<void>{};
}

}  // namespace wrapup
