#include "app/serve/stop_signals.hpp"

#include <csignal>

namespace wrapup {

void hold_stop_signals(boost::asio::signal_set& signals) {
    signals.add(SIGTERM);
    signals.add(SIGINT);
    struct sigaction now {};
    // One that another set holds is not ignored, and is held by both.
    if (::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) return;
    signals.add(SIGHUP);
}

}  // namespace wrapup
