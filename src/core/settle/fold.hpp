#pragma once

#include <span>

#include "domain/event.hpp"
#include "domain/facts.hpp"

namespace wrapup {

// What the events of one call add up to. The same set of events gives the same facts, whatever
// their order and however often each is repeated (P3). No events are no facts. It cannot fail: what
// senders say against each other is decided by the orders in docs/settling.md.
Facts fold(std::span<const ObservedEvent> events);

}  // namespace wrapup
