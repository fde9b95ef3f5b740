#pragma once

// What there is to know of a server before anything is kept in it. Changes nothing.

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/postgres/timeline.hpp"
#include "base/result.hpp"
#include "domain/setting_digests.hpp"

namespace wrapup::postgres {

struct Survey {
    std::string version;  // As the server tells it: 15.18
    std::string database;
    std::int64_t timeline = 0;
    std::string standby_names;  // synchronous_standby_names; empty: commits wait for none.
    bool has_fsync = true;
    std::int64_t steps_made = 0;  // Of the schema; 0: it is not there.
    std::int64_t steps_known = 0;
    std::string may_not_create;  // Why a start could not make them; empty: it could.
    struct Node {
        std::string name;         // host:pid
        SettingDigests settings;  // Empty: not known.
    };
    std::vector<Node> nodes;  // Heard of within the time that a duty is kept for.
    std::string moved_away;   // That the state is elsewhere by now, and where; empty: it is here.
};

// Of the hosts in the URL the primary of today, as a start takes it: none before `newest` on its
// history. Errors: those of Connection::open.
Result<Survey> survey(const std::string& url, const Timeline& newest = {});

}  // namespace wrapup::postgres
