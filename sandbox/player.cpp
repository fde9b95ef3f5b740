#include "sandbox/player.hpp"

#include "sandbox/calls/vendor_json.hpp"
#include "sandbox/twilio/twiml.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

// How far the end of a call overtakes the callbacks before it.
constexpr milliseconds overtaken_by{400};
// What Twilio counts of a call that only hears a sentence.
constexpr std::int64_t spoken_s = 3;
constexpr milliseconds amd_time{50};

milliseconds early_wait(const CallPlan& plan) {
    if (!plan.faults.is_end_first) return plan.faults.callback_delay;
    return plan.ring + plan.talk + plan.faults.callback_delay + overtaken_by;
}

}  // namespace

Player::Player(boost::asio::any_io_executor executor, PlayerOptions options, CallBook& book,
               const CallbackSender& sender, Clock& clock)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      book_(book),
      sender_(sender),
      clock_(clock) {}

void Player::on_event(std::function<void(const PlayerEvent&)> listener) {
    listener_ = std::move(listener);
}

const PlayedCall& Player::place(CallPlan plan) {
    PlayedCall& call = book_.add(std::move(plan), clock_.now());
    begin(run(&call));
    return call;
}

void Player::begin(Task<void> task) {
    busy_count_ += 1;
    spawn_root(executor_, std::move(task));
}

Task<void> Player::run(PlayedCall* call) {
    const CallPlan& plan = call->plan;
    co_await wait(*call, plan.queue);
    if (!call->stop) {
        call->dialled_at = clock_.now();
        call->status = CallStatus::initiated;
        send_status(*call, CallStatus::initiated, 0, early_wait(plan));
        call->status = CallStatus::ringing;
        send_status(*call, CallStatus::ringing, 1, early_wait(plan));
        co_await wait(*call, plan.ring);
    }
    if (!call->stop && plan.end == CallStatus::completed) co_await answer(*call);
    end(*call);
    busy_count_ -= 1;
}

Task<void> Player::answer(PlayedCall& call) {
    const CallPlan& plan = call.plan;
    call.status = CallStatus::in_progress;
    call.answered_at = clock_.now();
    send_status(call, CallStatus::in_progress, 2, early_wait(plan));
    if (plan.is_amd_async && !plan.amd_callback.empty() && !plan.answered_by.empty()) {
        begin(send_form(&call, plan.amd_callback, render_amd(call, options_.account_sid),
                        plan.faults.callback_delay + amd_time, false));
    }
    if (!plan.instructions.are_given) {
        co_await wait(call, plan.talk);
        co_return;
    }
    if (!plan.is_amd_async && !plan.answered_by.empty()) co_await wait(call, amd_time);
    co_await follow(call);
}

Task<void> Player::follow(PlayedCall& call) {
    CallPlan& plan = call.plan;
    std::string twiml = plan.instructions.twiml;
    if (!plan.instructions.url.empty()) {
        std::string fetched = co_await fetch_twiml(call);
        twiml = std::move(fetched);
    }
    const auto script = read_twiml(twiml);
    if (!script && call.trouble.empty()) call.trouble = script.error().detail;
    if (script && !script->stream_url.empty()) {
        if (book_.connect(call, script->conversation_id)) {
            co_await wait(call, plan.talk);
            co_return;
        }
        call.trouble = "31921 Stream: nobody expects it";
    }
    // Nobody talked.
    plan.summary.clear();
    plan.duration_s = !script || script->speaks ? spoken_s : 0;
    if (plan.duration_s == 0 && plan.outcome == Outcome::held) {
        plan.outcome = Outcome::no_connection;
    }
}

Task<std::string> Player::fetch_twiml(PlayedCall& call) {
    const Instructions& given = call.plan.instructions;
    const std::string none;
    SendResult result = co_await ask_for_twiml(call, given.url, none);
    if (!result.is_taken() && !given.fallback_url.empty()) {
        SendResult second = co_await ask_for_twiml(call, given.fallback_url, given.url);
        result = std::move(second);
    }
    if (result.is_taken()) co_return std::move(result.body);
    call.trouble = "11200 HTTP retrieval failure: " + std::to_string(result.status);
    co_return std::string();
}

Task<SendResult> Player::ask_for_twiml(PlayedCall& call, const std::string& url,
                                       const std::string& failed_url) {
    call.twiml_requests_count += 1;
    Form form = render_twiml_request(call, options_.account_sid);
    if (!failed_url.empty()) {
        form.emplace_back("ErrorCode", "11200");
        form.emplace_back("ErrorUrl", failed_url.substr(0, failed_url.find('#')));
    }
    std::string target = url;
    std::string token = options_.auth_token;
    SendResult result =
        co_await sender_.send_twilio(std::move(target), std::move(form), std::move(token));
    co_return result;
}

void Player::end(PlayedCall& call) {
    CallPlan& plan = call.plan;
    if (call.stop) plan.end = call.answered_at ? CallStatus::completed : CallStatus::canceled;
    if (!call.answered_at) {
        plan.duration_s = 0;
        if (call.stop) plan.outcome = Outcome::no_connection;
    }
    call.status = plan.end;
    call.ended_at = clock_.now();
    const int sequence = plan.end == CallStatus::completed ? 3 : 2;
    for (int i = 0; i < plan.faults.end_copies; ++i) {
        send_status(call, plan.end, sequence, plan.faults.callback_delay);
    }
    if (!plan.conversation_id.empty() && call.answered_at) begin(send_webhooks(&call));
}

void Player::send_status(const PlayedCall& call, CallStatus status, int sequence,
                         milliseconds wait) {
    const CallPlan& plan = call.plan;
    const bool is_wanted = status == CallStatus::initiated     ? plan.told.initiated
                           : status == CallStatus::ringing     ? plan.told.ringing
                           : status == CallStatus::in_progress ? plan.told.answered
                                                               : plan.told.completed;
    if (plan.status_callback.empty() || !is_wanted) return;
    Form form = render_status(call, options_.account_sid, status, sequence, clock_.now());
    begin(send_form(&call, plan.status_callback, std::move(form), wait, is_terminal(status)));
}

Task<void> Player::send_form(const PlayedCall* call, std::string url, Form form, milliseconds wait,
                             bool is_end) {
    co_await sleep(wait);
    std::string token = options_.auth_token;
    const SendResult result =
        co_await sender_.send_twilio(std::move(url), std::move(form), std::move(token));
    if (listener_) listener_(PlayerEvent{"twilio", *call, is_end, result});
    busy_count_ -= 1;
}

Task<void> Player::send_webhooks(const PlayedCall* call) {
    const CallFaults& faults = call->plan.faults;
    co_await sleep(faults.processing + faults.webhook_delay);
    const int copies = options_.webhook_url.empty() ? 0 : faults.webhook_copies;
    for (int i = 0; i < copies; ++i) {
        std::string url = options_.webhook_url;
        std::string body = render_webhook(*call, options_.agent_id, clock_.now());
        std::string secret = options_.webhook_secret;
        const SendResult result =
            co_await sender_.send_elevenlabs(std::move(url), std::move(body), std::move(secret));
        if (listener_) listener_(PlayerEvent{"elevenlabs", *call, false, result});
    }
    busy_count_ -= 1;
}

Task<void> Player::wait(PlayedCall& call, milliseconds duration) {
    const UtcTime due_at = clock_.now() + duration;
    // At the end the loop lets go of this task when the calls are gone.
    const std::shared_ptr<Alarm> alarm = call.alarm;
    while (!call.stop && clock_.now() < due_at) co_await clock_.sleep_until(due_at, alarm.get());
}

Task<void> Player::sleep(milliseconds duration) {
    const UtcTime due_at = clock_.now() + duration;
    co_await clock_.sleep_until(due_at);
}

}  // namespace wrapup
