#include "app/cli/send_blocked.hpp"

#include <ostream>

#include "base/console_text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace json = boost::json;

Result<json::value> read_story(const ApiClient& client, const std::string& sid) {
    WRAPUP_TRY(const ApiAnswer answer, client.get("/api/calls/" + percent_encode(sid)));
    auto story = parse_answer_json(answer.body);
    if (answer.status == 200 && story) return story;
    return Error{answer.status == 404 ? Errc::not_found : Errc::unavailable,
                 problem_text(answer.status, answer.body)};
}

ClosedDestinations closed_destinations(const ApiClient& client) {
    ClosedDestinations closed;
    const auto answer = client.get("/api/destinations");
    const auto parsed =
        answer ? parse_answer_json(answer->body) : Result<json::value>(json::value());
    if (!parsed) return closed;
    for (const json::value& one : list_member(*parsed, {"destinations"})) {
        const std::string state = text_member(one, {"state"});
        if (state == "removed" || state == "disabled") closed[text_member(one, {"name"})] = state;
    }
    return closed;
}

SendCounts take_blocked(const ApiClient& client, const ClosedDestinations& closed,
                        std::vector<SendCandidate>& chosen) {
    SendCounts blocked;
    std::erase_if(chosen, [&](const SendCandidate& one) {
        const bool may_be = one.reason == "destination_gone" || one.reason == "disabled";
        if (!may_be || closed.empty()) return false;
        const auto story = read_story(client, one.id);
        if (!story) return false;
        std::string where;
        for (const json::value& delivery : list_member(*story, {"deliveries"})) {
            const std::string state = text_member(delivery, {"state"});
            const bool is_given_up = text_member(delivery, {"parked"}) == "given_up";
            if (state == "accepted" || is_given_up) continue;
            const std::string name = text_member(delivery, {"destination"});
            if (!closed.contains(name)) return false;
            if (where.empty()) where = name;
        }
        if (where.empty()) return false;
        blocked[where] += 1;
        return true;
    });
    return blocked;
}

void print_blocked(Console& console, const ClosedDestinations& closed, const SendCounts& blocked) {
    for (const auto& [name, count] : blocked) {
        const std::string shown = terminal_text(name);
        console.out << count << " cannot be sent: ";
        if (closed.at(name) == "removed") {
            console.out << "no settings name " << shown << " any more. To send them elsewhere:\n"
                        << "  wrapup replay --destination " << shown << " --to NAME\n"
                        << "or, if they need not be sent:\n"
                        << "  wrapup replay --destination " << shown
                        << " --give-up --reason TEXT\n";
        } else {
            console.out << "delivery to " << shown
                        << " is switched off. Switch it on, restart, then:\n"
                        << "  wrapup replay --destination " << shown << " --parked disabled\n";
        }
    }
}

}  // namespace wrapup
