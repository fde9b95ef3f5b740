#include "app/cli/status_answers.hpp"

#include <array>
#include <future>
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

constexpr std::array<Question, 10> questions{{
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
}};

std::future<json::value> start(const Ask& ask, std::string target) {
    return std::async(std::launch::async,
                      [&ask, target = std::move(target)] { return ask(target); });
}

// The stories of the calls that such a page lists.
std::vector<json::value> stories(const Ask& ask, const json::value& page) {
    std::vector<std::future<json::value>> begun;
    for (const json::value& call : list_member(page, {"calls"})) {
        begun.push_back(start(ask, "/api/calls/" + percent_encode(text_member(call, {"id"}))));
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
    auto last_parked = start(ask, "/api/calls?state=parked&limit=1");
    auto delivering = start(ask, "/api/calls?state=delivering&limit=5");
    for (std::size_t i = 0; i < questions.size(); ++i) {
        json::value& answer = answers.*questions[i].answer;
        answer = begun[i].get();
        judge(answer, questions[i].target, questions[i].wanted);
    }
    answers.waiting = stories(ask, delivering.get());
    for (json::value& story : stories(ask, last_parked.get())) answers.parked = std::move(story);
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
