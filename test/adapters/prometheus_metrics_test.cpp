#include "adapters/metrics/prometheus_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PrometheusMetrics, counts_by_label) {
    PrometheusMetrics metrics;
    metrics.count(Counter::calls_settled, "no answer");
    metrics.count(Counter::calls_settled, "no answer");
    metrics.count(Counter::calls_settled, "held");
    metrics.count(Counter::metadata_lookups, "away");
    metrics.count(Counter::late_conflicts, "ignored");

    const std::string text = metrics.render({});

    EXPECT_THAT(text, HasSubstr("# TYPE wrapup_calls_settled_total counter\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_calls_settled_total{outcome=\"no answer\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_calls_settled_total{outcome=\"held\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_metadata_lookups_total{answer=\"away\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_late_conflicts_total 1\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_calls_out_of_scope_total 0\n"));
}

TEST(PrometheusMetrics, observes_into_buckets) {
    PrometheusMetrics metrics;
    metrics.observe(Histogram::append_seconds, 0.004);
    metrics.observe(Histogram::append_seconds, 0.004);
    metrics.observe(Histogram::commit_batch_ops, 600);

    const std::string text = metrics.render({});

    EXPECT_THAT(text, HasSubstr("wrapup_append_seconds_bucket{le=\"0.0025\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_append_seconds_bucket{le=\"0.005\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_append_seconds_count 2\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_commit_batch_ops_bucket{le=\"512\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_commit_batch_ops_bucket{le=\"+Inf\"} 1\n"));
}

TEST(PrometheusMetrics, shows_the_gauges_it_is_given) {
    const PrometheusMetrics metrics;
    const std::string text = metrics.render({
        {"wrapup_calls", "Calls by state.", {{"state", "open"}}, 3},
        {"wrapup_pending", "Deliveries to do.", {}, 0.5},
        {"wrapup_calls", "Calls by state.", {{"state", "a\"b\\c\nd"}}, 4},
    });
    EXPECT_THAT(text, HasSubstr("# HELP wrapup_calls Calls by state.\n# TYPE wrapup_calls gauge\n"
                                "wrapup_calls{state=\"open\"} 3\n"
                                "wrapup_calls{state=\"a\\\"b\\\\c\\nd\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_pending 0.5\n"));
    EXPECT_THAT(metrics.render({}), Not(HasSubstr("wrapup_pending")));
}

TEST(PrometheusMetrics, the_values_of_a_label_are_bounded) {
    PrometheusMetrics metrics;
    for (int i = 0; i < 1'000; ++i) metrics.count(Counter::rejected, std::to_string(i));
    const std::string text = metrics.render({});
    const std::size_t room = 64 - known_labels(Counter::rejected).size();
    const std::string series = "wrapup_requests_rejected_total{cause=\"";
    EXPECT_THAT(text, HasSubstr(series + std::to_string(room - 1) + "\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr(series + std::to_string(room) + "\"}")));
    EXPECT_THAT(text, HasSubstr(series + "other\"} " + std::to_string(1'000 - room) + "\n"));
}

// increase() of a series that appears as 1 is 0.
TEST(PrometheusMetrics, every_known_label_is_there_at_zero) {
    const std::string text = PrometheusMetrics().render({});
    for (const char* series :
         {"wrapup_alerts_total{cause=\"crm\"}", "wrapup_store_errors_total{code=\"commit\"}",
          "wrapup_calls_parked_total{reason=\"silent\"}",
          "wrapup_calls_parked_total{reason=\"forgotten\"}",
          "wrapup_requests_rejected_total{cause=\"wrong_path\"}",
          "wrapup_events_total{kind=\"twilio.status\"}",
          "wrapup_events_late_total{kind=\"operator.action\"}",
          "wrapup_delivery_attempts_total{destination=\"other\",outcome=\"unknown\"}",
          "wrapup_calls_settled_total{outcome=\"voicemail\"}",
          "wrapup_elevenlabs_requests_total{outcome=\"time-out\"}",
          "wrapup_twilio_requests_total{outcome=\"failed\"}",
          "wrapup_metadata_lookups_total{answer=\"away\"}",
          "wrapup_database_commits_total{outcome=\"unknown\"}",
          "wrapup_database_connects_total{outcome=\"failed\"}",
          "wrapup_summaries_total{source=\"own\"}"}) {
        EXPECT_THAT(text, HasSubstr(std::string(series) + " 0\n"));
    }
}

TEST(PrometheusMetrics, attempts_are_told_apart_by_the_destinations_of_the_settings) {
    PrometheusMetrics metrics({"crm", "sales"});
    metrics.count_attempt("sales", "failed");
    metrics.count_attempt("sales", "failed");
    for (int i = 0; i < 1'000; ++i) metrics.count_attempt(std::to_string(i), "accepted");

    const std::string text = metrics.render({});

    const std::string series = "wrapup_delivery_attempts_total{destination=";
    EXPECT_THAT(text, HasSubstr(series + "\"sales\",outcome=\"failed\"} 2\n"));
    EXPECT_THAT(text, HasSubstr(series + "\"sales\",outcome=\"accepted\"} 0\n"));
    EXPECT_THAT(text, HasSubstr(series + "\"crm\",outcome=\"failed\"} 0\n"));
    EXPECT_THAT(text, HasSubstr(series + "\"other\",outcome=\"accepted\"} 1000\n"));
    EXPECT_THAT(text, Not(HasSubstr("destination=\"7\"")));
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);  // Tests run in the project's folder.
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Counter counter_named(const std::string& name) {
    static const std::map<std::string, Counter> counters = {
        {"events", Counter::events},
        {"rejected", Counter::rejected},
        {"summaries", Counter::summaries},
        {"calls_parked", Counter::calls_parked},
        {"attempts", Counter::attempts},
        {"alerts", Counter::alerts},
        {"store_errors", Counter::store_errors},
        {"elevenlabs_requests", Counter::elevenlabs_requests},
        {"twilio_requests", Counter::twilio_requests},
        {"metadata_lookups", Counter::metadata_lookups},
        {"placings", Counter::placings},
        {"answered_calls", Counter::answered_calls},
        {"reconcile_runs", Counter::reconcile_runs},
        {"reconciled_calls", Counter::reconciled_calls},
        {"database_connects", Counter::database_connects},
        {"database_commits", Counter::database_commits},
    };
    const auto found = counters.find(name);
    EXPECT_NE(found, counters.end()) << "add it to this test: " << name;
    return found == counters.end() ? Counter::events : found->second;
}

// What follows `place` after white space, when that is `wanted`: the place behind it.
std::optional<std::size_t> skip(std::string_view text, std::size_t place, std::string_view wanted) {
    place = text.find_first_not_of(" \n", place);
    if (place == std::string_view::npos || !text.substr(place).starts_with(wanted)) return {};
    return place + wanted.size();
}

// Labels that are made of enumerations are known by their loop; those written as words are here.
TEST(KnownLabels, hold_every_word_that_the_source_counts) {
    std::size_t words_count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("src")) {
        if (entry.path().extension() != ".cpp") continue;
        const std::string text = text_of(entry.path());
        for (auto at = text.find("count("); at != std::string::npos; at = text.find("count(", at)) {
            at += std::string_view("count(").size();
            const auto name = skip(text, at, "Counter::");
            if (!name) continue;
            const std::size_t name_end = text.find_first_of(",)", *name);
            const auto label = skip(text, name_end, ",");
            const auto word = label ? skip(text, *label, "\"") : std::nullopt;
            if (!word) continue;
            words_count += 1;
            EXPECT_TRUE(is_known_label(counter_named(text.substr(*name, name_end - *name)),
                                       text.substr(*word, text.find('"', *word) - *word)))
                << entry.path() << ": " << text.substr(at, 60);
        }
    }
    EXPECT_GT(words_count, 10U) << "the pattern finds nothing any more";
}

TEST(KnownLabels, of_rejections_are_those_that_the_manual_explains) {
    const std::string text = text_of("docs/operations.md");
    const std::size_t begin = text.find("\n## Refused requests\n");
    ASSERT_NE(begin, std::string::npos);
    const std::string chapter = text.substr(begin, text.find("\n## ", begin + 1) - begin);
    const std::string row = "\n| `";
    std::set<std::string> told;
    for (auto at = chapter.find(row); at != std::string::npos; at = chapter.find(row, at)) {
        at += row.size();
        told.insert(chapter.substr(at, chapter.find('`', at) - at));
    }
    const auto known = known_labels(Counter::rejected);
    EXPECT_EQ(told, std::set<std::string>(known.begin(), known.end()));
}

TEST(PrometheusMetrics, counts_from_several_threads) {
    PrometheusMetrics metrics({"crm"});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 1'000; ++n) {
                metrics.count_attempt("crm", n % 2 == 0 ? "accepted" : "failed");
                metrics.observe(Histogram::delivery_seconds, 0.1);
                if (n % 200 == 0) (void)metrics.render({});
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const std::string text = metrics.render({});
    EXPECT_THAT(text, HasSubstr("{destination=\"crm\",outcome=\"accepted\"} 2000\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_delivery_seconds_count 4000\n"));
}

}  // namespace
}  // namespace wrapup
