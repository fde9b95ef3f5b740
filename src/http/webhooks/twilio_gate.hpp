#pragma once

// Whom of those that call themselves Twilio we believe, and why not the others.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rate_window.hpp"
#include "codec/twilio/twilio_signature.hpp"

namespace wrapup {

struct TwilioGateOptions {
    std::string server_url;
    std::vector<std::string> auth_tokens;
    std::string account_sid;  // Empty: not compared.
};

class TwilioGate {
public:
    explicit TwilioGate(TwilioGateOptions options) : options_(std::move(options)) {}

    struct Refusal {
        std::string_view cause;  // no_signature, bad_signature, wrong_server_url, wrong_account.
        std::string explanation;
    };
    // Nothing when the request is Twilio's, for us. Looking for the SERVER_URL that would have
    // matched costs many hashes: that is done ten times a minute, as often as lines are written.
    // What was found is tried first on those that follow, so that they are counted rightly.
    std::optional<Refusal> check(const TwilioRequest& request, UtcTime now);

    // What check() found last; empty: nothing.
    std::string matching_server_url() const { return found_ ? found_->server_url : std::string(); }
    const SignatureCost& cost() const { return cost_; }  // Of everything so far.

private:
    Refusal refuse_mismatch(const TwilioRequest& request, UtcTime now);
    std::optional<Refusal> check_account(const TwilioRequest& request) const;

    const TwilioGateOptions options_;
    RateWindow explained_{10, std::chrono::minutes{1}};
    std::optional<TwilioHint> found_;
    SignatureCost cost_;
};

}  // namespace wrapup
