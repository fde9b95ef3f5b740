#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/metrics.hpp"

namespace wrapup {

// A number that is looked up when somebody asks: calls by state, pending deliveries.
struct Gauge {
    std::string name;  // "wrapup_calls"; the same name may come with several labels.
    std::string help;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

// Counters and histograms in Prometheus' text form. The values of a label are a closed set, see
// known_labels(); what comes beyond the first 64 of a counter is counted as "other", so that no
// mistake can make the text grow for ever.
class PrometheusMetrics final : public Metrics {
public:
    // Attempts are told apart by `destinations`, those of the settings; one that is none of them is
    // counted as "other".
    explicit PrometheusMetrics(const std::vector<std::string>& destinations = {});
    ~PrometheusMetrics() override;

    void count(Counter counter, std::string_view label = {}) override;
    void count_attempt(std::string_view destination, std::string_view outcome) override;
    void observe(Histogram histogram, double value) override;

    // From any thread.
    std::string render(const std::vector<Gauge>& extra) const;

private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace wrapup
