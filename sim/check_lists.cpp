#include "sim/check_lists.hpp"

#include <algorithm>

#include "core/placing/list_plan.hpp"

namespace wrapup {
namespace {

constexpr int rows_max = 1'000;

class ListChecker {
public:
    ListChecker(MemoryStore& store, const SimDialler& dialler, const TrueList& truth,
                SimReport& report)
        : store_(store), dialler_(dialler), truth_(truth), report_(report) {}

    void check() {
        const auto list = store_.find_dial_list(truth_.settings.id);
        if (!list && truth_.numbers().empty()) return;  // It came when its window was over.
        if (!list) return fail("", "a list that was asked for is not there");
        ListRowFilter filter;
        filter.list_id = truth_.settings.id;
        filter.limit = rows_max;
        const auto page = store_.list_rows(filter);
        WRAPUP_ASSERT(page.has_value() && page->next_cursor.empty());
        std::set<std::string> numbers;
        std::map<std::string, std::int64_t> counts;
        for (const ListRow& row : page->rows) {
            numbers.insert(row.to);
            counts[counted_as(row)] += 1;
            if (row.attempts_count > 0) counts["attempts"] += row.attempts_count;
            const std::int64_t refused = check_row(*list, row);
            if (refused > 0) counts["refused"] += refused;
        }
        if (numbers != truth_.numbers()) fail("", "its rows are not what was asked for");
        if (numbers.size() != page->rows.size()) fail("", "a number stands in it twice");
        if (counts != list->counts) fail("", "its counts are not those of its rows");
        report_.list_rows_count += static_cast<int>(page->rows.size());
    }

private:
    // How many of its attempts were refused as every call would have been.
    std::int64_t check_row(const DialList& list, const ListRow& row) {
        const bool is_given_up =
            list.state == DialListState::cancelled && row.state == ListRowState::waiting;
        if (row.state != ListRowState::done && !is_given_up) fail(row.to, "it has not ended");
        std::vector<Intent> attempts = attempts_of(row);
        check_attempts(list, row, attempts);
        int talks_count = 0;
        for (const Intent& intent : attempts) talks_count += dialler_.talks_count(intent.id);
        if (talks_count > 1) fail(row.to, "somebody was talked to twice");
        report_.list_attempts_count += static_cast<int>(row.attempts_count);
        return std::ranges::count_if(attempts, concerns_every_call);
    }

    std::vector<Intent> attempts_of(const ListRow& row) {
        IntentFilter filter;
        filter.list_id = row.list_id;
        filter.to = row.to;
        filter.limit = rows_max;
        auto page = store_.list_intents(filter);
        WRAPUP_ASSERT(page.has_value() && page->next_cursor.empty());
        std::ranges::reverse(page->intents);
        return std::move(page->intents);
    }

    // Each attempt but the last ended in a way that may be followed by another one.
    void check_attempts(const DialList& list, const ListRow& row,
                        const std::vector<Intent>& attempts) {
        std::int64_t asked_count = 0;
        std::map<std::string, std::int64_t> ended;
        for (const Intent& intent : attempts) {
            if (intent.asks_count > 0) asked_count += 1;
            if (&intent != &attempts.back()) {
                ended[concerns_every_call(intent) ? "every" : outcome_of(intent)] += 1;
            }
        }
        if (asked_count != row.attempts_count) fail(row.to, "its attempts are not its intents");
        if (ended["busy"] > std::ssize(list.retry_busy)) fail(row.to, "busy, and called again");
        if (ended["no_answer"] > std::ssize(list.retry_no_answer)) {
            fail(row.to, "no answer, and called again");
        }
        for (const auto& [outcome, count] : ended) {
            const bool may_follow = outcome == "busy" || outcome == "no_answer" ||
                                    outcome == "expired" || outcome == "every";
            if (count > 0 && !may_follow) fail(row.to, outcome + ", and called again");
        }
        // A retry may not have been made: for a guard, or because its list was over.
        const bool is_without = row.outcome == "do_not_call" || row.outcome == "already_open" ||
                                row.outcome == "expired";
        const bool has_end = row.state == ListRowState::done && !attempts.empty();
        if (has_end && !is_without && row.outcome != outcome_of(attempts.back())) {
            fail(row.to, row.outcome + ", and its last attempt " + outcome_of(attempts.back()));
        }
    }

    void fail(std::string_view to, std::string_view what) {
        report_.violations.push_back("list " + truth_.settings.id + " " + std::string(to) + ": " +
                                     std::string(what));
    }

    MemoryStore& store_;
    const SimDialler& dialler_;
    const TrueList& truth_;
    SimReport& report_;
};

}  // namespace

void check_lists(const Truth& truth, MemoryStore& store, const SimDialler& dialler,
                 SimReport& report) {
    for (const TrueList& list : truth.placing.lists) {
        ListChecker(store, dialler, list, report).check();
    }
}

}  // namespace wrapup
