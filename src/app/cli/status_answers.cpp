#include "app/cli/status_answers.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <mutex>
#include <utility>

#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

using Ask = std::function<json::value(std::string_view)>;

struct Question {
    const char* target;
    json::value StatusAnswers::*answer;
    const char* wanted;  // The member without which the answer says nothing.
};

constexpr std::array<Question, 11> questions{{
    {"/readyz", &StatusAnswers::ready, "dependencies.store"},
    {"/api/stats", &StatusAnswers::stats, "now.parked"},
    {"/api/destinations", &StatusAnswers::destinations, "destinations"},
    {"/api/ledger", &StatusAnswers::ledger, "unexplained"},
    {"/api/reconciliation", &StatusAnswers::reconciliation, "twilio"},
    {"/api/intents?state=refused&limit=200", &StatusAnswers::not_placed, "intents"},
    {"/api/intents?state=placed&limit=200", &StatusAnswers::placed, "intents"},
    {"/api/intents?state=parked&limit=200", &StatusAnswers::lost, "intents"},
    {"/api/settings", &StatusAnswers::settings, "settings"},
    {"/api/nodes", &StatusAnswers::nodes, "nodes"},
    {"/api/failures", &StatusAnswers::failures, "failures"},
}};

std::future<json::value> start(const Ask& ask, std::string target) {
    return std::async(std::launch::async,
                      [&ask, target = std::move(target)] { return ask(target); });
}

// The calls that such a page lists.
std::vector<std::string> ids_of(const json::value& page) {
    std::vector<std::string> ids;
    for (const json::value& call : list_member(page, {"calls"})) {
        ids.push_back(text_member(call, {"id"}));
    }
    return ids;
}

std::vector<std::future<json::value>> start_newest_parked(const Ask& ask,
                                                          const json::value& stats) {
    std::vector<std::future<json::value>> begun;
    const json::value& parked = member(stats, {"now.parked"});
    if (!parked.is_object()) return begun;
    for (const auto& [key, count] : parked.get_object()) {
        if (!count.is_number() || count.to_number<std::int64_t>() == 0) continue;
        const std::string reason(key.data(), key.size());
        begun.push_back(start(ask, "/api/calls?parked=" + percent_encode(reason) + "&limit=1"));
    }
    return begun;
}

// The call of the newest failure of each destination.
std::vector<std::string> newest_failed(const json::value& failures) {
    std::map<std::string, std::pair<std::string, std::string>> newest;  // When, and the call.
    for (const json::value& group : list_member(failures, {"failures"})) {
        auto& [last_at, sample] = newest[text_member(group, {"destination"})];
        std::string at = text_member(group, {"last_at"});
        if (!sample.empty() && at <= last_at) continue;
        last_at = std::move(at);
        sample = text_member(group, {"sample"});
    }
    std::vector<std::string> ids;
    for (const auto& [destination, one] : newest) {
        const bool is_known = std::ranges::find(ids, one.second) != ids.end();
        if (!one.second.empty() && !is_known) ids.push_back(one.second);
    }
    return ids;
}

std::vector<json::value> stories(const Ask& ask, const std::vector<std::string>& ids) {
    std::vector<std::future<json::value>> begun;
    for (const std::string& id : ids) {
        begun.push_back(start(ask, "/api/calls/" + percent_encode(id)));
    }
    std::vector<json::value> found;
    for (auto& one : begun) {
        json::value story = one.get();
        if (story.is_object()) found.push_back(std::move(story));
    }
    return found;
}

// Null when there is no such answer; `asked` remembers why when nobody answers at all.
json::value take(const Result<ApiAnswer>& answer, std::string_view target, ServerAnswers& asked) {
    if (!answer) {
        asked.is_there = answer.error();
        return {};
    }
    if (answer->status == 401 || answer->status == 429) {
        asked.is_there = Error{Errc::unauthorized, problem_text(answer->status, answer->body)};
    }
    // /readyz tells of a store that is away with 503.
    if (answer->status != 200 && target != "/readyz") return {};
    auto parsed = parse_answer_json(answer->body);
    return parsed ? *std::move(parsed) : json::value{};
}

}  // namespace

StatusAnswers ask_status(const Ask& ask) {
    StatusAnswers answers;
    const auto judge = [&answers](const json::value& answer, const std::string& target,
                                  const char* wanted) {
        if (!member(answer, {wanted}).is_null()) return;
        const std::string path = target.substr(0, target.find('?'));
        auto& unanswered = answers.unanswered;
        if (unanswered.empty() || unanswered.back() != path) unanswered.push_back(path);
    };
    // Where nobody answers, nobody is asked more.
    answers.status = ask("/api/status");
    for (const char* const wanted : {"refused", "alerts"}) {
        judge(answers.status, "/api/status", wanted);
    }
    if (!answers.status.is_object()) return answers;
    std::vector<std::future<json::value>> begun;
    for (const Question& question : questions) begun.push_back(start(ask, question.target));
    auto delivering = start(ask, "/api/calls?state=delivering&limit=5");
    for (std::size_t i = 0; i < questions.size(); ++i) {
        json::value& answer = answers.*questions[i].answer;
        answer = begun[i].get();
        judge(answer, questions[i].target, questions[i].wanted);
    }
    std::vector<std::string> parked;
    for (auto& page : start_newest_parked(ask, answers.stats)) {
        for (std::string& id : ids_of(page.get())) parked.push_back(std::move(id));
    }
    answers.waiting = stories(ask, ids_of(delivering.get()));
    answers.parked = stories(ask, parked);
    answers.failing = stories(ask, newest_failed(answers.failures));
    return answers;
}

ServerAnswers ask_status(const ApiClient& client) {
    ServerAnswers asked;
    std::mutex mutex;
    asked.answers = ask_status([&](std::string_view target) {
        const auto answer = client.get(target);
        const std::lock_guard lock(mutex);
        return take(answer, target, asked);
    });
    return asked;
}

}  // namespace wrapup
