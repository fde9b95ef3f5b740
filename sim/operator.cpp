#include "sim/operator.hpp"

#include "service/tasks/root_task.hpp"

namespace wrapup {

void SimOperator::start(const boost::asio::any_io_executor& executor) {
    for (TrueReplay& one : world_.truth.replays) {
        if (!one.is_done()) spawn_root(executor, replay(one));
    }
    for (TruePause& one : world_.truth.pauses) {
        if (!one.is_over) spawn_root(executor, pause(one));
    }
    for (TrueSend& one : world_.truth.sends) {
        if (!one.is_begun) spawn_root(executor, send(one));
    }
}

Task<void> SimOperator::sleep_until(UtcTime true_time) {
    const UtcTime until = true_time + world_.clock->ahead();
    co_await world_.clock->sleep_until(until);
}

// ---- Replays ----

Task<void> SimOperator::replay(TrueReplay& replay) {
    const UtcTime at = replay.at;
    co_await sleep_until(at);
    while (!replay.is_begun) {
        co_await begin(replay);
        co_await world_.sleep(seconds{1});
    }
    if (!replay.cancelled_after || replay.job_id == 0) co_return;
    const milliseconds thought = *replay.cancelled_after;
    co_await world_.sleep(thought);
    while (!replay.is_cancelled) {
        co_await cancel(replay);
        co_await world_.sleep(seconds{1});
    }
}

// Previews, and begins what was seen.
Task<void> SimOperator::begin(TrueReplay& replay) {
    ReplayOrder order = replay.order;
    if (replay.token.empty()) {
        const auto preview = co_await replays_.preview(std::move(order));
        if (preview) replay.token = preview->token;
        // Not to a destination that is switched off, or gone from the settings.
        if (!preview) replay.is_begun = preview.error().code == Errc::invalid_input;
        co_return;
    }
    std::string token = replay.token;
    std::string reason = "mended";
    const auto job = co_await replays_.start(std::move(order), std::move(token), std::move(reason));
    if (job) {
        replay.is_begun = true;
        replay.job_id = job->id;
        co_return;
    }
    replay.is_begun = job.error().code == Errc::invalid_input;
    // More was parked meanwhile: somebody looks again.
    if (job.error().code == Errc::conflict) replay.token.clear();
}

Task<void> SimOperator::cancel(TrueReplay& replay) {
    const auto job = co_await replays_.cancel(replay.job_id);
    replay.is_cancelled = job.has_value();
    if (job && job->state == ReplayState::running) {
        crm_.violations.emplace_back("replay: a cancelled job goes on");
    }
}

// ---- Destinations ----

Task<void> SimOperator::pause(TruePause& pause) {
    while (!pause.is_begun) {
        const UtcTime at = pause.at;
        co_await sleep_until(at);
        std::string destination = pause.destination;
        const Answer answer = co_await set(std::move(destination), DestinationState::paused);
        pause.is_begun = answer != Answer::failed;
        if (answer == Answer::done) crm_.paused_at.try_emplace(pause.destination, world_.now());
        pause.at = world_.now() + seconds{1};
    }
    const UtcTime until = pause.until;
    co_await sleep_until(until);
    while (!pause.is_over) {
        crm_.paused_at.erase(pause.destination);
        std::string destination = pause.destination;
        const Answer answer = co_await set(std::move(destination), DestinationState::active);
        pause.is_over = answer != Answer::failed;
        pause.was_resumed = answer == Answer::done;
        co_await world_.sleep(seconds{1});
    }
}

Task<SimOperator::Answer> SimOperator::set(std::string destination, DestinationState state) {
    const auto set = co_await calls_.set_destination(std::move(destination), state);
    if (set) co_return Answer::done;
    const Errc code = set.error().code;
    const bool is_refused = code == Errc::not_found || code == Errc::conflict;
    co_return is_refused ? Answer::refused : Answer::failed;
}

// ---- Records ----

Task<void> SimOperator::send(TrueSend& send) {
    const UtcTime at = send.at;
    co_await sleep_until(at);
    send.is_begun = true;
    std::string sid = send.sid;
    crm_.by_hand.insert(sid);
    const SendWhen when = send.is_at_once ? SendWhen::now : SendWhen::settled;
    const auto answer = co_await calls_.send_now(std::move(sid), when, SendAgain::yes);
    crm_.by_hand.erase(crm_.by_hand.find(send.sid));
    if (!answer) co_return;
    for (const SendNowAnswer::Part& part : answer->parts) {
        const bool is_filed = crm_.filed.contains({part.destination, send.sid});
        if (part.answer.kind == SendNowAnswer::Kind::accepted && !is_filed) {
            crm_.violations.push_back("P2: a person was told that the CRM has " + send.sid);
        }
    }
}

}  // namespace wrapup
