#pragma once

#include <boost/asio/awaitable.hpp>

namespace wrapup {

// A coroutine of ours. Awaited calls take names, never braced temporaries: see docs/style.md.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace wrapup
