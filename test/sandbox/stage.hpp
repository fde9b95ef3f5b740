#pragma once

// A sandbox whose callbacks go to a server that keeps them, and a loop that runs both.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/curl/curl_transport.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/traffic.hpp"

namespace wrapup {

// A callback or webhook as it came in.
struct Received {
    std::string target;
    std::string body;
    std::string twilio_signature;
    std::string elevenlabs_signature;
};

class Stage {
public:
    Stage() : receiver_(io_.get_executor(), ServerLimits{}, clock_, log_, metrics_) {
        RouteSet routes;
        for (const char* path :
             {"/call-status-callback", "/amd-status-callback", "/webhooks/elevenlabs"}) {
            routes.add(Method::post, path, 1U << 20U,
                       [this](const Request& request) { return receive(request); });
        }
        const auto port = receiver_.listen({"127.0.0.1", 0}, std::move(routes));
        EXPECT_TRUE(port);
        receiver_.start();
        url = "http://127.0.0.1:" + std::to_string(port ? *port : 0);
        SandboxOptions options;
        options.target_url = url;
        sandbox.emplace(io_.get_executor(), transport, std::move(options));
        EXPECT_TRUE(sandbox->start());
    }

    // A call that takes a few milliseconds.
    CallPlan plan(Outcome outcome = Outcome::held) {
        CallPlan plan = traffic_.next(outcome);
        plan.status_callback = url + "/call-status-callback" + recommended_overrides;
        plan.amd_callback = url + "/amd-status-callback";
        plan.ring = milliseconds{20};
        plan.talk = milliseconds{40};
        return plan;
    }
    // Plays it to its end, its messages included.
    const PlayedCall& play(CallPlan plan) {
        const PlayedCall& call = sandbox->player().place(std::move(plan));
        run_until([&] { return sandbox->player().busy_count() == 0; });
        return call;
    }

    void run_until(const std::function<bool()>& is_done) {
        const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!is_done() && std::chrono::steady_clock::now() < give_up_at) {
            io_.run_one_for(std::chrono::milliseconds{50});
        }
        EXPECT_TRUE(is_done()) << "it did not happen within 20 s";
    }
    template <class T>
    T await(Task<T> task) {
        std::optional<T> result;
        boost::asio::co_spawn(io_, keep(std::move(task), result), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        run_until([&] { return result.has_value(); });
        return std::move(result).value();
    }
    HttpAnswer send(HttpRequest request) { return await(transport.send(std::move(request))); }

    std::vector<Received> to(std::string_view path) const {
        std::vector<Received> chosen;
        for (const Received& message : received) {
            if (message.target == path) chosen.push_back(message);
        }
        return chosen;
    }

    boost::asio::io_context io_{1};
    CurlTransport transport{{}};
    std::string url;
    std::optional<Sandbox> sandbox;
    std::vector<Received> received;
    std::vector<int> answers;  // The first are used up first; then 204.

private:
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& result) {
        result.emplace(co_await std::move(task));
    }

    Task<Response> receive(const Request& request) {
        received.push_back({std::string(request.target()), request.body(),
                            std::string(request.header("X-Twilio-Signature")),
                            std::string(request.header("ElevenLabs-Signature"))});
        Response response;
        response.status = 204;
        if (!answers.empty()) {
            response.status = answers.front();
            answers.erase(answers.begin());
        }
        co_return response;
    }

    AsioClock clock_;
    QuietLog log_;
    QuietMetrics metrics_;
    Server receiver_;
    Traffic traffic_{TrafficOptions{}};
};

}  // namespace wrapup
