#pragma once

// Looks for calls that wrapup knows and Twilio does not: of those that its list did not show,
// Twilio is asked one by one, a few at a time. One executor.

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "ports/clock.hpp"
#include "ports/store.hpp"
#include "ports/twilio_api.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class OnlyHereCheck {
public:
    struct Ports {
        Clock& clock;
        Store& store;
        BlockingPool& reads;
        TwilioApi& twilio;
    };
    explicit OnlyHereCheck(Ports ports) : ports_(ports) {}

    // Twilio's list showed it.
    void saw(const std::string& call_sid);

    struct Found {
        std::vector<TwilioDifference> only_here;
        // Calls whose first event came before are checked.
        UtcTime checked_until{};
    };
    // Checks calls that were first heard of in [from, until), until Twilio or the store is in
    // trouble, or enough were asked about. Ends early when `is_stopping` becomes true.
    Task<Found> run(UtcTime from, UtcTime until, const bool& is_stopping);

private:
    Task<std::optional<std::vector<Call>>> list(UtcTime from, UtcTime until);
    // Nothing: nobody can tell now.
    Task<std::optional<bool>> is_unknown_to_twilio(std::string call_sid);

    Ports ports_;
    // What was listed lately, in two generations, so that old ones go.
    std::unordered_set<std::string> seen_;
    std::unordered_set<std::string> seen_before_;
};

}  // namespace wrapup
