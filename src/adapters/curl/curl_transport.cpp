#include "adapters/curl/curl_transport.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/curl/exchange.hpp"
#include "base/assert.hpp"

namespace wrapup {
namespace {

using SteadyTime = Exchange::SteadyTime;

// Nothing happens by itself when nothing is under way; a submission wakes the thread.
constexpr int idle_ms = 10'000;
// A name whose lookup took longer than its request could wait is asked for so often: each lookup is
// a thread of libcurl's, which goes on until the name server's silence has lasted long enough.
constexpr std::chrono::seconds silent_for{1};
// How late a waiting request may learn that its time is up.
constexpr int waiting_ms = 50;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

void start_libcurl_once() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    WRAPUP_ASSERT(started == CURLE_OK);
}

}  // namespace

class CurlTransport::Worker {
public:
    explicit Worker(CurlOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {
        WRAPUP_ASSERT(multi_ != nullptr && options_.connections_max > 0);
        curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                          static_cast<long>(options_.connections_max));
        thread_ = std::thread([this] { run(); });
    }

    bool has_proxy() const { return !options_.proxy.empty(); }

    void submit(Exchange& exchange) {
        bool must_wake = false;
        {
            const std::lock_guard lock(mutex_);
            if (!is_stopping_) {
                must_wake = submitted_.empty();  // One wake-up serves all that follow it.
                submitted_.push_back(&exchange);
            } else {
                exchange.fail_unsent("stopping", steady_now());
                exchange.take_caller().post();
            }
        }
        if (must_wake) curl_multi_wakeup(multi_.get());
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        curl_multi_wakeup(multi_.get());
        const std::lock_guard lock(join_mutex_);
        if (thread_.joinable()) thread_.join();
    }

private:
    void run();
    // Those that wait for a place, in one order, and how many have one.
    struct Line {
        std::deque<Exchange*> waiting;
        std::size_t busy_count = 0;
    };

    bool take_submitted();
    bool is_anybody_waiting() const;
    void start_waiting();
    void start_waiting(Line& line, std::size_t places);
    bool may_look_up(const Exchange& exchange, SteadyTime now);
    void note_lookup(const Exchange& exchange, CURLcode code);
    void start(Exchange& exchange, EasyHandle easy);
    Line& line_of(const Exchange& exchange);
    EasyHandle take_handle();
    bool collect_finished();
    void retire(CURL* easy, CURLcode code);
    void expire_waiting(Line& line, SteadyTime now);
    void give_up_all();

    const CurlOptions options_;
    const MultiHandle multi_;

    std::mutex mutex_;
    std::vector<Exchange*> submitted_;
    bool is_stopping_ = false;

    // The thread's own.
    Line unbounded_;
    std::map<std::string, Line> lanes_;
    std::vector<EasyHandle> free_;
    std::unordered_map<CURL*, std::pair<EasyHandle, Exchange*>> busy_;
    KeptSockets kept_;
    std::map<std::string, SteadyTime> silent_names_;  // And when one of them may be asked for.
    bool is_ending_ = false;
    SteadyTime expired_at_{};

    std::mutex join_mutex_;
    std::thread thread_;
};

void CurlTransport::Worker::run() {
    // Signals are for the main thread, and OpenSSL's writes must not raise SIGPIPE here.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);

    while (take_submitted()) {
        start_waiting();
        int running_count = 0;
        curl_multi_perform(multi_.get(), &running_count);
        const bool has_room = collect_finished();
        const bool is_waiting = is_anybody_waiting();
        if (has_room && is_waiting) continue;
        curl_multi_poll(multi_.get(), nullptr, 0, is_waiting ? waiting_ms : idle_ms, nullptr);
    }
    give_up_all();
}

bool CurlTransport::Worker::take_submitted() {
    const std::lock_guard lock(mutex_);
    for (Exchange* const exchange : submitted_) line_of(*exchange).waiting.push_back(exchange);
    submitted_.clear();
    return !is_stopping_;
}

bool CurlTransport::Worker::is_anybody_waiting() const {
    return !unbounded_.waiting.empty() ||
           std::ranges::any_of(lanes_, [](const auto& one) { return !one.second.waiting.empty(); });
}

void CurlTransport::Worker::start_waiting() {
    for (auto& [name, lane] : lanes_) {
        if (!lane.waiting.empty()) start_waiting(lane, lane.waiting.front()->lane_places());
    }
    start_waiting(unbounded_, options_.connections_max);
    if (!is_anybody_waiting()) return;
    const SteadyTime now = steady_now();
    if (now - expired_at_ < milliseconds{waiting_ms}) return;
    expired_at_ = now;
    expire_waiting(unbounded_, now);
    for (auto& [name, lane] : lanes_) expire_waiting(lane, now);
}

void CurlTransport::Worker::start_waiting(Line& line, std::size_t places) {
    while (!line.waiting.empty() && line.busy_count < places &&
           busy_.size() < options_.connections_max) {
        Exchange* const exchange = line.waiting.front();
        line.waiting.pop_front();
        line.busy_count += 1;
        start(*exchange, take_handle());
    }
}

CurlTransport::Worker::Line& CurlTransport::Worker::line_of(const Exchange& exchange) {
    return exchange.lane().empty() ? unbounded_ : lanes_[exchange.lane()];
}

EasyHandle CurlTransport::Worker::take_handle() {
    if (free_.empty()) return make_easy_handle(options_.proxy, options_.ca_file);
    EasyHandle easy = std::move(free_.back());
    free_.pop_back();
    return easy;
}

void CurlTransport::Worker::start(Exchange& exchange, EasyHandle easy) {
    const SteadyTime now = steady_now();
    if (!may_look_up(exchange, now)) {
        exchange.fail_unsent("the name server does not answer", now);
        line_of(exchange).busy_count -= 1;
        exchange.take_caller().post();
        if (easy) free_.push_back(std::move(easy));
        return;
    }
    if (easy) exchange.start(easy.get(), now, kept_);
    if (!easy || curl_multi_add_handle(multi_.get(), easy.get()) != CURLM_OK) {
        exchange.fail_unsent("out of memory", now);
        line_of(exchange).busy_count -= 1;
        exchange.take_caller().post();
        return;
    }
    CURL* const key = easy.get();
    busy_.emplace(key, std::pair{std::move(easy), &exchange});
}

bool CurlTransport::Worker::may_look_up(const Exchange& exchange, SteadyTime now) {
    const auto found = silent_names_.find(exchange.looked_up());
    if (found == silent_names_.end()) return true;
    if (now < found->second) return false;
    found->second = now + silent_for;
    return true;
}

void CurlTransport::Worker::note_lookup(const Exchange& exchange, CURLcode code) {
    if (exchange.is_still_looking_up(code)) {
        silent_names_[exchange.looked_up()] = steady_now() + silent_for;
    } else if (!silent_names_.empty()) {
        silent_names_.erase(exchange.looked_up());
    }
}

// Whether a place became free.
bool CurlTransport::Worker::collect_finished() {
    bool has_some = false;
    int left_count = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left_count)) {
        if (message->msg != CURLMSG_DONE) continue;
        has_some = true;
        retire(message->easy_handle, message->data.result);
    }
    return has_some;
}

void CurlTransport::Worker::retire(CURL* easy, CURLcode code) {
    const auto entry = busy_.find(easy);
    WRAPUP_ASSERT(entry != busy_.end());
    Exchange& exchange = *entry->second.second;
    if (code == CURLE_OK) kept_.note(easy);
    note_lookup(exchange, code);
    curl_multi_remove_handle(multi_.get(), easy);
    EasyHandle handle = std::move(entry->second.first);
    busy_.erase(entry);
    if (exchange.must_start_anew() && !is_ending_) {
        start(exchange, std::move(handle));
        return;
    }
    exchange.end(easy, code, steady_now());
    line_of(exchange).busy_count -= 1;
    free_.push_back(std::move(handle));
    exchange.take_caller().post();
}

void CurlTransport::Worker::expire_waiting(Line& line, SteadyTime now) {
    std::deque<Exchange*> in_time;
    for (Exchange* const exchange : line.waiting) {
        if (!exchange->is_late(now)) {
            in_time.push_back(exchange);
            continue;
        }
        exchange->fail_unsent("no connection became free in time", now);
        exchange->take_caller().post();
    }
    line.waiting = std::move(in_time);
}

void CurlTransport::Worker::give_up_all() {
    is_ending_ = true;
    while (!busy_.empty()) retire(busy_.begin()->first, CURLE_ABORTED_BY_CALLBACK);
    const auto give_up = [](Line& line) {
        for (Exchange* const exchange : line.waiting) {
            exchange->fail_unsent("stopping", steady_now());
            exchange->take_caller().post();
        }
        line.waiting.clear();
    };
    give_up(unbounded_);
    for (auto& [name, lane] : lanes_) give_up(lane);
}

CurlTransport::CurlTransport(CurlOptions options) {
    start_libcurl_once();
    worker_ = std::make_unique<Worker>(std::move(options));
}

CurlTransport::~CurlTransport() { stop(); }

void CurlTransport::stop() { worker_->stop(); }

Task<HttpAnswer> CurlTransport::send(HttpRequest request) {
    Exchange exchange(std::move(request), worker_->has_proxy());
    if (!exchange.is_sendable()) co_return exchange.take_answer();

    const auto start = [this, &exchange](Resumption caller) {
        exchange.submit(std::move(caller), steady_now());
        worker_->submit(exchange);
    };
    co_await until_resumed(start);
    co_return exchange.take_answer();
}

}  // namespace wrapup
