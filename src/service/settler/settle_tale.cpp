#include "service/settler/settle_tale.hpp"

#include <algorithm>

#include "domain/phone_number.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

// Which of the two paths a line about this call belongs to.
LogTag path_of(const KnownCall& known) {
    return known.facts.has_twilio_word ? LogTag::twilio : LogTag::elevenlabs;
}

// The courier tells what becomes of a record. What it does not carry is told here, and that the
// other path had a part in it.
LogLevel level_of(const SettleCall::Fix& fixing, bool is_theirs) {
    const auto is_parked = [](const NewDelivery& made) { return made.parked.has_value(); };
    const bool is_last_word = std::ranges::all_of(fixing.deliveries, is_parked);
    return is_theirs || is_last_word ? LogLevel::info : LogLevel::debug;
}

}  // namespace

void tell_strangers(EventLog& log, const std::string& call_id) {
    log.write({LogLevel::warning,
               LogTag::elevenlabs,
               "a conversation named for this call is another call's: it counts for nothing",
               call_id,
               {}});
}

SettleTale::SettleTale(const KnownCall& known, const SettleCall& answer, const EventLog& log)
    : call_id(answer.call_id), is_fix(std::holds_alternative<SettleCall::Fix>(answer.then)) {
    LogLine line{LogLevel::info, path_of(known), "", call_id, {}};
    if (const auto* fixing = std::get_if<SettleCall::Fix>(&answer.then)) {
        const Record& record = fixing->record;
        has_strangers_ = known.has_strangers;
        const bool is_theirs =
            !known.facts.summary.empty() && record.summary == known.facts.summary;
        counts_.push_back({Counter::calls_settled, to_string(record.status)});
        counts_.push_back({Counter::summaries, is_theirs ? "elevenlabs" : "own"});
        for (const NewDelivery& made : fixing->deliveries) {
            if (made.parked) counts_.push_back({Counter::calls_parked, to_string(*made.parked)});
        }
        if (fixing->deliveries.empty()) counts_.push_back({Counter::calls_out_of_scope, {}});
        line.level = level_of(*fixing, is_theirs);
        if (!log.wants(line.level)) return;
        if (is_theirs) line.tag = LogTag::elevenlabs;
        line.message = "record fixed";
        line.fields = {{"status", std::string(to_string(record.status))},
                       {"duration_s", std::to_string(record.duration_s)},
                       {"to", mask_phone_number(record.to)},
                       {"summary", is_theirs ? "elevenlabs" : "own"},
                       {"why", answer.note}};
    } else if (const auto* park = std::get_if<SettleCall::Park>(&answer.then)) {
        counts_.push_back({Counter::calls_parked, to_string(park->reason)});
        line.level = LogLevel::warning;
        line.message = "call parked";
        line.fields.emplace_back("reason", to_string(park->reason));
    } else if (std::holds_alternative<SettleCall::Ignore>(answer.then)) {
        counts_.push_back({Counter::calls_out_of_scope, {}});
        line.message = "call out of scope";
        line.fields.emplace_back("why", answer.note);
    } else if (const auto* late = std::get_if<SettleCall::NoteLate>(&answer.then)) {
        if (!late->is_conflict || known.claim.call.is_late_conflict) return;
        counts_.push_back({Counter::late_conflicts, {}});
        line.level = LogLevel::warning;
        line.message = "late word contradicts the record";
    } else {
        return;
    }
    line_ = std::move(line);
}

void SettleTale::tell(EventLog& log, Metrics& metrics) const {
    if (!is_sample_call(call_id)) {
        for (const Count& one : counts_) metrics.count(one.counter, one.label);
    }
    if (has_strangers_) tell_strangers(log, call_id);
    if (line_) log.write(*line_);
}

}  // namespace wrapup
