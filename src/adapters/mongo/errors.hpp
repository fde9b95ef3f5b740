#pragma once

#include <mongoc/mongoc.h>

#include "base/result.hpp"

namespace wrapup::mongo {

// The one place where libmongoc's failures become ours. The text is chosen here and never taken
// over: the driver's may quote addresses, users and documents.
//   unavailable    no connection, no answer within the socket's time, no suitable server
//   unauthorized   the log-in was refused
//   timeout        the server answers, but gave this read up after maxTimeMS
//   invalid_input  the server refuses this read (a role without `find`, for example)
//   corrupt        what came back is no valid answer
Error to_error(const bson_error_t& error);

// Whether the whole source is away, and not only this read: asking again at once is pointless.
bool is_source_away(const Error& error);

}  // namespace wrapup::mongo
