#pragma once

// Keeps from libmongoc what it ends the process over: it asserts that a server's answer is well
// formed, in look-ups and in its own monitoring alike.

#include <cstdint>
#include <string_view>

#include "adapters/mongo/handle.hpp"

namespace wrapup::mongo {

// A whole message of the wire protocol, of one of the two kinds that answer us, in which every
// document, however deep it lies, has the length that it says.
bool is_sound_answer(std::string_view message);

// Takes `stream` over. A read of an answer that is not sound fails, as if the connection was lost.
mongoc_stream_t* checked(mongoc_stream_t* stream);

// Since the process began, of all connections.
std::uint64_t unsound_answers_count();

}  // namespace wrapup::mongo
