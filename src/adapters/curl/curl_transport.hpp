#pragma once

#include <memory>
#include <string>

#include "ports/http_transport.hpp"

namespace wrapup {

struct CurlOptions {
    std::string proxy;    // Empty: none; the environment's proxy variables never count.
    std::string ca_file;  // Empty: the system's certificates.
    // Requests beyond this many wait their turn, within their own total time-out.
    std::size_t connections_max = 320;  // All couriers (256), Twilio (32), and whoever asks.
};

// libcurl's multi interface on a thread of its own. HTTP/1.1, so that losing one connection leaves
// the outcome of one request unknown and not of many. Must be destroyed before the executors of
// those who wait for an answer.
class CurlTransport final : public HttpTransport {
public:
    explicit CurlTransport(CurlOptions options);
    ~CurlTransport() override;

    // From any thread; resumes on the caller's executor.
    Task<HttpAnswer> send(HttpRequest request) override;

    // Gives up what is under way (answered as not_sent or unknown) and answers everything later as
    // not_sent. Returns when the thread has ended. May be called again.
    void stop();

private:
    class Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace wrapup
