#pragma once

// Looks every ten seconds, and when somebody asks, for what a person should know, and posts it to
// WRAPUP_ALERT_URL, if there is one. What is told, and when it has ended, is decided in
// core/watch/alert_book. A URL that hangs delays nothing.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/watch/alert_book.hpp"
#include "core/watch/event_rhythm.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/http_transport.hpp"
#include "ports/intent_store.hpp"
#include "ports/reconciliation_store.hpp"
#include "ports/store_queries.hpp"
#include "service/alerts/alert_ears.hpp"
#include "service/commit/group_commit.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

struct DiskSpace {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

// What a destination last answered, as far as it tells whether it takes our records at all.
struct CrmAnswered {
    std::string destination;
    // One that only a person can mend (401, 403, 404 …); 0: another one; nothing: none was heard.
    std::optional<int> refusal;
};

struct AlertSettings {
    std::string url;  // Empty: told in the log and by holding() alone.
    bool allows_private_targets = false;
    std::string data_folder = {};  // Whose disk it is.
};

// The text of one alert as JSON: `text`, which Slack and what is compatible with it show, and
// `alert`, `state` (firing, resolved), `since`, `next`. No personal data.
std::string render_alert(const Alert& alert);
HttpRequest alert_request(const Alert& alert, const AlertSettings& settings);

class AlertWatch {
public:
    struct Ports {
        Clock& clock;
        CallQueries& store;
        BlockingPool& reads;
        HttpTransport& transport;
        const AlertEars& ears;
        EventLog& log;
        // Of the disk that the store is on; nothing when it cannot be told. May block.
        std::function<std::optional<DiskSpace>()> disk;
        // Further conditions, from whoever knows of some. May block.
        std::function<std::vector<AlertCondition>()> more;
        // The same, asked on our executor. Nothing: it is not known yet.
        std::function<std::optional<std::vector<AlertCondition>>()> here = {};
        // Where is remembered what was told, over a restart; null: nowhere.
        ReconciliationStore* kept = nullptr;
        GroupCommit* commits = nullptr;
        // Of each destination that something is sent to, asked on our executor.
        std::function<std::vector<CrmAnswered>()> crm = {};
        IntentQueries* lists = nullptr;  // Of campaigns; null: there are none.
    };
    AlertWatch(Ports ports, AlertSettings settings)
        : ports_(std::move(ports)), settings_(std::move(settings)) {}

    // Until stop(), all on one executor. Alerts that are on their way when it stops are left.
    Task<void> run();
    void stop();

    // What held at the last look. From any thread.
    std::vector<AlertCondition> holding() const;
    // Looks again first; for a second at most, then what held at the last look has to do.
    Task<std::vector<AlertCondition>> look_now();

private:
    struct Seen {
        std::optional<StoreCounts> counts;
        std::vector<DestinationRow> destinations;
        std::vector<DialList> paused_lists;
        std::optional<DiskSpace> disk;
        std::vector<AlertCondition> more;
    };
    Task<void> look();
    Task<void> look_for_all();
    Seen see();
    Task<void> recall();
    Task<void> remember();
    Task<void> remember_changes();
    // Of its deliveries, by the last look at the store.
    DestinationCounts left_for(const std::string& destination) const;
    void add_crm_refusals(std::vector<AlertCondition>& holding, UtcTime now);
    void add_credentials(std::vector<AlertCondition>& holding, UtcTime now);
    void hold_on(std::vector<AlertCondition>& holding, std::string_view key, UtcTime now);
    std::vector<AlertCondition> conditions_of(Seen seen, UtcTime now);
    void add_refusals(std::vector<AlertCondition>& holding, UtcTime now);
    void add_silence(std::vector<AlertCondition>& holding, UtcTime now);
    Task<void> post_queue();
    Task<void> post(Alert alert);
    void tell_not_posted(const Alert& alert, std::string_view why);

    Ports ports_;
    AlertSettings settings_;
    AlertBook book_;
    std::set<std::string> heard_ended_;  // At the last look: without the minute's wait.
    EventRhythm rhythm_;
    UtcTime began_at_{};
    std::string kept_alerts_;
    UtcTime rhythm_kept_at_{};
    bool is_remembering_ = false;
    std::int64_t events_seen_ = 0;
    std::deque<std::pair<UtcTime, std::int64_t>> refused_;  // Counts of the last minutes.
    std::vector<AlertCondition> last_of_store_;             // While it cannot be read.
    StoreCounts last_counts_;                               // The same.
    std::deque<Alert> queue_;
    bool is_posting_ = false;
    bool is_stopping_ = false;
    mutable std::mutex holding_mutex_;
    std::vector<AlertCondition> holding_;
    std::vector<std::shared_ptr<Alarm>> asking_;  // Of those who wait for a look that is to begin.
    Alarm alarm_;
    Alarm post_alarm_;
};

}  // namespace wrapup
