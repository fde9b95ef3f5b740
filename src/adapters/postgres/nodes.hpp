#pragma once

// The tables of the nodes that share a database (docs/formats/postgresql.md). All within the
// caller's transaction, by the database's clock.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres/handle.hpp"
#include "domain/operations.hpp"
#include "ports/fleet.hpp"

namespace wrapup::postgres {

// Who this process is, to the others.
struct NodeIdentity {
    std::string id;  // Of its data folder; empty: it is no node, and takes no part.
    std::string host;
    std::int64_t pid = 0;
    std::string version;
    std::string settings{};  // As to_text() has its digests, and where it sends to.
};

// What a start hands out.
struct NodeNumber {
    std::int64_t now = 0;
    std::int64_t before = 0;  // Of the same data folder's earlier process; 0: there was none.
};

// conflict: another machine was heard under this id a moment ago, so the data folder is a copy.
NodeNumber register_node(Connection& connection, const NodeIdentity& node);

struct Duty {
    std::string name;
    std::int64_t epoch = 0;
};
// False: another process has the node's id. Until that has stopped, or clear_up() forgets it.
bool note_seen(Connection& connection, std::int64_t number, const NodeIdentity& node,
               const NodeHolds& holds, UtcTime now);
std::vector<Duty> take_duties(Connection& connection, std::int64_t number);
std::vector<NodeRow> list_nodes(Connection& connection, std::string_view this_id);
// Ends sessions that have waited for 10 s, in the middle of a pipeline, for a client that was
// paused or whose machine is away: the server itself never does. Returns how many.
int end_stalled_sessions(Connection& connection);
// How large the tables are whose rows are written anew with each commit.
std::int64_t bytes_of_counts(Connection& connection);
void leave(Connection& connection, std::int64_t number);

// What `op` needs a duty for, beside whoever asks for it; empty: nothing.
std::string_view duty_of(const StoreOp& op);
// Whether it is ours in this very transaction, whose end then nobody else's taking it precedes.
bool has_duty(Connection& connection, std::int64_t number, const Duty& duty);

// Work of nodes that have gone, or were not heard of for a minute, falls to the others: what they
// held when its lease has run out.
void clear_up(Connection& connection, UtcTime now);
// Work of one of them, whatever its lease.
void void_leases_of(Connection& connection, std::int64_t number, UtcTime now);

// The clock was set by so much: what nodes left of themselves ends when it would have.
void move_times(Connection& connection, milliseconds by);

void put_changes(Connection& connection, std::int64_t number,
                 const std::vector<CallChange>& changes);
// By others, since `place`, which moves on; empty: from now on. A change that was made before one
// that is told here, and committed after it, is told later: none is left out.
std::vector<CallChange> take_changes(Connection& connection, std::int64_t number,
                                     std::string& place);

}  // namespace wrapup::postgres
