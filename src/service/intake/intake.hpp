#pragma once

#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "service/commit/group_commit.hpp"
#include "service/intake/event_sink.hpp"
#include "service/tasks/log_pace.hpp"

namespace wrapup {

// Makes events durable and tells the log what each one changed. From any thread.
class Intake final : public EventSink {
public:
    Intake(GroupCommit& commits, const Clock& clock, EventLog& log, Metrics& metrics);
    Task<Result<Appended>> append(NewEvent event) override;

private:
    void tell_stored(EventKind kind, const Appended& appended, const std::string& masked);
    void tell_refused(EventKind kind, const Error& error);

    GroupCommit& commits_;
    const Clock& clock_;
    EventLog& log_;
    Metrics& metrics_;
    LogPace pace_;
};

// The log tag of an event's path.
LogTag tag_of(EventKind kind);

}  // namespace wrapup
