#pragma once

// What a person asks of replays: used by the API and so by the command line.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/replay.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct ReplayPreview {
    std::int64_t count = 0;             // Deliveries; with is_earlier calls.
    std::vector<std::string> call_ids;  // Of the first ten, each once.
    std::string token;                  // Says what was counted: begins the job.
    ReplayObstacles left_out;           // Not counted.
};

// From any thread.
class ReplayActions {
public:
    virtual ~ReplayActions() = default;
    // Counts what the order concerns, and changes nothing. invalid_input: a destination that no
    // settings name, or that is disabled. conflict: it is to give its records to another, and is
    // neither gone nor removed.
    virtual Task<Result<ReplayPreview>> preview(ReplayOrder order) = 0;
    // Begins the job that was previewed; of one token there is one job. invalid_input as above, or
    // this is no token; conflict: the token is of another order, or more is found now than the
    // preview said.
    virtual Task<Result<ReplayJob>> start(ReplayOrder order, std::string token,
                                          std::string reason) = 0;
    virtual Task<Result<ReplayJob>> find(std::int64_t id) = 0;    // not_found
    virtual Task<Result<ReplayJob>> cancel(std::int64_t id) = 0;  // not_found
    virtual Task<Result<std::vector<ReplayJob>>> list() = 0;      // The last fifty, newest first.
};

}  // namespace wrapup
