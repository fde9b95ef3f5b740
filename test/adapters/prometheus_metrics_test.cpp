#include "adapters/metrics/prometheus_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    EXPECT_THAT(text, HasSubstr("wrapup_requests_rejected_total{cause=\"63\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("{cause=\"64\"}")));
    EXPECT_THAT(text, HasSubstr("wrapup_requests_rejected_total{cause=\"other\"} 936\n"));
}

TEST(PrometheusMetrics, counts_from_several_threads) {
    PrometheusMetrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 1'000; ++n) {
                metrics.count(Counter::attempts, n % 2 == 0 ? "accepted" : "failed");
                metrics.observe(Histogram::delivery_seconds, 0.1);
                if (n % 200 == 0) (void)metrics.render({});
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const std::string text = metrics.render({});
    EXPECT_THAT(text, HasSubstr("wrapup_delivery_attempts_total{outcome=\"accepted\"} 2000\n"));
    EXPECT_THAT(text, HasSubstr("wrapup_delivery_seconds_count 4000\n"));
}

}  // namespace
}  // namespace wrapup
