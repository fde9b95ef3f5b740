#pragma once

#include "core/settle/settle_answer.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

// What log and metrics say of an answer once it is stored.
struct SettleTale {
    SettleTale(const KnownCall& known, const SettleCall& answer, const EventLog& log);
    void tell(EventLog& log, Metrics& metrics) const;

    std::string call_id;
    bool is_fix = false;

private:
    struct Count {
        Counter counter;
        std::string_view label;
    };
    std::vector<Count> counts_;
    std::optional<LogLine> line_;
    bool has_strangers_ = false;
};

// That what ElevenLabs said was about another call.
void tell_strangers(EventLog& log, const std::string& call_id);

}  // namespace wrapup
