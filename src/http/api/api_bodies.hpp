#pragma once

// What the API answers, as JSON. Names are snake_case; times are RFC 3339 or null; what is not
// known is null.

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/facts.hpp"
#include "domain/rate_limit.hpp"
#include "http/api/destination_pauses.hpp"
#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"

namespace wrapup {

// {"calls":[call…],"next_cursor":text or null}
std::string render_call_page(const CallPage& page);

// {"deliveries":[delivery…],"next_cursor":text or null}
std::string render_delivery_page(DeliveryPage page,
                                 const std::vector<DestinationRow>& destinations);
// {"failures":[group…],"more"}
std::string render_failures(const FailureList& list);

// Of a destination by name: whether its rate lets no more begin now.
using RateWaits = std::function<std::optional<RateWait>(std::string_view)>;

// {"call":call with metadata,"why":sentence,"record":object or null,"facts":…,"events":[…],
//  "deliveries":[… with attempts]}
std::string render_story(const CallStory& story, const std::vector<DestinationRow>& destinations,
                         UtcTime now, const RateWaits& rate_wait = {});

// {"contacts":[…],"next_cursor":…}; a list as long as the limit has a next page.
std::string render_contacts(const std::vector<Contact>& contacts, int limit);
std::string render_campaign(const Campaign& campaign);
std::string render_contact(const Contact& contact);

// {"destinations":[{"name","kind","state","since","paused_by","reason","breaker",
// "breaker_since","retry_at","pending","parked","earlier"}]}:
// the configured ones, then those that were removed and are known.
std::string render_destinations(const std::vector<std::string>& configured,
                                const std::vector<DestinationRow>& rows,
                                const DestinationPauses& pauses, const StoreCounts& counts,
                                const std::function<int(std::string_view)>& places,
                                const std::function<std::int64_t(std::string_view)>& earlier);

// {"success","message","details":{"payload","status","elapsed_ms","answer","again",
// "destinations":[…]}}. With a status of 400 and more it is a problem document (RFC 9457) at the
// same time.
std::string render_send_answer(const SendNowAnswer& answer, int http_status);
// The same members for a problem document that says something else, which is otherwise kept.
std::string add_send_members(std::string_view problem);

// {"already_there","not_wanted","destination_lost"}
boost::json::object json_of(const ReplayObstacles& obstacles);
// {"count","left_out":obstacles,"calls":[call…],"token"}
std::string render_replay_preview(std::int64_t count, const ReplayObstacles& left_out,
                                  const std::vector<Call>& calls, const std::string& token);

// When the call is looked at again, or its record is tried again: not before the next probe where
// a breaker is open, nor while the destination is paused. Nothing when neither is due.
std::optional<UtcTime> next_due_at(const CallStory& story,
                                   const std::vector<DestinationRow>& destinations);

}  // namespace wrapup
