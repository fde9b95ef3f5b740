#include "http/api/destination_pauses.hpp"

#include <set>

namespace wrapup {
namespace {

// While a destination is paused everybody who looks asks for this.
constexpr int pages_max = 4;
constexpr int page_size = 500;

}  // namespace

DestinationPauses find_pauses(StoreQueries& store, const std::vector<DestinationRow>& rows) {
    DestinationPauses pauses;
    std::set<std::string, std::less<>> open;  // Of which older actions still tell.
    for (const DestinationRow& row : rows) {
        if (row.state == DestinationState::paused) open.insert(row.name);
    }
    std::int64_t before_id = 0;
    for (int page = 0; page < pages_max && !open.empty(); ++page) {
        const auto found = store.list_actions(before_id, page_size);
        if (!found) break;
        for (const OperatorAction& action : found->actions) {
            before_id = action.id;
            const bool is_pause = action.act == OperatorAct::destination_paused;
            const bool is_end = action.act == OperatorAct::destination_resumed;
            const bool is_of_one = (is_pause || is_end) && open.contains(action.subject);
            if (!is_of_one || !action.refused.empty()) continue;
            // One who paused it once more, and said nothing, takes no reason away.
            if (is_pause) pauses[action.subject] = {action.who, action.reason};
            if (is_end || !action.reason.empty()) open.erase(action.subject);
        }
        if (!found->has_more) break;
    }
    return pauses;
}

}  // namespace wrapup
