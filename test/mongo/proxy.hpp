#pragma once

// A TCP proxy in front of the server that writes down every command on the wire and can be slow.

#include <bson/bson.h>
#include <poll.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "test/mongo/world.hpp"

namespace wrapup::test {

struct Command {
    std::string name;  // "find", "hello", …
    std::string json;
};

class Proxy {
public:
    explicit Proxy(std::uint16_t target) : target_(target) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        EXPECT_EQ(listen(listener_, 64), 0);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~Proxy() {
        is_stopping_ = true;
        acceptor_.join();
        for (std::thread& thread : relays_) thread.join();
        close(listener_);
    }
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    std::string uri() const { return "mongodb://127.0.0.1:" + std::to_string(port_); }
    void delay(milliseconds by) { delay_ms_ = by.count(); }
    // What comes instead of the answer to a `find`, to a hello, or to whatever is asked; empty: the
    // answer.
    using Damage = std::function<std::string(std::string)>;
    void damage_finds(Damage damage) { set_damage(std::move(damage), Damaged::finds); }
    void damage_hellos(Damage damage) { set_damage(std::move(damage), Damaged::hellos); }
    void damage_all(Damage damage) { set_damage(std::move(damage), Damaged::all); }

    std::vector<Command> commands() const {
        const std::scoped_lock lock{mutex_};
        return commands_;
    }
    std::size_t count(const std::string& name) const {
        std::size_t count = 0;
        for (const Command& command : commands()) {
            if (command.name == name) count += 1;
        }
        return count;
    }
    void forget() {
        const std::scoped_lock lock{mutex_};
        commands_.clear();
    }

private:
    static constexpr int tick_ms = 20;

    enum class Damaged { finds, hellos, all };

    void set_damage(Damage damage, Damaged damaged) {
        const std::scoped_lock lock{mutex_};
        damage_ = std::move(damage);
        damaged_ = damaged;
    }

    // `asked`: the command that it answers.
    std::string damaged(const std::string& answer, const std::string& asked) const {
        const std::scoped_lock lock{mutex_};
        const bool is_hello = asked == "legacy hello" || asked == "hello" || asked == "ismaster";
        const bool is_meant =
            damaged_ == Damaged::all || (damaged_ == Damaged::finds ? asked == "find" : is_hello);
        return damage_ && is_meant ? damage_(answer) : answer;
    }

    void accept_all() {
        while (!is_stopping_) {
            pollfd ready{listener_, POLLIN, 0};
            if (poll(&ready, 1, tick_ms) <= 0) continue;
            const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            relays_.emplace_back([this, client] { relay(client); });
        }
    }

    void relay(int client) {
        const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(target_);
        if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
            pump(client, server);
        }
        close(client);
        close(server);
    }

    void pump(int client, int server) {
        std::string requests;
        std::string answers;
        std::string asked;  // The last command.
        while (!is_stopping_) {
            pollfd ready[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
            if (poll(ready, 2, tick_ms) < 0) return;
            char bytes[65536];
            if (ready[0].revents != 0) {
                const ssize_t size = recv(client, bytes, sizeof bytes, 0);
                if (size <= 0) return;
                requests.append(bytes, static_cast<std::size_t>(size));
                while (const auto message = take_message(requests)) {
                    asked = write_down(*message);
                    std::this_thread::sleep_for(milliseconds{delay_ms_.load()});
                    if (!send_all(server, *message)) return;
                }
            }
            if (ready[1].revents != 0) {
                const ssize_t size = recv(server, bytes, sizeof bytes, 0);
                if (size <= 0) return;
                answers.append(bytes, static_cast<std::size_t>(size));
                while (const auto message = take_message(answers)) {
                    if (!send_all(client, damaged(*message, asked))) return;
                }
            }
        }
    }

    static bool send_all(int to, const std::string& bytes) {
        return send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }

    static std::int32_t int_at(const std::string& bytes, std::size_t offset) {
        std::int32_t value = 0;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }

    static std::optional<std::string> take_message(std::string& bytes) {
        if (bytes.size() < 16) return std::nullopt;
        const auto size = static_cast<std::size_t>(int_at(bytes, 0));
        if (bytes.size() < size) return std::nullopt;
        std::string message = bytes.substr(0, size);
        bytes.erase(0, size);
        return message;
    }

    // OP_MSG: header 16, flags 4, kind 1, then the command as BSON. OP_QUERY is only used for the
    // first hello.
    std::string write_down(const std::string& message) {
        constexpr std::int32_t op_msg = 2013;
        Command command{"legacy hello", ""};
        if (int_at(message, 12) == op_msg && message.size() > 25) {
            bson_t document;
            bson_iter_t iter;
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(message.data() + 21);
            const auto size = static_cast<std::size_t>(int_at(message, 21));
            if (bson_init_static(&document, bytes, size) && bson_iter_init(&iter, &document) &&
                bson_iter_next(&iter)) {
                command.name = bson_iter_key(&iter);
                char* json = bson_as_relaxed_extended_json(&document, nullptr);
                command.json = json;
                bson_free(json);
            }
        }
        const std::scoped_lock lock{mutex_};
        commands_.push_back(std::move(command));
        return commands_.back().name;
    }

    std::uint16_t target_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<std::int64_t> delay_ms_ = 0;
    Damage damage_;
    Damaged damaged_ = Damaged::finds;
    mutable std::mutex mutex_;
    std::vector<Command> commands_;
    std::thread acceptor_;
    std::vector<std::thread> relays_;
};

}  // namespace wrapup::test
