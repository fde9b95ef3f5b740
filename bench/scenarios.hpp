#pragma once

// What is measured, each in a server of its own. Results are JSON objects whose numbers carry their
// unit in the name.

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>

namespace wrapup::bench {

struct Plan {
    std::filesystem::path binary;
    std::filesystem::path data_dir;  // On the disk that is to be measured.
    bool is_quick = false;
    std::filesystem::path against;  // Of measure_turns: takes turns with `binary`.
    std::filesystem::path store;    // Of measure_turns: both start on a copy of this data folder.
    std::uint64_t fill_count = 0;
    std::size_t connections = 64;  // Of measure_turns.
};

// What the disk does without us: the time of a small append with fdatasync.
boost::json::object measure_disk(const Plan& plan);
// Durable acknowledgements per second beside GET /healthz on the same server, from our own client,
// which costs next to nothing, or from Node's, which costs what senders cost.
enum class Sender { ours, node };
boost::json::object measure_acknowledgements(const Plan& plan, Sender sender,
                                             bool is_delivery_enabled);
// From callbacks to records at the CRM, as fast as it goes.
boost::json::object measure_records(const Plan& plan);
// From a callback to its record at the CRM, at 100 calls per second.
boost::json::object measure_delay(const Plan& plan);
// Memory of a server with nothing to do, and how soon it is ready.
boost::json::object measure_idle(const Plan& plan);
// How fast, and in how much memory, a backlog leaves.
boost::json::object measure_backlog(const Plan& plan);
// What a call costs with many calls stored.
boost::json::object measure_stored(const Plan& plan);
// Puts `fill_count` delivered calls into `store`.
boost::json::object fill(const Plan& plan);
// The same flood for two programs in turn: CPU per record and rates of both, and their ratio.
boost::json::object measure_turns(const Plan& plan);

// Records per second with the dialler's MongoDB, without it, and what single findOnes on the same
// server give; then acknowledgements while MongoDB stands still.
boost::json::object measure_mongodb(const Plan& plan);
// Rates, CPU and WAL on SQLite and on PostgreSQL, with one to three processes, beside a bare loop
// of inserts; then with many calls stored and under a held snapshot.
boost::json::object measure_postgres(const Plan& plan);

}  // namespace wrapup::bench
