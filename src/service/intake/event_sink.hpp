#pragma once

#include "domain/event.hpp"
#include "ports/store.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Where intake hands events in.
class EventSink {
public:
    virtual ~EventSink() = default;
    // The event is durable when this returns a value (P1). An error means that nobody knows whether
    // it is: answer 503, and let the sender repeat it, which is safe. From any thread.
    virtual Task<Result<Appended>> append(NewEvent event) = 0;
};

}  // namespace wrapup
