// `wrapup doctor --test-alert`: one alert that says it is a test.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/clock/asio_clock.hpp"
#include "adapters/curl/curl_transport.hpp"
#include "app/doctor/doctor.hpp"
#include "service/alerts/alert_watch.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

namespace asio = boost::asio;
using Level = Finding::Level;

Task<void> post(HttpTransport& transport, HttpRequest request, HttpAnswer& answer,
                asio::io_context& io) {
    answer = co_await transport.send(std::move(request));
    io.stop();
}

}  // namespace

Finding test_alert(const Settings& settings) {
    if (settings.alert_url.empty()) {
        return {Level::broken, "no test alert was posted: WRAPUP_ALERT_URL is not set",
                "set it to where alerts are to go"};
    }
    asio::io_context io;
    const auto guard = asio::make_work_guard(io);
    HttpAnswer answer;
    {
        CurlTransport transport({.proxy = settings.http_proxy, .ca_file = {}});
        Alert alert;
        alert.key = "test";
        alert.text = "this is a test of WRAPUP_ALERT_URL; nothing is wrong";
        alert.since = AsioClock().now();
        HttpRequest request =
            alert_request(alert, {settings.alert_url, settings.allows_private_targets});
        spawn_root(io.get_executor(), post(transport, std::move(request), answer, io));
        io.run();
    }
    if (answer.kind == HttpAnswer::Kind::answered && answer.status / 100 == 2) {
        return {Level::good, "a test alert was accepted with " + std::to_string(answer.status), ""};
    }
    if (answer.kind == HttpAnswer::Kind::answered) {
        return {Level::broken, "the test alert was answered with " + std::to_string(answer.status),
                "see that WRAPUP_ALERT_URL is the address that the receiver gave"};
    }
    if (answer.kind == HttpAnswer::Kind::blocked) {
        return {Level::broken, "WRAPUP_ALERT_URL is at a private address, which is refused",
                "set WRAPUP_ALLOW_PRIVATE_TARGETS=true if it is meant to be there"};
    }
    return {Level::broken, "the test alert could not be posted: " + answer.error,
            "see that WRAPUP_ALERT_URL is right and that this machine may connect to it"};
}

}  // namespace wrapup
