#pragma once

// What stands around the HTTP floor, as plainly as possible.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "service/call_actions.hpp"
#include "service/intake/event_sink.hpp"

namespace wrapup {

class HandClock final : public Clock {
public:
    UtcTime now() const override { return from_unix_ms(now_ms.load()); }
    Task<void> sleep_until(UtcTime, Alarm*) override { co_return; }
    void advance(milliseconds by) { now_ms += by.count(); }

    std::atomic<std::int64_t> now_ms{1'762'713'912'000};
};

class KeptLog final : public EventLog {
public:
    void write(const LogLine& line) override {
        std::string text(line.message);
        for (const auto& [name, value] : line.fields) text += " " + std::string(name) + "=" + value;
        const std::lock_guard lock(mutex_);
        lines_.push_back({line.tag, std::move(text)});
    }
    std::vector<std::pair<LogTag, std::string>> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<LogTag, std::string>> lines_;
};

class KeptMetrics final : public Metrics {
public:
    void count(Counter counter, std::string_view label) override {
        const std::lock_guard lock(mutex_);
        EXPECT_TRUE(is_known_label(counter, label)) << "not in known_labels(): " << label;
        if (counter == Counter::rejected) rejected_[std::string(label)] += 1;
    }
    void observe(Histogram, double) override {}
    int rejected(const std::string& label) {
        const std::lock_guard lock(mutex_);
        return rejected_[label];
    }

private:
    std::mutex mutex_;
    std::map<std::string, int> rejected_;
};

// Waits, on the loop's thread, until a test opens it.
struct Gate {
    std::atomic<bool> is_open{true};
    std::atomic<int> waiting_count{0};

    Task<void> pass() {
        waiting_count += 1;
        while (!is_open) {
            auto executor = co_await boost::asio::this_coro::executor;
            boost::asio::steady_timer timer(executor, milliseconds{2});
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        waiting_count -= 1;
    }
};

class KeptEvents final : public EventSink {
public:
    Task<Result<Appended>> append(NewEvent event) override {
        co_await gate.pass();
        if (is_broken) co_return Error{Errc::unavailable, "the disk is full"};
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        co_return Appended{};
    }
    std::vector<NewEvent> events() {
        const std::lock_guard lock(mutex_);
        return events_;
    }

    Gate gate;
    std::atomic<bool> is_broken{false};

private:
    std::mutex mutex_;
    std::vector<NewEvent> events_;
};

class KeptActions final : public CallActions {
public:
    Task<Result<SendNowAnswer>> send_now(std::string any_id, SendWhen given,
                                         SendAgain given_again) override {
        asked.push_back(std::move(any_id));
        when = given;
        again = given_again;
        co_return answer;
    }
    Task<Result<void>> put_metadata(std::string call_id, CallMetadata given) override {
        asked.push_back(std::move(call_id));
        metadata = std::move(given);
        co_return done;
    }
    Task<Result<void>> put_campaign(Campaign given) override {
        campaign = std::move(given);
        co_return done;
    }
    Task<Result<int>> park(std::string any_id) override {
        parked.push_back(std::move(any_id));
        if (!done) co_return done.error();
        co_return 1;
    }
    Task<Result<void>> put_contact(Contact given) override {
        contact = std::move(given);
        co_return done;
    }
    Task<Result<void>> put_do_not_call(std::vector<DoNotCall> given) override {
        do_not_call = std::move(given);
        co_return done;
    }
    Task<Result<void>> note(OperatorAction given) override {
        if (note_done) noted.push_back(std::move(given));
        co_return note_done;
    }
    Task<Result<void>> keep(KeptValue given) override {
        if (done) kept.push_back(std::move(given));
        co_return done;
    }
    Task<Result<void>> drop_do_not_call(std::string phone) override {
        dropped.push_back(std::move(phone));
        co_return done;
    }
    Task<Result<bool>> set_destination(std::string name, DestinationState state) override {
        if (name != "crm") co_return Error{Errc::not_found, "no such destination"};
        destination_state = state;
        if (!done) co_return done.error();
        co_return true;
    }

    std::vector<std::string> parked;
    std::vector<DoNotCall> do_not_call;
    std::vector<std::string> dropped;
    std::vector<KeptValue> kept;
    std::vector<OperatorAction> noted;
    Result<void> note_done;
    Result<SendNowAnswer> answer = SendNowAnswer{};
    Result<void> done;
    std::vector<std::string> asked;
    SendWhen when = SendWhen::settled;
    SendAgain again = SendAgain::yes;
    CallMetadata metadata;
    Campaign campaign;
    Contact contact;
    DestinationState destination_state = DestinationState::active;
};

// An event loop on a thread of its own.
class LoopThread {
public:
    void start() {
        thread_ = std::thread([this] { io.run(); });
    }
    // Runs a task there and waits until it is over.
    void run(Task<void> task) {
        boost::asio::co_spawn(io, std::move(task), boost::asio::use_future).get();
    }
    // The same for a value that belongs to the loop.
    template <class Ask>
    auto ask(Ask ask) {
        std::promise<decltype(ask())> answer;
        boost::asio::post(io, [&] { answer.set_value(ask()); });
        return answer.get_future().get();
    }
    ~LoopThread() {
        io.stop();
        if (thread_.joinable()) thread_.join();
    }
    void join() { thread_.join(); }

    boost::asio::io_context io{1};

private:
    std::thread thread_;
};

}  // namespace wrapup
