#pragma once

// What callers of the API send: queries and JSON bodies, to values. Total: any bytes give a value
// or the field to blame. Names are taken in snake_case and in camelCase.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/time_zone.hpp"
#include "domain/metadata.hpp"
#include "ports/check_time_zone.hpp"
#include "ports/read_phone.hpp"
#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"

namespace wrapup {

struct BadInput {
    std::string field;   // Empty when it is the whole.
    std::string detail;  // Never quotes the value.

    bool operator==(const BadInput&) const = default;
};

template <class T>
using Parsed = std::variant<T, BadInput>;

// GET /api/calls: state, status, campaign, phone, call_sid, conversation_id, after, before, cursor,
// limit.
// A phone number that cannot be read is looked for as it is written. `zone`, here and below: whose
// midnight a date without a time is.
Parsed<CallFilter> parse_call_filter(std::string_view query, const TimeZone& zone = {},
                                     const ReadPhone& read_phone = {});
// The same from a JSON object.
Parsed<CallFilter> parse_call_search(std::string_view body, const TimeZone& zone = {},
                                     const ReadPhone& read_phone = {});

// from, to: by default the day that ends now; at most 92 days.
Parsed<TimeSpan> parse_stats_query(std::string_view query, const TimeZone& zone, UtcTime now);

// A list in the order of its ids: limit, cursor.
struct ListQuery {
    std::string after;
    int limit = 50;
};
Parsed<ListQuery> parse_list_query(std::string_view query);
// The cursor behind `id`: opaque, and fit for a URL as it is.
std::string list_cursor(std::string_view id);

struct SendRequest {
    std::string any_id;  // CallSid or conversation id.
    SendWhen when = SendWhen::settled;
    SendAgain again = SendAgain::yes;
};
Parsed<SendRequest> parse_send_request(std::string_view json);  // call_sid, now, again
// token: what the dashboard signs in with.
Parsed<std::string> parse_session_request(std::string_view json);
// name, contact_name, campaign {id, name, description} or campaign_id, campaign_name,
// campaign_description, conversation_id, agent_id, to, answered_by. At least one.
Parsed<CallMetadata> parse_metadata(std::string_view json, const ReadPhone& read_phone = {});
Parsed<Campaign> parse_campaign(std::string_view json);  // id, name, description
// phone (or phone_number), and name, campaign (or campaign_id, campaign_name) or both.
Parsed<Contact> parse_contact(std::string_view json, const ReadPhone& read_phone = {},
                              const CheckTimeZone& check_zone = {});

// A date or RFC 3339, and an outcome as people spell it. Nothing: it is neither.
std::optional<UtcTime> parse_api_time(const std::string& text, const TimeZone& zone);
std::optional<Outcome> parse_api_outcome(std::string_view word);

// Of any header's value: nothing given, or JSON.
bool is_json_content_type(std::string_view content_type);

}  // namespace wrapup
