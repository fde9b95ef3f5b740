#pragma once

// A CRM on loopback, with faults down to the connection: for these it speaks HTTP/1.1 on its own
// sockets instead of through src/http, which always answers.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "ports/clock.hpp"
#include "sandbox/crm/crm_ledger.hpp"

namespace wrapup {

struct CrmFault {
    enum class Kind {
        status,           // Answers that status, files nothing.
        hang,             // Reads the request and never answers.
        accept_then_cut,  // Files the record and closes without an answer.
        cut,              // Closes without an answer, files nothing.
    };
    Kind kind = Kind::status;
    int status = 503;
    std::optional<seconds> retry_after;
};

struct CrmPeerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;   // 0: any that is free.
    milliseconds latency{};   // Before each answer.
    std::string signing_key;  // Raw; empty: signatures are not looked at.
};

// What happened to one request.
struct CrmEvent {
    enum class Kind { filed, repeated, refused, hung, cut, filed_and_cut };
    Kind kind = Kind::filed;
    int status = 0;  // Of the answer; 0: none.
    const CrmRecord& record;
};

class CrmPeer {
public:
    static constexpr int until_cleared = -1;

    CrmPeer(boost::asio::any_io_executor executor, CrmPeerOptions options, const Clock& clock);
    ~CrmPeer();
    CrmPeer(const CrmPeer&) = delete;
    CrmPeer& operator=(const CrmPeer&) = delete;

    // Binds and begins to answer. unavailable: names the address.
    Result<void> start();
    // Takes no more connections and closes all there are.
    void stop();

    std::uint16_t port() const;
    std::string url() const;
    const CrmLedger& ledger() const;

    // The next `count` requests. Replaces the fault before.
    void set_fault(CrmFault fault, int count = until_cleared);
    void clear_fault();
    void set_latency(milliseconds latency);
    // Called for each request, when its answer is decided.
    void on_event(std::function<void(const CrmEvent&)> listener);

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace wrapup
