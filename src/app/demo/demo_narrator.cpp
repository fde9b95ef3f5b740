#include "app/demo/demo_narrator.hpp"

#include <fmt/format.h>

#include "app/demo/demo_account.hpp"

namespace wrapup {

DemoNarrator::DemoNarrator(DemoScreen& screen, Sandbox& sandbox, int speed, std::size_t calls_count)
    : screen_(screen), sandbox_(sandbox), speed_(speed), calls_count_(calls_count) {
    sandbox_.crm().on_event([this](const CrmEvent& event) { hear_crm(event); });
    sandbox_.player().on_event([this](const PlayerEvent& event) { hear_player(event); });
}

void DemoNarrator::hear_crm(const CrmEvent& event) {
    using Kind = CrmEvent::Kind;
    if (event.kind == Kind::refused) refused_count_ += 1;
    const PlayedCall* const call = sandbox_.book().find(event.record.first.key);
    if (call == nullptr || is_over_) return;
    const bool is_filed_now = event.record.filed_count == 1;
    if (event.kind == Kind::filed || (event.kind == Kind::filed_and_cut && is_filed_now)) {
        show_record(event, *call);
    }
    if (event.kind == Kind::filed_and_cut) {
        screen_.remark(fmt::format("The CRM filed {}'s record and hung up before it said so.",
                                   call->plan.name),
                       Paint::yellow);
    }
    if (event.kind == Kind::repeated) {
        screen_.remark(
            fmt::format("wrapup could not know and sent {}'s record again: same key, {}. "
                        "The CRM has it once.",
                        call->plan.name, event.record.is_altered ? "OTHER BYTES" : "same bytes"),
            event.record.is_altered ? Paint::red : Paint::green);
    }
}

void DemoNarrator::show_record(const CrmEvent& event, const PlayedCall& call) {
    CrmFields fields = read_crm_fields(event.record.first.body);
    DemoRow row;
    row.clock = clock_text();
    row.to = std::move(fields.to);
    row.subject = std::move(fields.subject);
    row.name = std::move(fields.name);
    row.status = std::move(fields.status);
    row.duration_s = fields.duration_s;
    row.summary = std::move(fields.summary);
    row.delay = event.record.filed_at - call.ended_at.value_or(event.record.filed_at);
    row.requests_count = event.record.requests_count;
    screen_.print(render_row(row, screen_.look()));
    explain_fault(call);
}

// Below the record that came out right all the same.
void DemoNarrator::explain_fault(const PlayedCall& call) {
    const CallFaults& faults = call.plan.faults;
    const std::string& name = call.plan.name;
    std::string text;
    if (faults.end_copies > 1) {
        text = fmt::format("Twilio told the end of {}'s call twice: one record.", name);
    } else if (faults.is_end_first) {
        text =
            fmt::format("The end of {}'s call overtook its beginning: the record is right.", name);
    } else if (faults.has_sentinel) {
        text = fmt::format("ElevenLabs could make no summary of {}'s call: wrapup wrote its own.",
                           name);
    } else if (faults.webhook_copies == 0) {
        text =
            fmt::format("No webhook came for {}'s call: wrapup fetched the summary itself.", name);
    } else if (faults.processing > seconds{1}) {
        text = fmt::format("ElevenLabs took {} over {}'s summary: the record waited for it.",
                           format_delay(faults.processing), name);
    }
    if (!text.empty()) screen_.remark(text, Paint::yellow);
}

void DemoNarrator::hear_player(const PlayerEvent& event) {
    if (event.sender != "twilio" || !event.is_end || is_over_) return;
    const std::string& name = event.call.plan.name;
    if (!event.result.is_taken()) {
        screen_.remark(fmt::format("Twilio gave up telling the end of {}'s call.", name),
                       Paint::red);
    } else if (event.result.attempts_count > 1) {
        screen_.remark(fmt::format("{} had hung up meanwhile: Twilio got through at attempt {}.",
                                   name, event.result.attempts_count),
                       Paint::yellow);
    }
}

std::string DemoNarrator::status_text() const {
    const CrmLedger& ledger = sandbox_.crm().ledger();
    const std::size_t ended = sandbox_.book().ended_count();
    const std::size_t filed = ledger.filed_count();
    return fmt::format(" {}  {} of {} calls placed · {} ended · {} in the CRM · {} on the way{}",
                       clock_text(), sandbox_.book().calls().size(), calls_count_, ended, filed,
                       ended > filed ? ended - filed : 0, is_up_ ? "" : " · wrapup is DOWN");
}

std::string DemoNarrator::clock_text() const {
    const milliseconds elapsed = (sandbox_.clock().now() - started_at_) * speed_;
    const auto minutes = std::chrono::floor<std::chrono::minutes>(elapsed).count();
    return fmt::format("{:02}:{:02}", 9 + minutes / 60, minutes % 60);
}

}  // namespace wrapup
