#include "sim/campaign.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "service/intake/intake.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/null_ports.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;

// A Saturday, 18:30 in London and 19:30 in Berlin: in the night Europe sets its clocks.
constexpr UtcTime campaign_start = from_unix_s(1'761'413'400);
constexpr int slice = 500;

PlacerSettings campaign_settings(const CampaignOrder& order) {
    PlacerSettings settings;
    settings.server_url = "https://hooks.example.org";
    settings.secret = "simulated";
    settings.from = "+15005550006";
    settings.agent_id = "agent_1";
    settings.calls_per_second = order.calls_per_second;
    settings.calls_max = order.calls_max;
    return settings;
}

std::string words_of(const RetryWaits& waits) {
    std::string words;
    for (const seconds wait : waits) words += ' ' + format_duration(wait);
    return words;
}

class DialOffice {
public:
    DialOffice(EmbeddedStore& store, const CampaignOrder& order)
        : store_(store),
          order_(order),
          placer_({clock_, store_, reads_, commits_, intake_, twilio_, twilio_, twilio_, log_,
                   metrics_, [this] { return make_id(); }, order.hours},
                  io_.get_executor(), campaign_settings(order)) {
        twilio_.target = &placer_;
    }

    CampaignReport run() {
        spawn_root(io_.get_executor(), placer_.run());
        spawn_root(io_.get_executor(), put_rows());
        (void)clock_.run(campaign_start + hours{24 * 31}, ~0ULL, [this] { return is_done(); });
        CampaignReport report;
        report.calls = twilio_.counts();
        report.length = clock_.now() - campaign_start;
        const auto list = store_.find_dial_list("spring");
        WRAPUP_ASSERT(list.has_value());
        for (const auto& [key, count] : list->counts) {
            if (key == "attempts") {
                report.attempts_count = count;
            } else if (key.starts_with("done ")) {
                report.outcomes[key.substr(5)] = count;
            } else {
                report.open_count += static_cast<int>(count);
            }
        }
        for (const auto& [number, person] : twilio_.people()) {
            report.most_rings = std::max(report.most_rings, person.rings_count);
            for (const CampaignPlace& place : campaign_places()) {
                if (!number.starts_with(place.number_prefix)) continue;
                report.rings_by_zone[place.zone] += person.rings_count;
            }
        }
        return report;
    }

private:
    std::string make_id() {
        const std::string digits = std::to_string(++ids_count_);
        return std::string(32 - digits.size(), '0') + digits;
    }

    Task<void> put_rows() {
        const auto& places = campaign_places();
        for (int from = 0; from < order_.rows_count; from += slice) {
            PutListRows put;
            put.list.id = "spring";
            put.list.retry_busy = order_.waits.busy;
            put.list.retry_no_answer = order_.waits.no_answer;
            put.has_retry = true;
            for (int i = from; i < std::min(from + slice, order_.rows_count); ++i) {
                ListRow row;
                row.to = campaign_number(i);
                const CampaignPlace& place = places[static_cast<std::size_t>(i) % places.size()];
                if (place.is_said) row.time_zone = place.zone;
                put.rows.push_back(std::move(row));
            }
            const auto done = co_await placer_.put_list_rows(std::move(put));
            WRAPUP_ASSERT(done.has_value());
            put_count_ += static_cast<int>(done->accepted_count);
        }
    }

    bool is_done() {
        if (put_count_ < order_.rows_count) return false;
        const auto list = store_.find_dial_list("spring");
        WRAPUP_ASSERT(list.has_value());
        return !list->counts.contains("waiting") && !list->counts.contains("calling");
    }

    EmbeddedStore& store_;
    const CampaignOrder order_;
    boost::asio::io_context io_{1};
    SimClock clock_{io_, campaign_start};
    NullLog log_;
    NullMetrics metrics_;
    CampaignTwilio twilio_{clock_, io_.get_executor(), order_.waits};
    BlockingPool reads_{io_.get_executor()};
    GroupCommit commits_{store_, clock_, metrics_, io_.get_executor()};
    Intake intake_{commits_, clock_, log_, metrics_};
    int ids_count_ = 0;
    int put_count_ = 0;
    Placer placer_;
};

}  // namespace

CampaignReport simulate_campaign(EmbeddedStore& store, const CampaignOrder& order) {
    return DialOffice(store, order).run();
}

int run_campaign(EmbeddedStore& store, const CampaignOrder& order) {
    const CampaignReport report = simulate_campaign(store, order);
    const CampaignTwilio::Counts& calls = report.calls;
    std::printf("A list of %d numbers in four time zones, hours %s there,\n", order.rows_count,
                campaign_hours);
    std::printf("busy again after%s, no answer after%s, %lld calls at a time\n",
                words_of(order.waits.busy).c_str(), words_of(order.waits.no_answer).c_str(),
                static_cast<long long>(order.calls_max));
    std::printf("  calls          %d, %d answers of Twilio lost, %.1f virtual hours\n", calls.calls,
                calls.answers_lost, static_cast<double>(report.length.count()) / 3'600'000);
    std::printf("  rings          %d, at most %d of one number, %d cut off\n", calls.rings,
                report.most_rings, calls.cut);
    for (const auto& [zone, count] : report.rings_by_zone) {
        std::printf("    %-18s %d\n", zone.c_str(), count);
    }
    std::printf("  conversations  %d\n", calls.conversations);
    for (const auto& [name, count] : report.outcomes) {
        std::printf("    %-18s %lld\n", name.c_str(), static_cast<long long>(count));
    }
    std::printf(
        "  outside the hours: %d rings, %d conversations; twice %d; before a wait was over "
        "%d; without an end %d\n",
        calls.rings_outside, calls.answers_outside, calls.twice, calls.early, report.open_count);
    const int wrong = calls.rings_outside + calls.answers_outside + calls.twice + calls.early;
    return wrong + report.open_count == 0 ? 0 : 1;
}

}  // namespace wrapup
