#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "app/cli/api_client.hpp"
#include "app/cli/calls_search.hpp"
#include "app/cli/calls_view.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/next_commands.hpp"
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
  wrapup show CA01234567                a beginning, of six letters or more
  wrapup show 0413 052 898              the calls of a number
  wrapup show conv_01jx2m --json)";

// The ids that begin so, among the newest calls; nothing where the server does not say.
std::vector<std::string> ids_beginning(const ApiClient& client, const std::string& beginning) {
    constexpr int pages_max = 50;
    std::vector<std::string> found;
    std::string cursor;
    for (int page_number = 0; page_number < pages_max; ++page_number) {
        const auto answer = client.get("/api/calls?limit=200" +
                                       (cursor.empty() ? "" : "&cursor=" + percent_encode(cursor)));
        const auto page =
            answer ? parse_answer_json(answer->body) : Result<boost::json::value>(answer.error());
        if (!page || answer->status != 200) return found;
        for (const auto& call : list_member(*page, {"calls"})) {
            const bool is_one = text_member(call, {"id"}).starts_with(beginning) ||
                                text_member(call, {"call_sid"}).starts_with(beginning) ||
                                text_member(call, {"conversation_id"}).starts_with(beginning);
            if (is_one) found.push_back(text_member(call, {"id", "call_sid"}));
        }
        cursor = text_member(*page, {"next_cursor"});
        if (cursor.empty()) break;
    }
    return found;
}

int unknown(Console& console, const ApiAnswer& answer, const std::string& id) {
    const int code = refused(console, answer);
    if (console.has_json_errors) return code;
    if (id.find_first_not_of("0123456789") == std::string::npos) {
        console.err << "  -> by the end of a number: wrapup calls --phone " << id << "\n";
        return code;
    }
    console.err << "  -> wrapup calls lists those that are known (--phone, --name, --since); "
                   "wrapup send SID asks Twilio\n";
    return code;
}

int refuse_several(Console& console, const std::string& beginning,
                   const std::vector<std::string>& ids) {
    constexpr std::size_t ids_shown_max = 5;
    std::string text = std::to_string(ids.size()) + " calls begin with " + beginning + ":";
    for (std::size_t i = 0; i < std::min(ids.size(), ids_shown_max); ++i) text += " " + ids[i];
    if (ids.size() > ids_shown_max) text += " ...";
    return failed(console, text);
}

bool may_begin_id(const std::string& text) {
    constexpr std::size_t size_min = 6;
    const auto is_of_id = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    };
    return text.size() >= size_min && std::ranges::all_of(text, is_of_id);
}

int show_story(Console& console, const CommandLine& line, const ApiClient& client,
               const std::string& id, bool may_be_beginning) {
    const auto answer = client.get("/api/calls/" + percent_encode(id));
    if (!answer) return unusable(console, answer.error().detail);
    if (answer->status == 404 && may_be_beginning && may_begin_id(id)) {
        const std::vector<std::string> ids = ids_beginning(client, id);
        if (ids.size() == 1) return show_story(console, line, client, ids.front(), false);
        if (!ids.empty()) return refuse_several(console, id, ids);
    }
    auto story = parse_answer_json(answer->body);
    if (answer->status == 404) return unknown(console, *answer, id);
    if (answer->status != 200 || !story) return refused(console, *answer);
    if (text_member(*story, {"call.id", "id", "call_sid", "callSid"}).empty()) {
        return misshapen(console, "call.id");
    }
    const std::string why = text_member(*story, {"why"});
    // Ours, where the rest of a story is what others wrote.
    if (!why.empty()) {
        story->as_object()["why"] = with_server_options(why, server_options(line));
    }
    console.out << (line.is_json ? answer->body + "\n"
                                 : render_story(*story, console.has_colour, ListTimes(console)));
    return exit_ok;
}

int show(Console& console, const CommandLine& line, const std::vector<std::string>& words) {
    std::string id;
    for (const std::string& word : words) id += (id.empty() ? "" : " ") + word;
    if (is_written_number(id)) return list_calls_of(console, line, id);
    if (words.size() > 1) return unusable(console, "one call at a time: " + id);
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    return show_story(console, line, *client, id, true);
}

}  // namespace

CommandSpec show_command() {
    const auto words = std::make_shared<std::vector<std::string>>();
    CommandSpec command{"show", "Show one call's whole story", notes, {}, {}, {}};
    command.options = {
        {"SID", "", "CallSid, conversation id, its beginning; a number", words.get(), true, ""}};
    command.run = [words](Console& console, const CommandLine& line) {
        return show(console, line, *words);
    };
    return command;
}

}  // namespace wrapup
