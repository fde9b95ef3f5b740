#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/curl/handle.hpp"
#include "ports/http_transport.hpp"
#include "ports/resumption.hpp"

namespace wrapup {

// The sockets of connections that are kept, by their local address: where bytes or an end came that
// nobody asked for, the connection carries no further request. What is left of one answer would be
// taken for the next one.
class KeptSockets {
public:
    // Of the connection that this handle has just used, unless it was closed.
    void note(CURL* easy);
    // Asked once for each use. False also of what is not known.
    bool take_soiled(const char* local_ip, int local_port);

private:
    std::unordered_map<std::string, curl_socket_t> sockets_;
};

// A handle with everything set that is the same for every request.
EasyHandle make_easy_handle(const std::string& proxy, const std::string& ca_file);

// One request on its way through libcurl, and the judgement of how it ended. Belongs to the worker
// from submit() until it is completed.
class Exchange {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Exchange(HttpRequest request, bool has_proxy);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // False: the request must not be sent at all, and the answer says why.
    bool is_sendable() const { return is_sendable_; }
    HttpAnswer take_answer() { return std::move(answer_); }

    // For the worker.
    void submit(Resumption caller, SteadyTime now);
    const std::string& lane() const { return request_.lane; }
    std::size_t lane_places() const { return request_.lane_places; }
    // The name that has to be looked up first; empty: the proxy's.
    const std::string& looked_up() const { return looked_up_; }
    // Its time ran out before an address was known.
    bool is_still_looking_up(CURLcode code) const {
        return code == CURLE_OPERATION_TIMEDOUT && !has_begun_ && !was_allowed_ && !was_refused_;
    }
    bool is_late(SteadyTime now) const { return now >= submitted_at_ + request_.total_timeout; }
    void start(CURL* easy, SteadyTime now, KeptSockets& kept);
    // Nothing was sent, because the kept connection was soiled: to be started once more.
    bool must_start_anew() const { return is_soiled_ && !is_anew_; }
    void end(CURL* easy, CURLcode code, SteadyTime now);
    void fail_unsent(std::string_view error, SteadyTime now);
    // Whoever waits for the answer. The exchange may be gone as soon as it is resumed.
    Resumption take_caller() { return std::move(caller_); }

private:
    bool accept_target();
    bool make_headers();
    void set_method(CURL* easy) const;
    bool may_connect(const curl_sockaddr& address);
    int begin(const char* remote_ip, const char* local_ip, int local_port);
    std::size_t read_header(std::string_view line);
    std::size_t read_body(std::string_view piece);
    HttpAnswer::Kind judge(CURLcode code) const;
    std::string error_text(CURL* easy, CURLcode code) const;

    static curl_socket_t on_open_socket(void* self, curlsocktype purpose,
                                        curl_sockaddr* address) noexcept;
    static int on_begin(void* self, char* remote_ip, char* local_ip, int remote_port,
                        int local_port) noexcept;
    static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                                 void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept;
    friend EasyHandle make_easy_handle(const std::string& proxy, const std::string& ca_file);

    HttpRequest request_;
    HttpAnswer answer_;
    std::string looked_up_;
    HeaderList headers_;
    Resumption caller_;
    KeptSockets* kept_ = nullptr;  // The worker's.
    SteadyTime submitted_at_{};
    std::size_t header_bytes_ = 0;
    std::size_t dropped_bytes_ = 0;
    int status_ = 0;
    bool has_proxy_ = false;
    bool is_repeatable_ = false;  // GET and HEAD: asking twice changes nothing.
    bool is_sendable_ = false;
    bool has_begun_ = false;  // From here on the peer may have seen the request.
    bool has_head_ = false;   // The final status and all its headers are in.
    bool is_too_large_ = false;
    bool was_refused_ = false;  // An address was refused,
    bool was_allowed_ = false;  // and one was not.
    bool is_soiled_ = false;    // See must_start_anew().
    bool is_anew_ = false;      // On a connection of its own.
};

}  // namespace wrapup
