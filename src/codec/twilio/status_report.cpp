#include "codec/twilio/status_report.hpp"

#include <string>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {

std::optional<StatusReport> read_status_report(const FieldOf& field) {
    const auto status = parse_call_status(trim(field("CallStatus")));
    if (!status) return std::nullopt;
    StatusReport report;
    report.status = *status;
    report.sequence_number = parse_count(field("SequenceNumber"));
    report.duration_s = parse_count(field("CallDuration"));
    report.answered_by = trim(field("AnsweredBy"));
    report.to = field("To");
    report.from = field("From");
    report.direction = parse_direction(trim(field("Direction")));
    report.at = parse_rfc2822(field("Timestamp"));
    report.account_sid = read_account_sid(field);
    return report;
}

std::string read_account_sid(const FieldOf& field) {
    const std::string_view account_sid = trim(field("AccountSid"));
    return is_account_sid(account_sid) ? std::string(account_sid) : std::string{};
}

}  // namespace wrapup
