#include "service/send_answers.hpp"

#include <algorithm>

namespace wrapup {

SendNowAnswer answer_of(SendNowAnswer::Kind kind, std::string message, std::string payload) {
    SendNowAnswer answer;
    answer.kind = kind;
    answer.message = std::move(message);
    answer.payload = std::move(payload);
    return answer;
}

SendNowAnswer answer_of(const Courier::Sent& sent) {
    SendNowAnswer answer;
    answer.payload = sent.delivery.body;
    answer.http_status = sent.answer.http_status;
    answer.elapsed = sent.answer.elapsed;
    answer.crm_answer = sent.answer.body;
    answer.was_again = sent.delivery.state == DeliveryState::accepted;
    const std::string status = std::to_string(sent.answer.http_status);
    if (sent.verdict.outcome == AttemptOutcome::accepted) {
        answer.kind = SendNowAnswer::Kind::accepted;
        answer.message = answer.was_again
                             ? "The CRM accepted the same record again (" + status + ")."
                             : "The CRM accepted the record (" + status + ").";
    } else if (sent.answer.kind == CrmAnswer::Kind::answered) {
        answer.kind = SendNowAnswer::Kind::refused;
        answer.message = "The CRM answered " + status + ".";
    } else if (sent.answer.kind == CrmAnswer::Kind::blocked) {
        answer.kind = SendNowAnswer::Kind::unreachable;
        answer.message =
            "The CRM is at a private address, which is refused. Change its URL or set "
            "WRAPUP_ALLOW_PRIVATE_TARGETS=true, and restart.";
    } else if (sent.verdict.outcome == AttemptOutcome::unknown) {
        answer.kind = SendNowAnswer::Kind::unreachable;
        answer.message =
            "The CRM's answer was lost (" + sent.answer.error + "); it may have the record.";
    } else {
        answer.kind = SendNowAnswer::Kind::unreachable;
        answer.message = "The CRM could not be reached: " + sent.answer.error + ".";
    }
    return answer;
}

SendNowAnswer already(std::string payload) {
    return answer_of(SendNowAnswer::Kind::already,
                     "The CRM has accepted this record already; nothing was sent.",
                     std::move(payload));
}

SendNowAnswer answer_of(const DeliveryStory& delivery, SendAgain again) {
    const Attempt& attempt = delivery.attempts.back();
    if (again == SendAgain::no && delivery.delivery.state == DeliveryState::accepted) {
        return already(delivery.delivery.body);
    }
    SendNowAnswer answer;
    answer.payload = delivery.delivery.body;
    answer.http_status = attempt.http_status;
    answer.elapsed = attempt.elapsed;
    answer.crm_answer = attempt.answer;
    const std::string status = std::to_string(attempt.http_status);
    if (attempt.outcome == AttemptOutcome::accepted) {
        answer.kind = SendNowAnswer::Kind::accepted;
        answer.message = "The CRM accepted the record (" + status + ").";
    } else if (attempt.http_status != 0) {
        answer.kind = SendNowAnswer::Kind::refused;
        answer.message = "It was being sent already, and the CRM answered " + status + ".";
    } else {
        answer.kind = SendNowAnswer::Kind::unreachable;
        answer.message = "It was being sent already, and that attempt ended without an answer: " +
                         attempt.error + ".";
    }
    return answer;
}

SendNowAnswer not_sent(const Delivery& delivery) {
    if (delivery.parked == ParkReason::destination_gone) {
        return answer_of(SendNowAnswer::Kind::disabled,
                         "No settings name this destination any more; nothing was sent.",
                         delivery.body);
    }
    return answer_of(SendNowAnswer::Kind::disabled,
                     delivery.destination == "crm"
                         ? "Delivery is disabled (ENABLE_CRM_WEBHOOK); nothing was sent."
                         : "Delivery is disabled; nothing was sent.",
                     delivery.body);
}

SendNowAnswer together(std::vector<SendNowAnswer::Part> parts) {
    const auto has_failed = [](const SendNowAnswer::Part& part) {
        const auto kind = part.answer.kind;
        return kind != SendNowAnswer::Kind::accepted && kind != SendNowAnswer::Kind::already &&
               kind != SendNowAnswer::Kind::disabled;
    };
    const auto is_kind = [](SendNowAnswer::Kind kind) {
        return [kind](const SendNowAnswer::Part& part) { return part.answer.kind == kind; };
    };
    const auto is_accepted = is_kind(SendNowAnswer::Kind::accepted);
    auto chosen = std::ranges::find_if(parts, has_failed);
    if (chosen == parts.end()) chosen = std::ranges::find_if(parts, is_accepted);
    if (chosen == parts.end()) {
        chosen = std::ranges::find_if(parts, is_kind(SendNowAnswer::Kind::already));
    }
    if (chosen == parts.end()) chosen = parts.begin();
    SendNowAnswer whole = chosen->answer;
    if (parts.size() > 1 || chosen->destination != "crm") {
        whole.message.clear();
        for (const SendNowAnswer::Part& part : parts) {
            if (!whole.message.empty()) whole.message += ' ';
            whole.message += part.destination + ": " + part.answer.message;
        }
    }
    whole.parts = std::move(parts);
    return whole;
}

}  // namespace wrapup
