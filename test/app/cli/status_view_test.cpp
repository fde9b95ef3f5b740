#include "app/cli/status_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/console_text.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

auto finding(const std::string& what, const std::string& next) {
    return AllOf(Field(&StatusTrouble::what, HasSubstr(what)),
                 Field(&StatusTrouble::next, HasSubstr(next)));
}

StatusAnswers quiet() {
    StatusAnswers answers;
    answers.status = json::parse(
        R"({"now":"2026-11-27T12:00:00.000Z","senders":[
            {"name":"twilio","open":true,"last_hour":7,"last_at":"2026-11-27T11:58:30.000Z"},
            {"name":"elevenlabs","open":false,"last_hour":0,"last_at":null}],"refused":[]})");
    answers.ready = json::parse(R"({"status":"ready","dependencies":{"store":"ok"}})");
    answers.stats = json::parse(R"({"now":{"parked":{}}})");
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"crm","state":"active","breaker":"closed","retry_at":null,
            "pending":2,"parked":0}]})");
    answers.ledger = json::parse(
        R"({"timezone":"UTC","calls":9,"accepted":7,"parked":{"total":0},"in_flight":2,
            "out_of_scope":0,"missing":0,"unexplained":0})");
    answers.reconciliation =
        json::parse(R"({"twilio":{"trouble":null},"elevenlabs":{"trouble":null},"webhooks":null})");
    return answers;
}

TEST(StatusView, finds_nothing_where_all_is_well) {
    EXPECT_THAT(findings_of(quiet()), IsEmpty());
    const std::string text = render_status(quiet(), false);
    EXPECT_THAT(text, HasSubstr("Nothing needs a person."));
    EXPECT_THAT(text, HasSubstr("twilio      open      7          90 s ago"));
    EXPECT_THAT(text, HasSubstr("elevenlabs  closed    0          none since the start"));
    EXPECT_THAT(text, HasSubstr("9 calls, 7 accepted, 0 parked, 2 in flight"));
}

TEST(StatusView, says_that_it_heard_only_what_came_since_the_start) {
    StatusAnswers answers = quiet();
    answers.status = json::parse(
        R"({"now":"2026-11-27T12:00:00.000Z","started_at":"2026-11-27T11:55:00.000Z","senders":[
            {"name":"twilio","open":true,"last_hour":0,"last_at":null}]})");
    const std::string text = render_status(answers, false);
    EXPECT_THAT(text, HasSubstr("SINCE START  LAST EVENT"));
    EXPECT_THAT(text, HasSubstr("none since the start"));
    EXPECT_THAT(text, HasSubstr("wrapup was started 5 min ago."));
    EXPECT_THAT(text, Not(HasSubstr("LAST HOUR")));
    EXPECT_THAT(text, Not(HasSubstr("never")));
}

TEST(StatusView, names_each_trouble_and_the_next_command) {
    StatusAnswers answers = quiet();
    answers.ready = json::parse(R"({"dependencies":{"store":"away"}})");
    answers.destinations = json::parse(
        R"({"destinations":[
            {"name":"crm","state":"active","breaker":"open","retry_at":"2026-11-27T12:05:00.000Z",
             "breaker_since":"2026-11-27T11:58:00.000Z","pending":31},
            {"name":"away","state":"removed","breaker":"closed","pending":0,"parked":2},
            {"name":"sales","state":"paused","breaker":"closed","pending":1},
            {"name":"old","state":"gone","breaker":"closed","pending":0}]})");
    answers.status = json::parse(
        R"({"refused":[{"cause":"wrong_server_url","last_hour":4},
                       {"cause":"bad_token","last_hour":9},{"cause":"session_over","last_hour":1},
                       {"cause":"other_site","last_hour":1},{"cause":"not_stored","last_hour":2},
                       {"cause":"stale","last_hour":0}]})");
    answers.reconciliation = json::parse(
        R"({"twilio":{"trouble":{"since":"2026-11-27T11:00:00.000Z","what":"401"}},
            "webhooks":[{"name":"post-call","is_auto_disabled":true}]})");
    answers.ledger = json::parse(R"({"unexplained":1})");
    answers.stats = json::parse(R"({"now":{"parked":{"rejected":3,"forgotten":2}}})");
    EXPECT_THAT(
        findings_of(answers),
        ElementsAre(finding("store cannot be written", "wrapup doctor"),
                    finding("crm does not take records (breaker open since "
                            "2026-11-27T11:58:00.000Z); 31 records wait, next try "
                            "2026-11-27T12:05:00.000Z",
                            "wrapup destination resume crm"),
                    finding("No settings name away any more; 2 records are parked for it.",
                            "wrapup replay --destination away --to ANOTHER"),
                    finding("sales is paused; 1 record waits.", "wrapup destination resume sales"),
                    finding("old answered 410", "wrapup destination resume old"),
                    finding("4 requests were refused within the last hour: wrong_server_url",
                            "wrapup doctor"),
                    finding("Twilio: 401", "wrapup doctor"),
                    finding("ElevenLabs' webhook post-call is switched off", "wrapup doctor"),
                    finding("1 call of today is unexplained", "wrapup ledger"),
                    finding("3 calls are parked: rejected",
                            "mend the CRM, then wrapup replay --parked rejected")));
    EXPECT_THAT(render_status(answers, false), HasSubstr("  -> wrapup ledger\n"));
}

TEST(StatusView, the_next_command_for_parked_calls_is_that_of_the_reason) {
    StatusAnswers answers = quiet();
    answers.stats = json::parse(
        R"({"now":{"parked":{"blocked_address":1,"destination_gone":1,"disabled":1,"silent":1,
            "unknown_outcome":2}}})");
    EXPECT_THAT(
        findings_of(answers),
        ElementsAre(
            finding("blocked_address", "then wrapup replay --parked blocked_address"),
            finding("destination_gone",
                    "restart, then wrapup destination resume NAME, or name it in the settings "
                    "again; or wrapup replay "
                    "--destination NAME --to ANOTHER"),
            finding("disabled", "restart, then wrapup replay --parked disabled"),
            finding("silent", "wrapup show SID"),
            finding("2 calls are parked: unknown_outcome",
                    "look in the CRM, then wrapup replay --parked unknown_outcome")));
}

TEST(StatusView, tells_a_private_address_before_a_record_is_parked_for_it) {
    StatusAnswers answers = quiet();
    answers.settings = json::parse(
        R"({"findings":[{"level":"broken",
                         "text":"the CRM is at a private address, which is refused",
                         "advice":"set WRAPUP_ALLOW_PRIVATE_TARGETS=true"}]})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("private address", "set WRAPUP_ALLOW_PRIVATE_TARGETS=true")));
}

TEST(StatusView, names_the_server_url_that_would_match) {
    StatusAnswers answers = quiet();
    answers.status = json::parse(R"({"refused":[{"cause":"wrong_server_url","last_hour":4}]})");
    EXPECT_THAT(findings_of(answers), ElementsAre(finding("wrong_server_url", "wrapup doctor")));
    answers.settings = json::parse(R"({"server_url_that_would_match":"https://a.example"})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("wrong_server_url",
                                    "set SERVER_URL=https://a.example, which would match")));
}

TEST(StatusView, tells_once_of_a_destination_that_is_gone_and_why_several_calls_wait) {
    StatusAnswers answers = quiet();
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"old","state":"gone","breaker":"closed","parked":2}]})");
    answers.stats = json::parse(R"({"now":{"parked":{"destination_gone":2}}})");
    answers.status = json::parse(R"({"alerts":[{"alert":"gone:old","text":"x","next":"y"}]})");
    EXPECT_THAT(
        findings_of(answers),
        ElementsAre(finding("old answered 410", "restart, then wrapup destination resume old")));
    for (const char* const id : {"CA1", "CA2"}) {
        json::object story{{"why", "the CRM is down"}};
        story["call"] = json::object{{"id", id}};
        answers.waiting.emplace_back(std::move(story));
    }
    EXPECT_THAT(render_status(answers, false), HasSubstr("CA1\nCA2\n  the CRM is down\n"));
}

TEST(StatusView, lists_alerts_that_nothing_else_tells) {
    StatusAnswers answers = quiet();
    answers.status = json::parse(
        R"({"alerts":[
            {"alert":"parked:dead","text":"1 call waits for a person: dead","next":"x"},
            {"alert":"breaker:crm","text":"destination crm is in trouble","next":"x"},
            {"alert":"crm_refuses:crm","text":"destination crm answers 401","next":"mend it"},
            {"alert":"twilio_credentials","text":"Twilio refuses","next":"wrapup doctor"},
            {"alert":"ledger","text":"the ledger has 1 unexplained, last on 2026-11-20",
             "next":"wrapup ledger --date 2026-11-20"}]})");
    answers.reconciliation = json::parse(R"({"twilio":{"trouble":{"since":"x","what":"401"}}})");
    answers.ledger = json::parse(R"({"unexplained":1})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("destination crm answers 401.", "mend it"),
                            finding("last on 2026-11-20.", "wrapup ledger --date 2026-11-20"),
                            finding("Twilio: 401", "wrapup doctor")));
}

TEST(StatusView, tells_what_rings_on_though_it_is_to_be_cancelled) {
    StatusAnswers answers = quiet();
    answers.placed = json::parse(R"({"intents":[
        {"intent":"a"}, {"intent":"b","reason":"not_cancelled","advice":"HTTP 500"}]})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("1 call is to be cancelled, and Twilio does not: HTTP 500.",
                                    "wrapup call --list --state placed")));
}

TEST(StatusView, tells_what_was_not_placed_within_the_last_hour) {
    StatusAnswers answers = quiet();
    answers.status = json::parse(
        R"({"now":"2026-11-27T12:00:00.000Z","alerts":[
            {"alert":"campaign_paused:spring","text":"campaign spring has paused itself: Twilio",
             "next":"wrapup campaign resume spring"}]})");
    answers.not_placed = json::parse(
        R"({"intents":[
            {"ended_at":"2026-11-27T11:59:00.000Z","reason":"twilio","twilio_code":21215,
             "advice":"calls to that country are switched off","list":null},
            {"ended_at":"2026-11-27T11:58:00.000Z","reason":"do_not_call","twilio_code":null,
             "advice":"the number is on the do-not-call list","list":null},
            {"ended_at":"2026-11-27T11:20:00.000Z","reason":"twilio","twilio_code":21215,
             "advice":"calls to that country are switched off","list":"autumn"},
            {"ended_at":"2026-11-27T11:10:00.000Z","reason":"twilio","twilio_code":20003,
             "advice":"Twilio refuses the credentials","list":"spring"},
            {"ended_at":"2026-11-27T10:59:00.000Z","reason":"twilio","twilio_code":21211,
             "advice":"correct it","list":null}]})");
    answers.lost = json::parse(R"({"intents":[{"intent":"a"}]})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("campaign spring has paused itself", "resume spring"),
                            finding("2 calls were not placed within the last hour: calls to that "
                                    "country are switched off (21215).",
                                    "wrapup call --list --state refused"),
                            finding("whether Twilio has 1 call that was asked for",
                                    "wrapup call --list --state parked")));
}

TEST(StatusView, tells_why_records_wait) {
    StatusAnswers answers = quiet();
    answers.waiting = {json::parse(
        R"({"call":{"id":"CA1","due_at":"2026-11-27T12:01:00.000Z"},"why":"The CRM said 503."})")};
    EXPECT_THAT(render_status(answers, false), HasSubstr("CA1\n  The CRM said 503.\n"));
    const json::value told = json::parse(status_json(answers));
    EXPECT_EQ(told.at("waiting").at(0).at("call").as_string(), "CA1");
    EXPECT_EQ(told.at("findings").as_array().size(), 0U);
}

TEST(StatusView, shows_what_was_refused_what_is_parked_and_what_the_vendors_said) {
    const std::string well = render_status(quiet(), false);
    EXPECT_THAT(well, HasSubstr("Refused within the last hour: none.\n"));
    EXPECT_THAT(well, HasSubstr("Twilio      no trouble\nElevenLabs  no trouble\n"));
    EXPECT_THAT(well, Not(HasSubstr("Parked:")));

    StatusAnswers answers = quiet();
    answers.status.as_object()["refused"] = json::parse(
        R"([{"cause":"bad_signature","last_hour":3},{"cause":"old","last_hour":0},
            {"cause":"no_token","last_hour":1}])");
    answers.stats = json::parse(R"({"now":{"parked":{"dead":2,"rejected":1,"silent":0}}})");
    answers.reconciliation = json::parse(
        R"({"twilio":{"trouble":null},
            "elevenlabs":{"trouble":{"what":"refuses the key","since":"2026-11-27T11:00:00.000Z"}},
            "webhooks":[{"name":"wrapup","is_disabled":false,"is_auto_disabled":true,
              "last_error":"503","last_failed_at":"2026-11-27T09:00:00.000Z"}]})");
    answers.waiting.push_back(json::parse(
        R"({"call":{"id":"CA1"},"why":"Destination crm is in trouble.","deliveries":[
            {"destination":"crm","state":"pending","due_at":"2026-11-27T12:05:00.000Z",
             "attempts":[{"http_status":503,"error":null}]}]})"));
    const std::string text = render_status(answers, false);
    EXPECT_THAT(text, HasSubstr("Refused within the last hour: 3 bad_signature, 1 no_token.\n"));
    EXPECT_THAT(text, HasSubstr("Parked: 2 dead, 1 rejected.\n"));
    EXPECT_THAT(text, HasSubstr("ElevenLabs      refuses the key, first 60 min ago\n"));
    EXPECT_THAT(text, HasSubstr("webhook wrapup  switched off, failed 3 h ago (503)\n"));
    EXPECT_THAT(text, HasSubstr("Destination crm is in trouble. Last answer of crm: HTTP 503.\n"));
    const json::value said = json::parse(status_json(answers));
    EXPECT_EQ(said.at_pointer("/waiting/0/deliveries/0/http_status"), json::value(503));
}

TEST(StatusView, shows_what_a_server_sends_as_one_line_of_text) {
    StatusAnswers answers = quiet();
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"c\u001b[31mrm","state":"gone","breaker":"closed"}]})");
    for (const StatusTrouble& finding : findings_of(answers)) {
        EXPECT_EQ((finding.what + finding.next).find('\x1b'), std::string::npos);
    }
}

TEST(StatusView, names_the_settings_that_were_changed_since_the_start) {
    StatusAnswers answers = quiet();
    answers.settings = json::parse(R"({"changed":["SERVER_URL"]})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("changed after wrapup started: SERVER_URL.", "restart it")));
}

TEST(StatusView, needs_nobody_for_what_was_not_stored_once_the_store_is_back) {
    StatusAnswers answers = quiet();
    answers.status.as_object()["refused"] = json::parse(
        R"([{"cause":"not_stored","last_hour":26,"last_at":"2026-11-27T11:55:00.000Z"}])");
    EXPECT_THAT(findings_of(answers), IsEmpty());
    EXPECT_THAT(render_status(answers, false),
                HasSubstr("26 not_stored (over, the last 5 min ago: senders\n  repeat them).\n"));
    answers.ready = json::parse(R"({"dependencies":{"store":"away"}})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("no event is acknowledged; 26 requests were refused for it",
                                    "wrapup doctor")));
    answers.status.as_object()["alerts"] = json::parse(
        R"([{"alert":"disk","text":"the disk is full","next":"make room: df -h /data"}])");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("within the last hour. The disk is full.", "df -h /data")));
    answers.ready = json::parse(R"({"dependencies":{"store":"ok"}})");
    EXPECT_THAT(findings_of(answers), ElementsAre(finding("the disk is full.", "df -h /data")));
}

TEST(StatusView, says_where_requests_were_refused) {
    StatusAnswers answers = quiet();
    answers.status.as_object()["refused"] = json::parse(
        R"([{"cause":"bad_signature","last_hour":2,"paths":["/call-status-callback"]}])");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("bad_signature (/call-status-callback). A sender", "doctor")));
}

TEST(StatusView, names_a_node_that_is_silent) {
    StatusAnswers answers = quiet();
    answers.nodes = json::parse(
        R"({"nodes":[{"id":"a","host":"n1","pid":1,"state":"alive"},
            {"id":"b","host":"n2","pid":2,"state":"stopped"},
            {"id":"c","host":"n3","pid":3,"state":"silent",
             "last_seen_at":"2026-11-27T11:59:20.000Z"}]})");
    answers.status.as_object()["alerts"] = json::parse(
        R"([{"alert":"node_silent:n3:3","text":"node n3:3 fell silent","next":"see its log"},
            {"alert":"node_silent:n4:4","text":"node n4:4 fell silent","next":"see its log"}])");
    EXPECT_THAT(findings_of(answers), ElementsAre(finding("Node n3:3 has stopped without a word, "
                                                          "last seen 2026-11-27T11:59:20.000Z",
                                                          "wrapup nodes"),
                                                  finding("node n4:4 fell silent", "its log")));
}

TEST(StatusView, names_what_another_node_was_started_with_otherwise) {
    StatusAnswers answers = quiet();
    answers.nodes = json::parse(
        R"({"nodes":[{"host":"n1","pid":1,"state":"alive","other_settings":[]},
            {"host":"n2","pid":2,"state":"alive","other_settings":["CRM_WEBHOOK_URL"]},
            {"host":"n3","pid":3,"state":"alive","other_settings":["WRAPUP_API_TOKEN"]},
            {"host":"n4","pid":4,"state":"stopped","other_settings":["WRAPUP_INBOUND"]}]})");
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("Node n2:2 has other settings than this one: CRM_WEBHOOK_URL.",
                                    "the same on all nodes"),
                            finding("The API token of one is refused by the other.", "nodes")));
}

TEST(StatusView, says_whose_counts_these_are_where_there_are_several_nodes) {
    StatusAnswers answers = quiet();
    answers.status.as_object()["refused"] =
        json::parse(R"([{"cause":"bad_secret","last_hour":1}])");
    EXPECT_THAT(render_status(answers, false),
                AllOf(HasSubstr("\nEvents\n"),
                      HasSubstr("1 request was refused within the last hour: bad")));
    answers.nodes = json::parse(
        R"({"nodes":[{"id":"a","state":"alive"},{"id":"b","state":"alive"},
            {"id":"c","state":"stopped"}]})");
    EXPECT_THAT(
        render_status(answers, false),
        AllOf(HasSubstr("\nEvents at this node, one of 2\n"),
              HasSubstr("1 request was refused within the last hour at this node, one of 2: bad")));
}

TEST(StatusView, shows_what_was_said_of_the_call_that_was_parked_last) {
    StatusAnswers answers = quiet();
    answers.stats = json::parse(R"({"now":{"parked":{"rejected":1,"dead":1}}})");
    answers.parked = {json::parse(
        R"({"call":{"id":"CA1"},"deliveries":[{"destination":"crm","state":"parked",
            "parked":"rejected","attempts":[{"http_status":422,"answer":"no such field"}]}]})")};
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("rejected. crm said HTTP 422: no such field (wrapup show CA1).",
                                    "replay --parked rejected"),
                            finding("1 call is parked: dead.", "replay --parked dead")));
}

TEST(StatusView, quotes_the_cause_of_each_reason_and_names_a_call) {
    StatusAnswers answers = quiet();
    answers.stats = json::parse(R"({"now":{"parked":{"dead":1,"silent":2,"unknown_outcome":3}}})");
    answers.parked = {
        json::parse(R"({"call":{"id":"CA2","parked":"silent"},"deliveries":[]})"),
        json::parse(
            R"({"call":{"id":"CA3","parked":"dead"},"deliveries":[{"destination":"crm",
                "state":"parked","parked":"dead","attempts":[
                    {"outcome":"failed","http_status":503,"answer":"busy"}]}]})"),
        json::parse(
            R"({"call":{"id":"CA4","parked":"unknown_outcome"},"deliveries":[
                {"destination":"crm","state":"parked","parked":"unknown_outcome","attempts":[
                    {"outcome":"unknown","http_status":null,"error":"timed out"}]}]})")};
    EXPECT_THAT(
        findings_of(answers),
        ElementsAre(finding("dead. crm said HTTP 503: busy (wrapup show CA3).", "--parked dead"),
                    finding("silent (wrapup show CA2, and 1 more).", "wrapup show SID"),
                    finding("3 calls are parked: unknown_outcome. crm gave no answer that we got: "
                            "timed out (wrapup show CA4, and 2 more).",
                            "look in the CRM")));
}

TEST(StatusView, quotes_what_a_destination_said_before_its_breaker_opened) {
    StatusAnswers answers = quiet();
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"crm","state":"active","breaker":"open","pending":12}]})");
    answers.failing = {json::parse(
        R"({"call":{"id":"CA1"},"deliveries":[{"destination":"crm","state":"pending",
            "attempts":[{"http_status":500},{"http_status":503,"answer":"busy"}]}]})")};
    EXPECT_THAT(findings_of(answers),
                ElementsAre(finding("12 records wait. Last: crm said HTTP 503: busy (wrapup show "
                                    "CA1).",
                                    "wrapup destination resume crm")));
    EXPECT_THAT(notes_of(answers), IsEmpty()) << "told once";
}

TEST(StatusView, tells_who_paused_a_destination_and_why) {
    StatusAnswers answers = quiet();
    const auto paused = [&](int pending) {
        json::object row{
            {"name", "crm"},      {"state", "paused"},           {"breaker", "closed"},
            {"pending", pending}, {"paused_by", "command line"}, {"reason", "until 6, Ann"}};
        answers.destinations = json::object{{"destinations", json::array{std::move(row)}}};
    };
    paused(2);
    EXPECT_THAT(
        findings_of(answers),
        ElementsAre(finding("crm is paused (at the command line: until 6, Ann); 2 records wait.",
                            "wrapup destination resume crm")));
    EXPECT_THAT(notes_of(answers), IsEmpty());
    paused(0);
    EXPECT_THAT(findings_of(answers), IsEmpty()) << "nothing waits for anybody";
    EXPECT_THAT(notes_of(answers),
                ElementsAre(finding("(at the command line: until 6, Ann); no record waits.",
                                    "wrapup destination resume crm")));
}

TEST(StatusView, shows_times_to_people_in_their_zone) {
    StatusAnswers answers = quiet();
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"crm","state":"active","breaker":"open",
            "retry_at":"2026-11-27T12:05:00.000Z","pending":1}]})");
    answers.status.as_object()["alerts"] = json::parse(
        R"([{"alert":"lost_commits","text":"lost since 2026-11-27T10:00:00.000Z",
             "next":"wrapup reconcile --from 2026-11-27T10:00:00.000Z"}])");
    answers.waiting = {
        json::parse(R"({"call":{"id":"CA1"},"why":"tried again in 20s (2026-11-27T12:00:20Z)."})")};
    std::ostringstream nowhere;
    Console console{nowhere, nowhere, false, []() -> Result<SettingsInput> {
                        SettingsInput input;
                        input.environment["WRAPUP_TIMEZONE"] = "Europe/Berlin";
                        return input;
                    }};
    EXPECT_THAT(render_status(answers, false, ListTimes(console)),
                HasSubstr("next try\n  2026-11-27T12:05:00.000Z."))
        << "a program reads it";
    console.terminal_columns = 80;
    EXPECT_THAT(render_status(answers, false, ListTimes(console)),
                AllOf(HasSubstr("next try 11-27\n  13:05."), HasSubstr("lost since 11-27 11:00."),
                      HasSubstr("in 20s (11-27 13:00)."),
                      HasSubstr("-> wrapup reconcile --from 2026-11-27T10:00:00.000Z")));
}

TEST(StatusView, has_no_line_that_a_terminal_breaks) {
    StatusAnswers answers = quiet();
    answers.stats = json::parse(R"({"now":{"parked":{"destination_gone":1,"disabled":1}}})");
    answers.reconciliation = json::parse(
        R"({"twilio":{"trouble":{"since":"2026-11-27T11:00:00.000Z","what":
            "Twilio refuses our credentials (HTTP 401), so that nothing is compared with it"}}})");
    answers.status.as_object()["alerts"] = json::parse(
        R"([{"alert":"crm_refuses:crm","text":"destination crm answers 401: its records wait",
             "next":"mend its URL or headers and restart, or mend the CRM, then wrapup replay )"
        R"(--state pending --destination crm"}])");
    std::istringstream lines(render_status(answers, false));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(column_count(line), 80U) << line;
        EXPECT_FALSE(line.ends_with("wrapup") || line.ends_with("wrapup replay")) << line;
    }
}

TEST(StatusView, tells_of_a_destination_that_fails_before_it_needs_a_person) {
    StatusAnswers answers = quiet();
    answers.waiting.push_back(json::parse(
        R"({"call":{"id":"CA1"},"why":"w","deliveries":[{"destination":"crm","state":"pending",
            "attempts":[{"http_status":null,"error":"connection refused"}]}]})"));
    EXPECT_THAT(findings_of(answers), IsEmpty());
    EXPECT_THAT(render_status(answers, false),
                HasSubstr("Nothing needs a person.\n- Not yet: crm failed with connection "
                          "refused (wrapup show CA1); 1 record is\n  tried again.\n"));
    // Beside whatever else there is.
    answers.settings = json::parse(R"({"changed":["SERVER_URL"]})");
    EXPECT_THAT(render_status(answers, false), HasSubstr("- Not yet: crm failed with"));
    // All that failed, also where the newest were not tried yet.
    answers.waiting.clear();
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"crm","state":"active","breaker":"closed","pending":9,
            "parked":1}]})");
    answers.failures = json::parse(
        R"({"failures":[{"destination":"crm","count":4},{"destination":"lake","count":7}]})");
    answers.failing = {json::parse(
        R"({"call":{"id":"CA2"},"deliveries":[{"destination":"crm","state":"pending",
            "attempts":[{"http_status":500,"answer":null}]}]})")};
    EXPECT_THAT(notes_of(answers),
                ElementsAre(finding("crm said HTTP 500 (wrapup show CA2); 3 records are", "")));
    // What was parked meanwhile is no answer to what waits.
    answers.failing = {json::parse(
        R"({"call":{"id":"CA3"},"deliveries":[{"destination":"crm","state":"parked",
            "attempts":[{"http_status":422,"answer":null}]}]})")};
    EXPECT_THAT(notes_of(answers), ElementsAre(finding("Not yet: crm fails; 3 records are", "")));
}

TEST(StatusView, survives_answers_that_are_nothing) {
    EXPECT_THAT(findings_of({}), IsEmpty());
    EXPECT_THAT(render_status({}, false), HasSubstr("unknown"));
}

}  // namespace
}  // namespace wrapup
