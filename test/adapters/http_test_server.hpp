#pragma once

// A scripted HTTP/1.1 server on loopback with real sockets: a thread per connection, because the
// faults that matter here (cut, hang, reset) are easiest to read as straight-line code.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace wrapup {

class HttpTestServer {
public:
    struct Seen {
        std::string method;
        std::string target;
        std::map<std::string, std::string> headers;  // Names in lower case.
        std::string body;
        int connection = 0;  // Counts from 0.
        int number = 0;      // Of all requests; counts from 0.

        std::string header(const std::string& name) const {
            const auto entry = headers.find(name);
            return entry == headers.end() ? "<absent>" : entry->second;
        }
    };
    struct Reply {
        std::string bytes;
        enum class Then { keep, cut, hang } then = Then::keep;
        milliseconds delay{};
        std::string afterwards = {};  // Written a little later, though nobody asked.
    };
    using Script = std::function<Reply(const Seen&)>;

    static Reply answer(int status, std::string_view body, std::string_view headers = {}) {
        std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Length: ";
        bytes += std::to_string(body.size()) + "\r\n";
        return {bytes.append(headers).append("\r\n").append(body), Reply::Then::keep};
    }
    static Reply cut(std::string bytes = {}) { return {std::move(bytes), Reply::Then::cut}; }
    static Reply hang(std::string bytes = {}) { return {std::move(bytes), Reply::Then::hang}; }

    explicit HttpTestServer(Script script, SSL_CTX* tls = nullptr)
        : script_(std::move(script)), tls_(tls), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        WRAPUP_ASSERT(bind(listener_, generic, size) == 0);
        WRAPUP_ASSERT(listen(listener_, 512) == 0);
        WRAPUP_ASSERT(getsockname(listener_, generic, &size) == 0);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    HttpTestServer(const HttpTestServer&) = delete;
    HttpTestServer& operator=(const HttpTestServer&) = delete;
    ~HttpTestServer() {
        is_stopping_ = true;
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        close(listener_);
        {
            const std::lock_guard lock(mutex_);
            for (const int socket : open_) shutdown(socket, SHUT_RDWR);
        }
        for (std::thread& thread : threads_) thread.join();
    }

    int port() const { return port_; }
    std::string url(std::string_view path) const {
        const std::string scheme = tls_ == nullptr ? "http" : "https";
        return scheme + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }
    std::vector<Seen> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    int connections_count() const { return connections_count_; }

private:
    // One side of a connection, with or without TLS.
    struct Stream {
        int socket;
        SSL* tls;

        std::size_t read(char* data, std::size_t size) const {
            const auto count = tls == nullptr ? recv(socket, data, size, 0)
                                              : SSL_read(tls, data, static_cast<int>(size));
            return count > 0 ? static_cast<std::size_t>(count) : 0;
        }
        bool write(std::string_view bytes) const {
            while (!bytes.empty()) {
                const auto count =
                    tls == nullptr ? ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                   : SSL_write(tls, bytes.data(), static_cast<int>(bytes.size()));
                if (count <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(count));
            }
            return true;
        }
    };

    void accept_all() {
        for (;;) {
            const int socket = accept(listener_, nullptr, nullptr);
            if (socket < 0) return;
            const int one = 1;
            setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            const std::lock_guard lock(mutex_);
            open_.push_back(socket);
            threads_.emplace_back([this, socket, number = connections_count_++] {
                serve(socket, number);
                const std::lock_guard inner(mutex_);
                std::erase(open_, socket);
                close(socket);
            });
        }
    }

    void serve(int socket, int connection) {
        const std::unique_ptr<SSL, decltype(&SSL_free)> tls{
            tls_ == nullptr ? nullptr : SSL_new(tls_), &SSL_free};
        if (tls) {
            SSL_set_fd(tls.get(), socket);
            if (SSL_accept(tls.get()) != 1) return;
        }
        const Stream stream{socket, tls.get()};
        std::string buffer;
        Seen seen;
        while (!is_stopping_ && read_request(stream, buffer, seen)) {
            seen.connection = connection;
            {
                const std::lock_guard lock(mutex_);
                seen.number = static_cast<int>(requests_.size());
                requests_.push_back(seen);
            }
            const Reply reply = script_(seen);
            std::this_thread::sleep_for(reply.delay);
            if (!stream.write(reply.bytes) || reply.then == Reply::Then::cut) return;
            if (!reply.afterwards.empty()) {
                std::this_thread::sleep_for(milliseconds{20});
                if (!stream.write(reply.afterwards)) return;
            }
            char byte = 0;
            if (reply.then == Reply::Then::hang) {
                (void)stream.read(&byte, 1);  // Until the client gives up.
                return;
            }
        }
    }

    static bool read_request(const Stream& stream, std::string& buffer, Seen& seen) {
        seen = Seen{};
        std::size_t head = std::string::npos;
        while ((head = buffer.find("\r\n\r\n")) == std::string::npos) {
            if (!read_more(stream, buffer)) return false;
        }
        read_head(std::string_view(buffer).substr(0, head), seen);
        buffer.erase(0, head + 4);
        const auto length =
            static_cast<std::size_t>(parse_int(seen.header("content-length")).value_or(0));
        while (buffer.size() < length) {
            if (!read_more(stream, buffer)) return false;
        }
        seen.body = buffer.substr(0, length);
        buffer.erase(0, length);
        return true;
    }

    static bool read_more(const Stream& stream, std::string& buffer) {
        char data[16'384];
        const std::size_t count = stream.read(data, sizeof data);
        buffer.append(data, count);
        return count > 0;
    }

    static void read_head(std::string_view head, Seen& seen) {
        const auto lines = split_list(head, '\n');
        const auto words = split_list(lines.at(0), ' ');
        seen.method = words.at(0);
        seen.target = words.at(1);
        for (std::size_t i = 1; i < lines.size(); ++i) {
            const std::size_t colon = lines[i].find(':');
            seen.headers[to_lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
        }
    }

    const Script script_;
    SSL_CTX* const tls_;
    const int listener_;
    int port_ = 0;
    std::atomic<bool> is_stopping_{false};
    std::atomic<int> connections_count_{0};
    mutable std::mutex mutex_;
    std::vector<Seen> requests_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace wrapup
