#include "app/demo/demo_account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

// Two blanks, 28 for the words, 6 for the number, three blanks.
constexpr std::size_t note_begin = 39;
constexpr std::size_t note_columns_min = 20;

bool is_as_played(const CallPlan& plan, const CrmFields& record) {
    const bool has_own_summary = plan.summary.empty() || plan.faults.has_sentinel;
    return record.status == to_string(plan.outcome) && record.name == plan.name &&
           record.duration_s == plan.duration_s &&
           (has_own_summary ? !record.summary.empty() : record.summary == plan.summary);
}

void count_outcome(DemoAccount& account, Outcome outcome) {
    switch (outcome) {
        case Outcome::held: account.held_count += 1; return;
        case Outcome::no_answer: account.no_answer_count += 1; return;
        case Outcome::voicemail: account.voicemail_count += 1; return;
        case Outcome::no_connection: account.no_connection_count += 1; return;
    }
}

milliseconds median(std::vector<milliseconds> values) {
    if (values.empty()) return {};
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::string noted(std::string line, std::string_view note, const DemoLook& look) {
    if (note.empty()) return line + "\n";
    const std::size_t width = std::max(look.columns, note_begin + note_columns_min) - note_begin;
    return line + "   " + painted(wrapped(note, width, note_begin), Paint::dim, look.has_colour) +
           "\n";
}

std::string line_of(std::string_view words, const std::string& count, std::string_view note,
                    const DemoLook& look) {
    return noted(fmt::format("  {:<28}{:>6}", words, count), note, look);
}

std::string checked(std::string_view words, std::size_t count, std::string_view note,
                    const DemoLook& look) {
    std::string number = fmt::format("{:>6}", count);
    number = painted(number, count == 0 ? Paint::green : Paint::red, look.has_colour);
    return noted(fmt::format("  {:<28}{}", words, number), note, look);
}

}  // namespace

CrmFields read_crm_fields(const std::string& body) {
    CrmFields fields;
    const auto object = parse_json_object(body);
    if (!object) return fields;
    fields.subject = json_string(&*object, "subject");
    fields.to = json_string(&*object, "to");
    fields.name = json_string(&*object, "name");
    fields.summary = json_string(&*object, "summary");
    fields.status = json_string(&*object, "status");
    fields.duration_s = json_int(&*object, "duration").value_or(-1);
    return fields;
}

DemoAccount make_account(const CallBook& book, const CrmLedger& ledger) {
    DemoAccount account;
    std::map<std::string, std::vector<const CrmRecord*>> by_number;
    for (const CrmRecord& record : ledger.records()) {
        if (!record.is_filed()) continue;
        account.records_count += 1;
        by_number[read_crm_fields(record.first.body).to].push_back(&record);
    }
    std::vector<milliseconds> quick;
    std::vector<milliseconds> with_summary;
    for (const PlayedCall& call : book.calls()) {
        if (!call.ended_at) continue;
        account.ended_count += 1;
        count_outcome(account, call.plan.outcome);
        const auto& records = by_number[call.plan.to];
        if (records.empty()) account.missing_count += 1;
        if (records.size() > 1) account.twice_count += 1;
        for (const CrmRecord* const record : records) {
            if (!is_as_played(call.plan, read_crm_fields(record->first.body))) {
                account.wrong_count += 1;
            }
            auto& delays = deserves_summary(call.plan.outcome) ? with_summary : quick;
            delays.push_back(record->filed_at - *call.ended_at);
        }
    }
    account.altered_count = ledger.altered_count() + ledger.malformed_count();
    account.requests_count = ledger.requests_count();
    account.delay_quick = median(std::move(quick));
    account.delay_summary = median(std::move(with_summary));
    return account;
}

std::string render_account(const DemoAccount& account, std::size_t forged_count,
                           const DemoLook& look) {
    const std::string outcomes =
        fmt::format("held {}, no answer {}, voicemail {}, no connection {}", account.held_count,
                    account.no_answer_count, account.voicemail_count, account.no_connection_count);
    const std::size_t repeats = account.requests_count > account.records_count
                                    ? account.requests_count - account.records_count
                                    : 0;
    std::string text = painted("The account", Paint::bold, look.has_colour) +
                       "  counted by the sandbox, not by wrapup\n\n";
    text += line_of("calls that ended", std::to_string(account.ended_count), outcomes, look);
    text += line_of("records in the CRM", std::to_string(account.records_count), "", look);
    text += checked("missing", account.missing_count, "", look);
    text += checked("there twice", account.twice_count, "", look);
    text += checked("not as the call was", account.wrong_count,
                    "outcome, name, duration and summary compared", look);
    text +=
        checked("repeats that differed", account.altered_count,
                fmt::format("{} repeats after a refusal, a lost answer or a crash", repeats), look);
    text += line_of("forged events refused", std::to_string(forged_count), "", look);
    text += line_of(
        "hang-up to CRM, median", format_delay(account.delay_quick),
        fmt::format("{} where a summary was awaited", format_delay(account.delay_summary)), look);
    const std::string verdict =
        fmt::format("{} calls ended {} {} records accepted{}", account.ended_count,
                    account.ended_count == account.records_count ? "=" : "≠", account.records_count,
                    account.is_right() ? ", none missing, none twice" : ": something is wrong");
    text +=
        "\n  " + painted(verdict, account.is_right() ? Paint::green : Paint::red, look.has_colour);
    return text;
}

}  // namespace wrapup
