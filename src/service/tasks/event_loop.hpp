#pragma once

#include <boost/asio/io_context.hpp>

namespace wrapup {

// An event loop for one thread that can let go of its coroutines before it is destroyed itself.
class EventLoop : public boost::asio::io_context {
public:
    EventLoop() : boost::asio::io_context(1) {}

    // Destroys the coroutines that still wait, while what their frames refer to is alive. When
    // nobody runs the loop any more. What is posted to it afterwards is dropped at its end.
    void drop_pending() { shutdown(); }
};

}  // namespace wrapup
