#pragma once

// What a listener answers: which path, which method, how much body, and who.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "http/server/message.hpp"

namespace wrapup {

// Looks at the head; an answer ends the request before its body is read.
using Guard = std::function<std::optional<Response>(const Request&)>;
// Answers at once, from memory.
using InstantHandler = std::function<Response(const Request&)>;
using Handler = std::function<Task<Response>(const Request&)>;
using StreamHandler = std::function<Task<Response>(const Request&, BodyStream&)>;
// An answer's beginning, and who goes on with it: null when that is all. A connection that is
// pushed to gives its place away, so that the handler bounds how many there are.
struct PushedResponse {
    Response head;
    std::unique_ptr<PushSource> source;
};
using PushHandler = std::function<PushedResponse(const Request&)>;

struct Route {
    Method method = Method::get;
    std::string pattern;  // "/api/calls/{}": {} stands for one piece of the path, not empty.
    std::size_t body_bytes_max = 0;
    Guard guard;  // May be empty.
    std::variant<InstantHandler, Handler, StreamHandler, PushHandler> handler;
};

// Asked before everything else, guards too: a route that outlives the set, or null.
using Finder = std::function<const Route*(const Request&)>;

class RouteSet {
public:
    void add_instant(Method method, std::string pattern, InstantHandler handler);
    void add(Method method, std::string pattern, std::size_t body_bytes_max, Handler handler,
             Guard guard = {});
    void add_stream(Method method, std::string pattern, std::size_t body_bytes_max,
                    StreamHandler handler);
    void add_push(Method method, std::string pattern, PushHandler handler);
    // Puts something around the handler of a route, when there is such a route.
    void wrap(Method method, std::string_view pattern,
              const std::function<Handler(Handler)>& around);
    // Asked first for every path below the prefix, whether there is such a route or not.
    void guard_below(std::string prefix, Guard guard);

    // Every answer to a path below the prefix has that header: a whole line with its end.
    void mark_below(std::string prefix, std::string header_line);
    std::string_view mark_of(std::string_view path) const;

    // For paths that no pattern says.
    void find_first_by(Finder finder) { first_ = std::move(finder); }

    // The route, with request.parameter() set; or the answer instead: the guard's, 404, 405. HEAD
    // is answered where GET is.
    std::variant<const Route*, Response> find(Request& request) const;

    const std::vector<Route>& routes() const { return routes_; }

private:
    Response refuse_method(std::string_view path) const;

    Finder first_;
    std::vector<Route> routes_;
    std::vector<std::pair<std::string, Guard>> guards_;
    std::string marked_prefix_;
    std::string mark_;
};

}  // namespace wrapup
