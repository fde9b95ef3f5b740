#pragma once

// How many files this process may have open, and what of it senders may use.

#include <cstddef>

#include "http/server/limits.hpp"

namespace wrapup {

// Raises the soft limit of open files to the hard one. Returns what counts then.
std::size_t raise_file_limit();

// The server's limits where so many files may be open: its connections leave enough for the
// database, the CRM, Twilio, ElevenLabs and MongoDB.
ServerLimits server_limits_within(std::size_t files_max);

}  // namespace wrapup
