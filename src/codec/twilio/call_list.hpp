#pragma once

// A page of Twilio's list of calls. Source: Twilio's OpenAPI description, ListCallResponse.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/observation.hpp"

namespace wrapup {

struct CallListEntry {
    TwilioCall call;
    std::string payload;  // The resource as JSON, for the event.
};
struct CallList {
    std::vector<CallListEntry> calls;
    std::string next_page_uri;          // As sent; empty at the end.
    std::int64_t unreadable_count = 0;  // Entries without a usable sid.
};

// invalid_input: not JSON, or no list in it.
Result<CallList> parse_call_list(std::string_view json);

// The path and query of the page that an answer names next. It is followed on the host that was
// asked and on no other: credentials go with it. `base_url`: scheme, host, port, maybe a path.
// invalid_input: it is on another host, or no page at all.
Result<std::string> next_page_path(std::string_view base_url, std::string_view next_page_uri);

}  // namespace wrapup
