#include "codec/ledger_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_string.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::string text_or_null(std::string_view text) {
    return text.empty() ? "null" : json_quoted(text);
}

std::string number(std::string_view name, std::int64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
}

std::string parked_json(const LedgerDay& day) {
    std::string out = "{" + number("total", day.parked_total());
    for (const auto& [reason, count] : day.parked) out += "," + number(to_string(reason), count);
    return out + "}";
}

// What was not heard is null, not 0.
std::string twilio_json(const std::optional<LedgerDay::Twilio>& twilio) {
    if (!twilio) return "null";
    std::string out = R"({"asked_at":)";
    out += twilio->asked_at ? json_quoted(format_rfc3339(*twilio->asked_at)) : "null";
    out += twilio->is_complete ? R"(,"complete":true,)" : R"(,"complete":false,)";
    out += twilio->asked_at ? number("calls", twilio->calls_count) + "," +
                                  number("only_here", twilio->only_here_count)
                            : R"("calls":null,"only_here":null)";
    return out + "," + number("without_call_sid", twilio->without_call_sid_count) + "}";
}

std::string differences_json(std::span<const LedgerDifference> differences) {
    std::string out = "[";
    for (const LedgerDifference& difference : differences) {
        if (out.size() > 1) out += ",";
        out += R"({"call_sid":)" + text_or_null(difference.call_sid) + R"(,"kind":)" +
               json_quoted(to_string(difference.kind)) + R"(,"reason":)" +
               json_quoted(difference.reason) + "}";
    }
    return out + "]";
}

std::string column_or_null(const std::optional<LedgerColumn>& column) {
    return column ? json_quoted(to_string(*column)) : "null";
}

std::string correction_json(const LedgerCorrection& correction) {
    return "{" + number("number", correction.number) + R"(,"at":)" +
           json_quoted(format_rfc3339(correction.at)) + R"(,"call":)" +
           json_quoted(correction.call_id) + R"(,"counted_at":)" +
           json_quoted(format_rfc3339(start_of_quarter(correction.quarter))) + R"(,"from":)" +
           column_or_null(correction.from) + R"(,"to":)" + column_or_null(correction.to) + "}";
}

// `content` with what a seal adds.
std::string with_seal(std::string_view content, std::string_view sealed_at, std::string_view hash,
                      std::string_view previous_hash, std::span<const LedgerCorrection> corrections,
                      std::int64_t corrections_left_out = 0) {
    std::string out(content.substr(0, content.size() - 1));
    out += R"(,"sealed_at":)" + text_or_null(sealed_at) + R"(,"hash":)" + text_or_null(hash) +
           R"(,"previous_hash":)" + text_or_null(previous_hash) + R"(,"corrections":[)";
    for (const LedgerCorrection& correction : corrections) {
        if (&correction != corrections.data()) out += ",";
        out += correction_json(correction);
    }
    out += "]";
    if (corrections_left_out > 0) out += "," + number("corrections_left_out", corrections_left_out);
    return out + "}";
}

std::int64_t count_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

}  // namespace

std::string ledger_content(const LedgerDay& day) {
    return R"({"date":)" + json_quoted(format_date(day.date)) + R"(,"timezone":)" +
           json_quoted(day.zone) + "," + number("calls", day.calls()) + "," +
           number("accepted", day.accepted) + R"(,"parked":)" + parked_json(day) + "," +
           number("in_flight", day.in_flight) + "," + number("out_of_scope", day.out_of_scope) +
           "," + number("missing", day.missing) + R"(,"twilio":)" + twilio_json(day.twilio) + "," +
           number("unexplained", day.unexplained()) + R"(,"differences":)" +
           differences_json(day.differences) + "}";
}

std::string open_day_json(const LedgerDay& day, std::string_view previous_hash) {
    return with_seal(ledger_content(day), {}, {}, previous_hash, {});
}

std::string sealed_day_json(const SealedDay& day, std::span<const LedgerCorrection> corrections,
                            std::span<const LedgerDifference> unexplained,
                            std::int64_t corrections_left_out) {
    std::string out = with_seal(day.content, format_rfc3339(day.sealed_at), day.hash,
                                day.previous_hash, corrections, corrections_left_out);
    out.pop_back();
    return out + "," + number("unexplained_now", std::ssize(unexplained)) +
           R"(,"differences_now":)" + differences_json(unexplained) + "}";
}

std::string seal_hash(std::string_view previous_hash, std::string_view content,
                      std::span<const LedgerCorrection> corrections) {
    std::string text;
    text.append(previous_hash).append("\n").append(content).append("\n");
    for (const LedgerCorrection& correction : corrections) {
        text += correction_json(correction) + "\n";
    }
    text += "\n";
    return sha256_hex(text);
}

Result<SealedColumns> parse_ledger_content(std::string_view content) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(content.data(), content.size()), error);
    if (error || !value.is_object()) return Error{Errc::invalid_input, "is no JSON object"};
    const json::object& object = value.get_object();
    const json::value* const parked = object.if_contains("parked");
    if (parked == nullptr || !parked->is_object()) {
        return Error{Errc::invalid_input, "has no column parked"};
    }
    SealedColumns columns;
    columns.accepted = count_in(object, "accepted");
    columns.in_flight = count_in(object, "in_flight");
    columns.out_of_scope = count_in(object, "out_of_scope");
    const json::value* const twilio = object.if_contains("twilio");
    columns.has_twilio = twilio != nullptr && twilio->is_object();
    for (const auto& [name, count] : parked->get_object()) {
        if (name == "total") continue;
        const auto reason = parse_park_reason(std::string_view(name.data(), name.size()));
        if (!reason) return Error{Errc::invalid_input, "names an unknown reason"};
        columns.parked[*reason] = count_in(parked->get_object(), name);
    }
    return columns;
}

std::int64_t wrong_sums_in(std::string_view content) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(content.data(), content.size()), error);
    if (error || !value.is_object()) return 0;
    const json::value* const differences = value.get_object().if_contains("differences");
    if (differences == nullptr || !differences->is_array()) return 0;
    const std::string_view wanted = to_string(LedgerDifference::Kind::count);
    return std::ranges::count_if(differences->get_array(), [wanted](const json::value& one) {
        const json::value* const kind =
            one.is_object() ? one.get_object().if_contains("kind") : nullptr;
        return kind != nullptr && kind->is_string() && kind->get_string() == wanted;
    });
}

}  // namespace wrapup
