#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "app/api_client.hpp"
#include "app/api_json.hpp"
#include "app/command.hpp"
#include "app/console_text.hpp"
#include "codec/percent.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(A call that is over but not settled settles now with what is known. A parked
one is sent. A delivered one is sent again with the same bytes and keys, so
that the CRM can tell that it has it already.

Examples:
  wrapup send CA0123456789abcdef0123456789abcdef
  wrapup send --parked                  every parked call, one after the other)";

struct SendOptions {
    std::string sid;
    bool is_parked = false;
};

Result<ApiAnswer> send(const ApiClient& client, const std::string& sid) {
    json::object body;
    body["callSid"] = sid;
    return client.post("/api/test-crm-webhook", json::serialize(body));
}

bool was_sent(const ApiAnswer& answer) {
    const auto parsed = parse_api_json(answer.body);
    return answer.status == 200 && parsed && flag_member(*parsed, {"success"});
}

int unusable(Console& console, const Error& error) {
    console.err << "wrapup: " << error.detail << "\n";
    return exit_unusable;
}

void print_answer(Console& console, const std::string& sid, const ApiAnswer& answer) {
    const bool is_sent = was_sent(answer);
    std::ostream& stream = is_sent ? console.out : console.err;
    const bool has_colour = is_sent && console.has_colour;
    stream << painted(is_sent ? "sent  " : "failed", is_sent ? Paint::green : Paint::red,
                      has_colour)
           << "  " << terminal_text(sid) << "  "
           << terminal_text(problem_text(answer.status, answer.body)) << "\n";
}

int send_one(Console& console, const CommandLine& line, const ApiClient& client,
             const std::string& sid) {
    const auto answer = send(client, sid);
    if (!answer) return unusable(console, answer.error());
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else {
        print_answer(console, sid, *answer);
    }
    return was_sent(*answer) ? exit_ok : exit_failed;
}

// All of them before the first is sent: sending takes calls out of the list that is being paged.
Result<std::vector<std::string>> list_parked(const ApiClient& client) {
    std::vector<std::string> ids;
    std::string cursor;
    do {
        std::string target = "/api/calls?state=parked&limit=200";
        if (!cursor.empty()) target += "&cursor=" + percent_encode(cursor);
        WRAPUP_TRY(const ApiAnswer answer, client.get(target));
        const auto page = parse_api_json(answer.body);
        if (answer.status != 200 || !page) {
            return Error{Errc::unavailable, problem_text(answer.status, answer.body)};
        }
        for (const auto& call : list_member(*page, {"calls", "items", "data"})) {
            ids.push_back(text_member(call, {"id", "call_sid"}));
        }
        std::string next = text_member(*page, {"next_cursor", "nextCursor", "cursor"});
        if (next == cursor) break;
        cursor = std::move(next);
    } while (!cursor.empty());
    return ids;
}

int send_parked(Console& console, const CommandLine& line, const ApiClient& client) {
    const auto ids = list_parked(client);
    if (!ids) return unusable(console, ids.error());
    std::size_t sent_count = 0;
    for (const auto& id : *ids) {
        const auto answer = send(client, id);
        if (!answer) return unusable(console, answer.error());
        if (was_sent(*answer)) sent_count += 1;
        if (!line.is_json) print_answer(console, id, *answer);
    }
    const std::size_t failed_count = ids->size() - sent_count;
    if (line.is_json) {
        json::object counts;
        counts["parked"] = ids->size();
        counts["sent"] = sent_count;
        counts["failed"] = failed_count;
        console.out << json::serialize(counts) << "\n";
    } else {
        console.out << ids->size() << " parked: " << sent_count << " sent, " << failed_count
                    << " failed\n";
    }
    return failed_count == 0 ? exit_ok : exit_failed;
}

int run_send(Console& console, const CommandLine& line, const SendOptions& options) {
    if (options.sid.empty() == !options.is_parked) {
        console.err << "wrapup send: give either a SID or --parked\n";
        return exit_unusable;
    }
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error());
    if (options.is_parked) return send_parked(console, line, *client);
    return send_one(console, line, *client, options.sid);
}

}  // namespace

CommandSpec send_command() {
    const auto options = std::make_shared<SendOptions>();
    CommandSpec command{"send", "Send a call's record now", notes, {}, {}, {}};
    command.options = {
        {"SID", "", "CallSid or conversation id", &options->sid, false, ""},
        {"--parked", "", "All parked calls", &options->is_parked, false, ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return run_send(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
