// How a claim ends: the record is fixed, or the call waits, is parked or left alone.

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"
#include "service/commit/keep_submitting.hpp"
#include "service/settler/settler.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// Half of what a claim lasts: after that the lease may be somebody else's.
constexpr seconds store_patience{60};

// Which of the two paths a line about this call belongs to.
LogTag path_of(const SettleCase& c) {
    return c.facts.has_twilio_word ? LogTag::twilio : LogTag::elevenlabs;
}

}  // namespace

SettleCall Settler::update_of(const SettleCase& c) const {
    SettleCall update;
    update.call_id = c.claim.call.id;
    update.fence = c.claim.fence;
    update.seen_events_count = c.claim.call.events_count;
    update.events = c.events;
    update.progress = c.progress;
    if (c.progress.metadata_resolved_at || c.metadata != CallMetadata{}) {
        update.metadata = c.metadata;
    }
    update.conversation_id =
        c.conversation_id.empty() ? c.metadata.conversation_id : c.conversation_id;
    update.to = plain_text(other_party(c.facts));
    update.campaign = c.metadata.campaign_name;
    update.name = c.metadata.name.empty() ? c.metadata.contact_name : c.metadata.name;
    update.is_over = is_over(c.facts);
    if (update.is_over) update.ended_at = ended_at(c.facts);
    return update;
}

Task<void> Settler::end_claim(CasePtr c, SettleStep step) {
    if (const auto* fixing = std::get_if<FixRecord>(&step)) {
        const std::string_view note = fixing->note;
        co_await fix(c, note);
        co_return;
    }
    SettleCall update = update_of(*c);
    LogLine line{LogLevel::info, path_of(*c), "", c->claim.call.id, {}};
    if (const auto* wait = std::get_if<WaitUntil>(&step)) {
        update.then = SettleCall::Reschedule{wait->due_at};
    } else if (const auto* park = std::get_if<ParkCall>(&step)) {
        update.then = SettleCall::Park{park->reason};
        line.level = LogLevel::warning;
        line.message = "call parked";
        line.fields.emplace_back("reason", to_string(park->reason));
    } else if (const auto* ignore = std::get_if<IgnoreCall>(&step)) {
        update.note = ignore->note;
        update.then = SettleCall::Ignore{};
        line.message = "call out of scope";
        line.fields.emplace_back("why", ignore->note);
    }
    const StoreOutcome outcome = co_await write(std::move(update));
    if (outcome) {
        if (!line.message.empty()) ports_.log.write(line);
        const auto* wait = std::get_if<WaitUntil>(&step);
        if (wait != nullptr) loop_.wake_at(wait->due_at);
        if (const auto* park = std::get_if<ParkCall>(&step)) {
            ports_.metrics.count(Counter::calls_parked, to_string(park->reason));
        } else if (std::holds_alternative<IgnoreCall>(step)) {
            ports_.metrics.count(Counter::calls_out_of_scope);
        }
    } else if (outcome.error().code == Errc::conflict && !std::holds_alternative<WaitUntil>(step)) {
        co_await look_afresh(c);
    }
}

// News arrived meanwhile: what we learned is kept, and the call is due again.
Task<void> Settler::look_afresh(CasePtr c) {
    SettleCall update = update_of(*c);
    update.then = SettleCall::Reschedule{ports_.clock.now()};
    (void)co_await write(std::move(update));
}

Task<void> Settler::fix(CasePtr c, std::string_view note) {
    const Record record = make_record(c->facts, c->metadata);
    SettleCall update = update_of(*c);
    update.name = record.name;
    update.note = note;
    SettleCall::Fix fixing;
    fixing.record = record;
    fixing.body = render_record(record);
    NewDelivery made;
    made.destination = settings_.destination;
    made.webhook_id = webhook_id_of(c->claim.call.id);
    if (!settings_.is_delivery_enabled) fixing.parked = ParkReason::disabled;
    const bool is_handed_over = settings_.is_delivery_enabled && ports_.courier != nullptr &&
                                (c->is_forced || ports_.courier->try_reserve());
    if (is_handed_over) made.lease_until = ports_.courier->lease_until();
    fixing.deliveries.push_back(std::move(made));
    update.then = std::move(fixing);

    StoreOutcome outcome = co_await write(std::move(update));
    const bool is_mine = outcome && !std::get<Settled>(*outcome).claimed.empty();
    if (is_mine) {
        const auto executor = co_await asio::this_coro::executor;
        for (ClaimedDelivery& claimed : std::get<Settled>(*outcome).claimed) {
            if (c->is_forced) {
                c->claimed = std::move(claimed);
            } else {
                ports_.courier->carry(std::move(claimed), executor);
            }
        }
    } else if (is_handed_over && !c->is_forced) {
        ports_.courier->give_back();
    }
    // Joined: this turned out to be another call too, and the two are settled together later.
    c->is_fixed = outcome && !std::get<Settled>(*outcome).is_joined;
    if (c->is_fixed) {
        tell_fixed(*c, record, note);
    } else if (!outcome && outcome.error().code == Errc::conflict) {
        co_await look_afresh(c);
    }
}

void Settler::tell_fixed(const SettleCase& c, const Record& record, std::string_view note) {
    const bool is_theirs = !c.facts.summary.empty() && record.summary == c.facts.summary;
    ports_.metrics.count(Counter::calls_settled, to_string(record.status));
    ports_.metrics.count(Counter::summaries, is_theirs ? "elevenlabs" : "own");
    if (!settings_.is_delivery_enabled) ports_.metrics.count(Counter::calls_parked, "disabled");
    ports_.log.write({LogLevel::info,
                      is_theirs ? LogTag::elevenlabs : path_of(c),
                      "record fixed",
                      c.claim.call.id,
                      {{"status", std::string(to_string(record.status))},
                       {"duration_s", std::to_string(record.duration_s)},
                       {"to", mask_phone_number(record.to)},
                       {"summary", is_theirs ? "elevenlabs" : "own"},
                       {"why", std::string(note)}}});
}

// An event came after the record was fixed. It is kept and shown; if it contradicts, it is counted.
Task<void> Settler::note_late(CasePtr c) {
    SettleCall update = update_of(*c);
    SettleCall::NoteLate late;
    late.is_conflict =
        is_over(c->facts) && contradicts(make_record(c->facts, c->metadata), c->claim.call);
    const bool is_new_conflict = late.is_conflict && !c->claim.call.is_late_conflict;
    update.progress = c->claim.call.progress;
    update.metadata.reset();
    update.conversation_id.clear();
    update.to.clear();
    update.name.clear();
    update.campaign.clear();
    update.ended_at.reset();
    update.then = late;
    const StoreOutcome outcome = co_await write(std::move(update));
    if (!outcome || !is_new_conflict) co_return;
    ports_.metrics.count(Counter::late_conflicts);
    ports_.log.write(
        {LogLevel::warning, path_of(*c), "late word contradicts the record", c->claim.call.id, {}});
}

// Keeps at it while the store is in trouble and the lease may be ours. What cannot be written is
// told; the call is claimed again when its lease has run out.
Task<StoreOutcome> Settler::write(SettleCall update) {
    const UtcTime give_up_at = ports_.clock.now() + store_patience;
    const std::string call_id = update.call_id;
    const auto may_pass = [&](const Error& error) {
        if (error.code != Errc::conflict) tell_store_error("settle", error, call_id);
        return error.code == Errc::unavailable && !loop_.is_stopping();
    };
    StoreOp op = std::move(update);
    co_return co_await keep_submitting(ports_.commits, ports_.clock, op, give_up_at, may_pass);
}

// Every one is counted.
void Settler::tell_store_error(std::string_view doing, const Error& error,
                               std::string_view call_id) {
    ports_.metrics.count(Counter::store_errors, doing);
    const auto untold_count = store_errors_pace_.take("store", ports_.clock.now());
    if (!untold_count) return;
    LogLine line{LogLevel::error,
                 LogTag::none,
                 "the store failed the settler",
                 std::string(call_id),
                 {{"doing", std::string(doing)}, {"error", error.detail}}};
    if (*untold_count > 0) {
        line.fields.emplace_back("more_since_the_last_line", std::to_string(*untold_count));
    }
    ports_.log.write(line);
}

}  // namespace wrapup
