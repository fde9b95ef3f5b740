#include "http/webhooks/twilio_gate.hpp"

#include "base/text.hpp"

namespace wrapup {

std::optional<TwilioGate::Refusal> TwilioGate::check(const TwilioRequest& request, UtcTime now) {
    TwilioVerdict verdict = verify_twilio(request, options_.server_url, options_.auth_tokens);
    cost_ += verdict.cost;
    if (verdict.is_genuine) return check_account(request);
    if (trim(request.signature).empty()) {
        return Refusal{"no_signature", std::move(verdict.explanation)};
    }
    // Nothing was hashed: no other SERVER_URL would change that.
    if (verdict.cost.hashes_count == 0) {
        return Refusal{"bad_signature", std::move(verdict.explanation)};
    }
    return refuse_mismatch(request, now);
}

TwilioGate::Refusal TwilioGate::refuse_mismatch(const TwilioRequest& request, UtcTime now) {
    if (found_) {
        const auto verdict = verify_twilio(request, found_->server_url, options_.auth_tokens);
        cost_ += verdict.cost;
        if (verdict.is_genuine) return {"wrong_server_url", found_->text};
    }
    if (!explained_.take(now)) return {"bad_signature", "the signature does not match"};
    TwilioHint hint = explain_twilio(request, options_.server_url, options_.auth_tokens);
    cost_ += hint.cost;
    if (hint.server_url.empty()) return {"bad_signature", std::move(hint.text)};
    found_ = hint;
    return {"wrong_server_url", std::move(hint.text)};
}

std::optional<TwilioGate::Refusal> TwilioGate::check_account(const TwilioRequest& request) const {
    // A subaccount signs with a token of its own: who lists several may have them for that.
    if (options_.account_sid.empty() || options_.auth_tokens.size() > 1) return std::nullopt;
    if (request.form == nullptr) return std::nullopt;
    const std::string_view account = trim(form_value(*request.form, "AccountSid"));
    if (account.empty() || equals_ignoring_case(account, options_.account_sid)) return std::nullopt;
    return Refusal{"wrong_account",
                   "AccountSid is not TWILIO_ACCOUNT_SID; for a subaccount, add its auth token to "
                   "TWILIO_AUTH_TOKEN behind a comma"};
}

}  // namespace wrapup
