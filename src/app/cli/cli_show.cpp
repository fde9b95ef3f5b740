#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/calls_view.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/story_view.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Shows what every sender said and when, when and why the record was fixed,
each attempt to deliver it, and in one sentence where it is now.

Examples:
  wrapup show CA0123456789abcdef0123456789abcdef
  wrapup show +61413052898              the calls of a number
  wrapup show conv_01jx2m --json)";

// A number as people write it: digits, and what stands between them. No id looks like one.
bool is_number(std::string_view text) {
    constexpr int digits_min = 6;
    const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return digits >= digits_min && text.find_first_not_of("+0123456789 ()-./") == text.npos;
}

int unknown(Console& console, const ApiAnswer& answer) {
    const int code = refused(console, answer);
    if (!console.has_json_errors) {
        console.err << "  -> wrapup calls lists those that are known (--phone, --name, --since); "
                       "wrapup send SID asks Twilio\n";
    }
    return code;
}

int show(Console& console, const CommandLine& line, const std::string& sid) {
    if (is_number(sid)) return list_calls_of(console, line, sid);
    const auto client = open_api(console, line);
    const auto answer = client ? client->get("/api/calls/" + percent_encode(sid))
                               : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto story = parse_answer_json(answer->body);
    if (answer->status == 404) return unknown(console, *answer);
    if (answer->status != 200 || !story) return refused(console, *answer);
    console.out << (line.is_json ? answer->body + "\n" : render_story(*story, console.has_colour));
    return exit_ok;
}

}  // namespace

CommandSpec show_command() {
    const auto sid = std::make_shared<std::string>();
    CommandSpec command{"show", "Show one call's whole story", notes, {}, {}, {}};
    command.options = {{"SID", "", "CallSid, conversation id, or a number", sid.get(), true, ""}};
    command.run = [sid](Console& console, const CommandLine& line) {
        return show(console, line, *sid);
    };
    return command;
}

}  // namespace wrapup
