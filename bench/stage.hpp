#pragma once

// A server, a CRM and calls to send: what every scenario plays on.

#include <cstdint>
#include <memory>
#include <string_view>

#include "bench/crm_sink.hpp"
#include "bench/load_client.hpp"
#include "bench/scenarios.hpp"
#include "bench/server_process.hpp"

namespace wrapup::bench {

class Stage {
public:
    // `settings` are further ones of the server, NAME=value.
    Stage(const Plan& plan, bool is_delivery_enabled, std::vector<std::string> settings = {});

    ServerProcess& server() { return *server_; }
    CrmSink& crm() { return crm_; }
    const std::filesystem::path& folder() const { return folder_.path(); }

    // Starts the server (again) on the same folder; stop() comes before what only works without.
    void start();
    void stop() { server_.reset(); }

    // Sends callbacks of new calls that end busy. With a duration, as many as it takes.
    LoadResult send_calls(std::size_t connections, std::size_t count, double duration_s = 0,
                          double rate = 0);
    // The same by bench/node_client.mjs, which costs what a sender of the usual kind costs.
    LoadResult send_calls_by_node(std::size_t connections, std::size_t count, double duration_s);
    LoadResult send_healthz_by_node(std::size_t connections, double duration_s);
    LoadResult send_healthz(std::size_t connections, double duration_s);
    // Until every call that was acknowledged has its record at the CRM.
    void settle_down();
    // Numbers of calls that were never used: the next one, and a leap over some.
    std::uint64_t next_number() const { return next_number_; }
    void skip_numbers(std::uint64_t count) { next_number_ += count; }

private:
    std::vector<std::string> take_callbacks(std::size_t count);
    LoadResult counted(LoadResult result);

    Plan plan_;
    bool is_delivery_enabled_;
    std::vector<std::string> settings_;
    TemporaryFolder folder_;
    CrmSink crm_;
    std::unique_ptr<ServerProcess> server_;
    std::uint64_t next_number_ = 1;
    std::uint64_t sent_count_ = 0;
};

}  // namespace wrapup::bench
