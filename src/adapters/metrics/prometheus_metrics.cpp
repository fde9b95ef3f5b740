#include "adapters/metrics/prometheus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include "base/assert.hpp"

namespace wrapup {
namespace {

constexpr std::size_t labels_max = 64;

struct CounterName {
    Counter counter;
    const char* name;
    const char* label;  // Empty: none.
    const char* help;
};
// In the order of the enumeration, which the constructor checks.
constexpr std::array<CounterName, 22> counter_names = {{
    {Counter::events, "wrapup_events_total", "kind", "Events stored."},
    {Counter::events_repeated, "wrapup_events_repeated_total", "kind",
     "Events that were known already."},
    {Counter::events_late, "wrapup_events_late_total", "kind",
     "Events that came after the record was fixed."},
    {Counter::rejected, "wrapup_requests_rejected_total", "cause", "Requests turned away."},
    {Counter::calls_settled, "wrapup_calls_settled_total", "outcome", "Records fixed."},
    {Counter::summaries, "wrapup_summaries_total", "source", "Whose summary a record carries."},
    {Counter::calls_parked, "wrapup_calls_parked_total", "reason",
     "Calls and deliveries that wait for a person."},
    {Counter::calls_out_of_scope, "wrapup_calls_out_of_scope_total", "",
     "Calls that are not ours."},
    {Counter::late_conflicts, "wrapup_late_conflicts_total", "",
     "Fixed records that a later word contradicts."},
    {Counter::attempts, "wrapup_delivery_attempts_total", "outcome", "Requests to a CRM."},
    {Counter::alerts, "wrapup_alerts_total", "cause", "Troubles that only a person can mend."},
    {Counter::store_errors, "wrapup_store_errors_total", "code", "Operations the store refused."},
    {Counter::elevenlabs_requests, "wrapup_elevenlabs_requests_total", "outcome",
     "Requests to ElevenLabs."},
    {Counter::twilio_requests, "wrapup_twilio_requests_total", "outcome", "Requests to Twilio."},
    {Counter::reconcile_runs, "wrapup_reconcile_runs_total", "outcome",
     "Comparisons with Twilio's list of calls."},
    {Counter::reconciled_calls, "wrapup_reconciled_calls_total", "outcome",
     "Calls of whose end nobody had told wrapup, found in Twilio's list."},
    {Counter::metadata_lookups, "wrapup_metadata_lookups_total", "answer",
     "Questions to the source of metadata."},
    {Counter::placings, "wrapup_placings_total", "outcome", "Calls that Twilio was asked to make."},
    {Counter::answered_calls, "wrapup_answered_calls_total", "outcome",
     "Answered calls that wrapup had placed: what they got."},
    {Counter::database_connects, "wrapup_database_connects_total", "outcome",
     "Connections to PostgreSQL, and tries."},
    {Counter::database_commits, "wrapup_database_commits_total", "outcome",
     "Durable transactions in PostgreSQL by how they ended."},
    {Counter::log_lines_dropped, "wrapup_log_lines_dropped_total", "",
     "Log lines that nobody read in time, or that could not be written."},
}};

struct HistogramName {
    Histogram histogram;
    const char* name;
    const char* help;
    std::vector<double> bounds;
};

// In the order of the enumeration.
const std::vector<HistogramName>& histogram_names() {
    static const std::vector<HistogramName> names = {
        {Histogram::append_seconds,
         "wrapup_append_seconds",
         "From handing an event to the store until it is durable.",
         {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}},
        {Histogram::delivery_seconds,
         "wrapup_delivery_seconds",
         "One request to a CRM.",
         {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 35}},
        {Histogram::end_to_crm_seconds,
         "wrapup_end_to_crm_seconds",
         "From the end of a call until the CRM accepted its record.",
         {.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 180, 600, 3600, 86400}},
        {Histogram::commit_batch_ops,
         "wrapup_commit_batch_ops",
         "Operations that share one transaction.",
         {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}},
        {Histogram::database_commit_seconds,
         "wrapup_database_commit_seconds",
         "From a COMMIT in PostgreSQL until its answer, that of a standby included.",
         {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}},
        {Histogram::database_round_trips,
         "wrapup_database_round_trips",
         "Round trips of a durable transaction in PostgreSQL.",
         {1, 2, 3, 4, 6, 8, 12, 16, 32}},
    };
    return names;
}

// A counter and its children by the value of its label.
struct CounterFamily {
    std::mutex mutex;
    std::string label;
    prometheus::Labels also;  // What each child is labelled with beside it.
    prometheus::Family<prometheus::Counter>* family = nullptr;
    std::map<std::string, prometheus::Counter*, std::less<>> children;

    void begin(prometheus::Family<prometheus::Counter>& of, const CounterName& named) {
        family = &of;
        label = named.label;
        // Shown as 0 from the start.
        if (label.empty()) (void)find({});
        for (const std::string_view known : known_labels(named.counter)) (void)find(known);
    }

    prometheus::Counter& find(std::string_view value) {
        if (label.empty()) value = {};
        const std::lock_guard lock(mutex);
        const auto known = children.find(value);
        if (known != children.end()) return *known->second;
        return add(std::string(children.size() < labels_max ? value : "other"));
    }

    // The lock is held.
    prometheus::Counter& add(const std::string& value) {
        prometheus::Labels labels = also;
        if (!label.empty()) labels.emplace(label, value);
        prometheus::Counter& child = family->Add(labels);  // The same labels give the same one.
        children.emplace(value, &child);
        return child;
    }
};

prometheus::ClientMetric to_metric(const Gauge& gauge) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : gauge.labels) metric.label.push_back({name, value});
    metric.gauge.value = gauge.value;
    return metric;
}

void append_gauge(std::vector<prometheus::MetricFamily>& families, const Gauge& gauge) {
    auto family = std::find_if(families.begin(), families.end(),
                               [&](const auto& known) { return known.name == gauge.name; });
    if (family == families.end()) {
        families.push_back({gauge.name, gauge.help, prometheus::MetricType::Gauge, {}});
        family = std::prev(families.end());
    }
    family->metric.push_back(to_metric(gauge));
}

}  // namespace

struct PrometheusMetrics::State {
    prometheus::Registry registry;
    std::array<CounterFamily, counter_names.size()> counters;
    std::map<std::string, CounterFamily, std::less<>> attempts;  // By destination.
    std::vector<prometheus::Histogram*> histograms;
};

PrometheusMetrics::PrometheusMetrics(const std::vector<std::string>& destinations)
    : state_(std::make_unique<State>()) {
    for (std::size_t i = 0; i < counter_names.size(); ++i) {
        const CounterName& named = counter_names[i];
        WRAPUP_ASSERT(static_cast<std::size_t>(named.counter) == i);
        auto& family =
            prometheus::BuildCounter().Name(named.name).Help(named.help).Register(state_->registry);
        CounterFamily& counter = state_->counters[i];
        if (named.counter == Counter::attempts) {
            for (const std::string& name : destinations) {
                CounterFamily& attempts = state_->attempts[name];
                attempts.also = {{"destination", name}};
                attempts.begin(family, named);
            }
            counter.also = {{"destination", "other"}};
        }
        counter.begin(family, named);
    }
    for (const HistogramName& named : histogram_names()) {
        WRAPUP_ASSERT(static_cast<std::size_t>(named.histogram) == state_->histograms.size());
        auto& family = prometheus::BuildHistogram()
                           .Name(named.name)
                           .Help(named.help)
                           .Register(state_->registry);
        state_->histograms.push_back(&family.Add({}, named.bounds));
    }
}

PrometheusMetrics::~PrometheusMetrics() = default;

void PrometheusMetrics::count(Counter counter, std::string_view label) {
    state_->counters.at(static_cast<std::size_t>(counter)).find(label).Increment();
}

void PrometheusMetrics::count_attempt(std::string_view destination, std::string_view outcome) {
    const auto known = state_->attempts.find(destination);
    if (known == state_->attempts.end()) return count(Counter::attempts, outcome);
    known->second.find(outcome).Increment();
}

void PrometheusMetrics::observe(Histogram histogram, double value) {
    state_->histograms.at(static_cast<std::size_t>(histogram))->Observe(value);
}

std::string PrometheusMetrics::render(const std::vector<Gauge>& extra) const {
    std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
    std::vector<prometheus::MetricFamily> gauges;
    for (const Gauge& gauge : extra) append_gauge(gauges, gauge);
    std::move(gauges.begin(), gauges.end(), std::back_inserter(families));
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families);
    return std::move(text).str();
}

}  // namespace wrapup
