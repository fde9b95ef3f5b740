#pragma once

#include <boost/asio/signal_set.hpp>

namespace wrapup {

// Adds what ends the service in order: SIGTERM, SIGINT, and the end of the terminal, SIGHUP, unless
// whoever started it had it ignored, as nohup does.
void hold_stop_signals(boost::asio::signal_set& signals);

}  // namespace wrapup
