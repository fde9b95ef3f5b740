#pragma once

// Keeps from libmongoc what it ends the process over: it trusts that a server's answer is well
// formed and of the kind that was asked for, in look-ups and in its own monitoring alike.

#include <cstdint>
#include <string_view>

#include "adapters/mongo/handle.hpp"

namespace wrapup::mongo {

// A whole message of the wire protocol, of one of the two kinds that answer us, in which every
// document, however deep it lies, has the length that it says, and the few members that libmongoc
// relies on are of their kind.
bool is_sound_answer(std::string_view message);

// Which answers one connection may take: the one to the question written last, then those that it
// says are to come, where the question allowed that (as the monitoring does, of a replica set).
class Exchange {
public:
    static constexpr std::size_t head_bytes = 20;  // Of a message: its header and its flags.

    void ask(std::string_view head);
    // Sound, and the next to be taken.
    bool take(std::string_view answer);

private:
    bool is_awaited_ = false;
    bool may_more_come_ = false;
    std::uint32_t asked_id_ = 0;
    std::uint32_t answer_opcode_ = 0;
};

// Takes `stream` over. A read of an answer that may not be taken fails, as if the connection was
// lost, and so does whatever is tried after that.
mongoc_stream_t* checked(mongoc_stream_t* stream);

// Since the process began, of all connections.
std::uint64_t unsound_answers_count();

}  // namespace wrapup::mongo
