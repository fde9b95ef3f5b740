#include "app/demo/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <ostream>
#include <random>

#include "adapters/curl/curl_transport.hpp"
#include "app/demo/child_server.hpp"
#include "app/demo/demo_account.hpp"
#include "app/demo/demo_folder.hpp"
#include "app/demo/demo_narrator.hpp"
#include "app/demo/demo_steps.hpp"
#include "app/program/exit_codes.hpp"
#include "base/hex.hpp"
#include "base/json_string.hpp"
#include "http/server/message.hpp"
#include "sandbox/calls/vendor_json.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/twilio/call_order.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace {

constexpr milliseconds ready_patience{30'000};
constexpr milliseconds ready_interval{25};
// How long the server is away after the kill. Twilio's retries cover a few seconds.
constexpr milliseconds killed_time{900};
// After the last call: for retries, and summaries that never come.
constexpr milliseconds end_patience{90'000};
constexpr milliseconds stop_patience{11'000};
constexpr milliseconds status_interval{100};
constexpr int post_attempts_max = 200;
constexpr std::size_t tail_lines = 12;
// For who looks at the dashboard afterwards: calls that can be followed by eye, and things to find.
constexpr milliseconds kept_interval{3'000};
constexpr int kept_speed = 20;
// More than can be under way, fewer than there are numbers.
constexpr std::size_t kept_calls_max = 200;
// Denser than the service's own, so that a minute shows what else takes hours.
constexpr const char* retry_schedule = "500ms,1s,1s,2s,2s,3s,3s,5s,5s,10s,10s,10s";

std::string make_token() {
    std::random_device device;
    std::string bytes;
    for (int i = 0; i < 24; ++i) bytes += static_cast<char>(device() & 0xffU);
    return to_hex(bytes);
}

// Another CallSid.
std::string next_sid(std::string sid) {
    constexpr std::string_view digits = "0123456789abcdef";
    sid.back() = digits[(digits.find(sid.back()) + 1) % digits.size()];
    return sid;
}

class Demo {
public:
    Demo(const DemoOptions& options, const fs::path& program, std::ostream& out,
         const DemoLook& look, std::uint16_t port)
        : options_(options),
          screen_(out, look),
          url_("http://127.0.0.1:" + std::to_string(port)),
          script_(write_demo_script(options, url_)),
          sandbox_(io_.get_executor(), transport_, sandbox_options(url_)),
          narrator_(screen_, sandbox_, script_.speed, script_.calls.size()),
          program_(program),
          port_(port) {
        sandbox_.on_order([this](const CallOrder& order) -> const PlayedCall& {
            return sandbox_.player().place(plan_for(order));
        });
    }

    int run();

private:
    static SandboxOptions sandbox_options(const std::string& url) {
        SandboxOptions options;
        options.target_url = url;
        options.crm_latency = milliseconds{5};
        return options;
    }

    Task<void> conduct();
    Task<bool> start_server();
    Task<bool> post_campaigns();
    Task<void> place(const CallPlan* plan);
    Task<void> go_on_calling();
    CallPlan plan_for(const CallOrder& order) const;
    Task<void> act(DemoMoment moment);
    Task<void> forge_callback();
    Task<void> kill_server();
    Task<void> wait_for_the_end();
    Task<void> show_status();
    void show_account();

    void hear_child(const std::string& line);
    Task<int> call_api(std::string method, std::string target, std::string body, std::string key);
    // POST. `key`: makes a repeated request the same one; empty: it needs none.
    Task<bool> post(std::string target, std::string body, std::string key);
    Task<void> sleep(milliseconds duration);
    Task<void> sleep_until(milliseconds after);
    ChildSettings child_settings() const;
    void fail(std::string_view what);

    DemoOptions options_;
    DemoScreen screen_;
    std::string url_;
    std::string token_ = make_token();
    DemoFolder folder_{"wrapup-demo"};
    DemoScript script_;
    asio::io_context io_{1};
    CurlTransport transport_{{}};
    Sandbox sandbox_;
    DemoNarrator narrator_;
    fs::path program_;
    std::uint16_t port_;
    std::unique_ptr<ChildServer> child_;
    std::deque<std::string> tail_;  // What the child said last.
    std::deque<CallPlan> kept_;     // The last calls after the account.
    std::size_t forged_count_ = 0;
    bool is_up_ = false;
    bool was_interrupted_ = false;
    int code_ = exit_failed;
};

ChildSettings Demo::child_settings() const {
    ChildSettings settings;
    settings.program = program_;
    settings.folder = folder_.path();
    settings.environment = sandbox_.environment();
    const auto set = [&](const char* name, std::string value) {
        settings.environment.emplace_back(name, std::move(value));
    };
    set("WRAPUP_LISTEN", "127.0.0.1:" + std::to_string(port_));
    set("WRAPUP_DATA_DIR", (folder_.path() / "data").string());
    set("WRAPUP_API_TOKEN", token_);
    set("WRAPUP_RETRY_SCHEDULE", retry_schedule);
    // An hour's calls in a minute.
    set("WRAPUP_CALLS_PER_SECOND", "50");
    set("WRAPUP_CALLS_MAX", "300");
    return settings;
}

int Demo::run() {
    if (folder_.path().empty()) {
        fail("no folder for temporary files: is TMPDIR writable?");
        return exit_unusable;
    }
    if (const auto started = sandbox_.start(); !started) {
        fail(started.error().detail);
        return exit_unusable;
    }
    child_ = std::make_unique<ChildServer>(io_.get_executor(), child_settings(),
                                           [this](const std::string& line) { hear_child(line); });
    asio::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        was_interrupted_ = !narrator_.is_over();
        io_.stop();
    });
    spawn_root(io_.get_executor(), conduct());
    io_.run();
    screen_.clear_status();
    if (was_interrupted_) fail("stopped before its end");
    child_->stop(stop_patience);
    transport_.stop();
    return code_;
}

Task<void> Demo::conduct() {
    screen_.print(render_introduction(options_, screen_.look()));
    const bool is_ready = co_await start_server();
    bool is_prepared = false;
    if (is_ready) is_prepared = co_await post_campaigns();
    if (!is_prepared) {
        io_.stop();
        co_return;
    }
    if (options_.keeps_running) screen_.print(render_dashboard(url_, token_, screen_.look()));
    screen_.print(render_heading(screen_.look()));
    narrator_.begin(sandbox_.clock().now());
    spawn_root(io_.get_executor(), show_status());
    for (const DemoMoment& moment : script_.moments) spawn_root(io_.get_executor(), act(moment));
    for (const DemoCall& call : script_.calls) {
        co_await sleep_until(call.starts_after);
        spawn_root(io_.get_executor(), place(&call.plan));
    }
    co_await wait_for_the_end();
    show_account();
}

void Demo::show_account() {
    narrator_.end();
    screen_.clear_status();
    const DemoAccount account = make_account(sandbox_.book(), sandbox_.crm().ledger());
    screen_.print("\n" + render_account(account, forged_count_, screen_.look()) + "\n");
    const bool is_complete = account.ended_count == script_.calls.size();
    if (!is_complete) fail("not every call could be played");
    code_ = account.is_right() && is_complete ? exit_ok : exit_failed;
    screen_.print(render_next_steps(program_, screen_.look()));
    if (!options_.keeps_running) {
        io_.stop();
        return;
    }
    screen_.print(render_kept(url_, token_, screen_.look()));
    spawn_root(io_.get_executor(), go_on_calling());
}

// ---- The server ----

Task<bool> Demo::start_server() {
    const auto started = child_->start();
    if (!started) {
        fail(started.error().detail);
        co_return false;
    }
    const UtcTime give_up_at = sandbox_.clock().now() + ready_patience;
    while (sandbox_.clock().now() < give_up_at) {
        std::string method = "GET";
        std::string target = "/readyz";
        const int status =
            co_await call_api(std::move(method), std::move(target), std::string(), std::string());
        is_up_ = status == 200;
        narrator_.set_up(is_up_);
        if (is_up_) co_return true;
        if (!child_->is_running()) break;
        co_await sleep(ready_interval);
    }
    // What it said last is on its way through the pipe.
    co_await sleep(ready_interval);
    fail("the server did not start");
    for (const std::string& line : tail_) screen_.print("  " + terminal_text(line));
    co_return false;
}

Task<void> Demo::kill_server() {
    screen_.remark("kill -9 of wrapup, with calls under way. Twilio's callbacks find nobody.",
                   Paint::red);
    is_up_ = false;
    narrator_.set_up(false);
    const std::size_t filed_before = sandbox_.crm().ledger().filed_count();
    child_->kill();
    co_await sleep(killed_time);
    const UtcTime restarted_at = sandbox_.clock().now();
    const bool is_ready = co_await start_server();
    if (!is_ready) {
        io_.stop();
        co_return;
    }
    const milliseconds took = sandbox_.clock().now() - restarted_at;
    screen_.remark(
        fmt::format("wrapup is back, ready after {}. {} records are in the CRM; what was "
                    "open goes on from disk.",
                    format_delay(took), filed_before),
        Paint::green);
}

void Demo::hear_child(const std::string& line) {
    tail_.push_back(line);
    if (tail_.size() > tail_lines) tail_.pop_front();
    if (options_.is_verbose) {
        screen_.print(screen_.paint("  | " + terminal_text(line), Paint::dim));
    }
}

Task<int> Demo::call_api(std::string method, std::string target, std::string body,
                         std::string key) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = url_ + target;
    request.headers = {{"Authorization", "Bearer " + token_}};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (!key.empty()) request.headers.emplace_back("Idempotency-Key", std::move(key));
    request.body = std::move(body);
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    co_return answer.kind == HttpAnswer::Kind::answered ? answer.status : 0;
}

// As a program that tries again while the server is away.
Task<bool> Demo::post(std::string target, std::string body, std::string key) {
    for (int i = 0; i < post_attempts_max; ++i) {
        std::string method = "POST";
        std::string target_copy = target;
        std::string body_copy = body;
        std::string key_copy = key;
        const int status = co_await call_api(std::move(method), std::move(target_copy),
                                             std::move(body_copy), std::move(key_copy));
        if (status >= 200 && status < 300) co_return true;
        if (status >= 400 && status < 500) break;
        co_await sleep(status_interval);
    }
    fail("the API did not take " + target);
    co_return false;
}

Task<void> Demo::show_status() {
    while (!narrator_.is_over()) {
        screen_.set_status(narrator_.status_text());
        co_await sleep(status_interval);
    }
}

// ---- The calls ----

Task<bool> Demo::post_campaigns() {
    for (const Campaign& campaign : Traffic::campaigns()) {
        std::string target = "/api/campaigns";
        std::string body = R"({"id":)" + json_quoted(campaign.id) + R"(,"name":)" +
                           json_quoted(campaign.name) + R"(,"description":)" +
                           json_quoted(campaign.description) + "}";
        const bool is_posted = co_await post(std::move(target), std::move(body), std::string());
        if (!is_posted) co_return false;
    }
    co_return true;
}

// What a program does that wants somebody called: wrapup asks Twilio, and Twilio makes the call.
Task<void> Demo::place(const CallPlan* plan) {
    std::string target = "/api/calls";
    std::string body = R"({"to":)" + json_quoted(plan->to) + R"(,"name":)" +
                       json_quoted(plan->name) + R"(,"campaign_id":)" +
                       json_quoted(plan->campaign_id) + "}";
    std::string key = "demo-" + plan->sid;
    (void)co_await post(std::move(target), std::move(body), std::move(key));
}

// Until Ctrl-C. Now and then the CRM is away for a moment, or refuses a record for good.
Task<void> Demo::go_on_calling() {
    TrafficOptions traffic_options;
    traffic_options.seed = 8;
    traffic_options.server_url = url_;
    traffic_options.speed = kept_speed;
    traffic_options.delay_max = milliseconds{40};
    traffic_options.processing = milliseconds{800};
    Traffic traffic(traffic_options);
    for (int i = 1;; ++i) {
        if (i % 10 == 0) sandbox_.crm().set_fault({CrmFault::Kind::status, 503, std::nullopt}, 3);
        if (i % 25 == 5) sandbox_.crm().set_fault({CrmFault::Kind::status, 422, std::nullopt}, 1);
        kept_.push_back(traffic.next());
        if (kept_.size() > kept_calls_max) kept_.pop_front();
        co_await place(&kept_.back());
        co_await sleep(kept_interval);
    }
}

// What becomes of the call that Twilio was asked for.
CallPlan Demo::plan_for(const CallOrder& order) const {
    const auto kept = std::ranges::find(kept_, order.to, &CallPlan::to);
    const auto is_meant = [&](const DemoCall& call) { return call.plan.to == order.to; };
    const auto found = std::ranges::find_if(script_.calls, is_meant);
    WRAPUP_ASSERT(kept != kept_.end() || found != script_.calls.end());
    CallPlan plan = kept != kept_.end() ? *kept : found->plan;
    // Asked for twice, there are two calls, and the account says so.
    while (sandbox_.book().find(plan.sid) != nullptr) plan.sid = next_sid(plan.sid);
    follow_order(plan, order);
    return plan;
}

Task<void> Demo::act(DemoMoment moment) {
    co_await sleep_until(moment.after);
    CrmPeer& crm = sandbox_.crm();
    switch (moment.incident) {
        case DemoIncident::forged_callback: co_await forge_callback(); break;
        case DemoIncident::outage_begins:
            screen_.remark("The CRM is down: it answers 503.", Paint::red);
            crm.set_fault({CrmFault::Kind::status, 503, std::nullopt});
            break;
        case DemoIncident::outage_ends:
            crm.clear_fault();
            screen_.remark(
                fmt::format("The CRM is back. {} attempts were refused; each is repeated "
                            "with the same key.",
                            narrator_.refused_count()),
                Paint::green);
            break;
        case DemoIncident::lost_answer:
            crm.set_fault({CrmFault::Kind::accept_then_cut, 0, std::nullopt}, 1);
            break;
        case DemoIncident::kill: co_await kill_server(); break;
    }
}

Task<void> Demo::forge_callback() {
    const PlayedCall* victim = nullptr;
    for (const PlayedCall& call : sandbox_.book().calls()) victim = &call;
    if (victim == nullptr) co_return;
    const std::string& account_sid = sandbox_.options().account_sid;
    Form form = render_status(*victim, account_sid, CallStatus::failed, 9, sandbox_.clock().now());
    std::string url = url_ + "/call-status-callback";
    std::string token = "what a forger guesses";
    const SendResult result =
        co_await sandbox_.sender().send_twilio(std::move(url), std::move(form), std::move(token));
    if (result.status == 403) forged_count_ += 1;
    screen_.remark(
        fmt::format("Somebody forges a callback: {}'s call failed, it says. {}.", victim->plan.name,
                    result.status == 403 ? "Refused with 403" : "It was not refused"),
        result.status == 403 ? Paint::yellow : Paint::red);
}

Task<void> Demo::wait_for_the_end() {
    const Sandbox& sandbox = sandbox_;
    const UtcTime give_up_at = sandbox_.clock().now() + end_patience;
    const milliseconds last_moment = script_.moments.back().after;
    co_await sleep_until(last_moment + killed_time);
    while (sandbox_.clock().now() < give_up_at) {
        const bool is_quiet = sandbox.book().calls().size() >= script_.calls.size() && is_up_ &&
                              sandbox_.player().busy_count() == 0;
        const bool is_filed = sandbox_.crm().ledger().filed_count() >= sandbox.book().ended_count();
        if (is_quiet && is_filed) break;
        co_await sleep(status_interval);
    }
    // For a record too many, if there is one.
    co_await sleep(milliseconds{700});
}

void Demo::fail(std::string_view what) {
    screen_.print(screen_.paint("wrapup demo: " + std::string(what), Paint::red));
}

Task<void> Demo::sleep(milliseconds duration) {
    const UtcTime due_at = sandbox_.clock().now() + duration;
    co_await sandbox_.clock().sleep_until(due_at);
}

Task<void> Demo::sleep_until(milliseconds after) {
    const UtcTime due_at = narrator_.started_at() + after;
    co_await sandbox_.clock().sleep_until(due_at);
}

}  // namespace

int run_demo(const DemoOptions& options, const fs::path& program, std::ostream& out,
             const DemoLook& look) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto port = find_free_port();
    if (!port) {
        out << "wrapup demo: " << port.error().detail << std::endl;
        return exit_unusable;
    }
    return Demo(options, program, out, look, *port).run();
}

}  // namespace wrapup
