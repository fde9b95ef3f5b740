#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <ostream>

#include "adapters/clock/asio_clock.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/config/setting_values.hpp"
#include "app/program/version.hpp"
#include "http/server/server.hpp"
#include "http/web/web_routes.hpp"
#include "sandbox/quiet.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr const char* notes =
    R"(Serves the dashboard's pages in every state there is (empty, loading, refused,
one, many, hostile text) with canned answers that lie in the page itself: no
store, no settings, no API.

Examples:
  wrapup storybook
  wrapup storybook --listen 127.0.0.1:9000)";

int run_storybook(const std::string& listen, Console& console) {
    if (storybook_assets().empty()) {
        return unusable(console,
                        "this build has no storybook: Node.js was not there when it was built");
    }
    const auto address = parse_listen_address(listen);
    if (!address) return unusable(console, "--listen " + address.error().detail);
    std::signal(SIGPIPE, SIG_IGN);

    asio::io_context io(1);
    const AsioClock clock;
    QuietLog log;
    QuietMetrics metrics;
    const WebRoutes web(storybook_assets(), std::string(version()));
    RouteSet routes;
    web.add_to(routes);
    Server server(io.get_executor(), ServerLimits{}, clock, log, metrics);
    const auto port = server.listen({address->host, address->port}, std::move(routes));
    if (!port) return unusable(console, port.error().detail);
    server.start();
    console.out << "The dashboard in every state: http://"
                << to_string(ListenAddress{address->host, *port}) << "/" << std::endl;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
    io.run();
    return exit_ok;
}

}  // namespace

CommandSpec storybook_command() {
    const auto listen = std::make_shared<std::string>("127.0.0.1:8090");
    CommandSpec command{"storybook", "See the dashboard in every state", notes, {}, {}, {}};
    command.options = {
        {"--listen", "HOST:PORT", "(127.0.0.1:8090)", listen.get(), false, ""},
    };
    command.run = [listen](Console& console, const CommandLine&) {
        return run_storybook(*listen, console);
    };
    return command;
}

}  // namespace wrapup
