#pragma once

#include <mongoc/mongoc.h>

#include "adapters/mongo/checked_stream.hpp"
#include "base/result.hpp"

namespace wrapup::mongo {

// The one place where libmongoc's failures become ours. The text is chosen here and never taken
// over: the driver's may quote addresses, users and documents.
//   unavailable    no connection, no sound answer within the socket's time, no suitable server
//   unauthorized   the log-in was refused
//   timeout        the server answers, but gave this read up after maxTimeMS
//   invalid_input  the server refuses this read (a role without `find`, for example)
//   corrupt        what came back is no valid answer
// A connection over which an unsound answer came since there were `unsound_before` of them looks to
// the driver like one that was lost.
Error to_error(const bson_error_t& error, std::uint64_t unsound_before = unsound_answers_count());

// Whether the whole source is away, and not only this read: asking again at once is pointless.
bool is_source_away(const Error& error);

}  // namespace wrapup::mongo
