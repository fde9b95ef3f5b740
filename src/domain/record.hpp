#pragma once

// The record: the seven fields that the CRM receives.

#include <cstdint>
#include <string>

#include "domain/outcome.hpp"

namespace wrapup {

struct Record {
    std::string subject;
    std::string to;
    std::string name;
    std::string summary;
    Outcome status = Outcome::no_connection;
    std::int64_t duration_s = 0;

    bool operator==(const Record&) const = default;
};

// The JSON text, keys in their fixed order, no spaces: the same record is the same bytes on every
// machine. Bytes that are not UTF-8 become U+FFFD.
std::string render_record(const Record& record);

// Standard Webhooks `webhook-id` of a call's record: stable per call, without a '.'.
std::string webhook_id_of(std::string_view call_id);

}  // namespace wrapup
