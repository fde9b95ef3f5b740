#pragma once

// What alerts remember over a restart, as text.

#include <string>
#include <string_view>

#include "core/watch/alert_book.hpp"
#include "core/watch/event_rhythm.hpp"

namespace wrapup {

std::string encode_alerts(const AlertBook::Entries& entries);
std::string encode_rhythm(const EventRhythm::Kept& kept);

// What cannot be read is left out: then it is told once more, or learned anew.
AlertBook::Entries decode_alerts(std::string_view text);
EventRhythm decode_rhythm(std::string_view text);

}  // namespace wrapup
