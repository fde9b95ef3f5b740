#pragma once

// Columns that tables were given later. Part of schema.cpp.

namespace wrapup::sqlite {

inline constexpr const char* step_contact_zones = R"sql(
ALTER TABLE contacts ADD COLUMN time_zone TEXT NOT NULL DEFAULT ''; -- an IANA name
)sql";

// Since when an opt-out waits for its call's number (CallRow).
inline constexpr const char* step_opt_outs = R"sql(
ALTER TABLE calls ADD COLUMN unlisted_opt_out_at_ms INTEGER;
)sql";

}  // namespace wrapup::sqlite
