#pragma once

#include "domain/event.hpp"
#include "ports/store.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Where intake hands events in.
class EventSink {
public:
    virtual ~EventSink() = default;
    // The event is durable when this returns a value (P1). Any error means: answer 503.
    virtual Task<Result<Appended>> append(NewEvent event) = 0;
};

}  // namespace wrapup
