#include "http/server/routes.hpp"

#include "codec/bytes/percent.hpp"

namespace wrapup {

namespace {

struct Match {
    bool is_match = false;
    std::string_view parameter;
};

Match match(std::string_view pattern, std::string_view path) {
    Match result;
    const std::size_t mark = pattern.find("{}");
    if (mark == std::string_view::npos) {
        result.is_match = pattern == path;
        return result;
    }
    const std::string_view before = pattern.substr(0, mark);
    const std::string_view after = pattern.substr(mark + 2);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after)) {
        return result;
    }
    result.parameter = path.substr(before.size(), path.size() - before.size() - after.size());
    result.is_match = result.parameter.find('/') == std::string_view::npos;
    return result;
}

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        case Method::del: return "DELETE";
        case Method::head: return "HEAD";
        case Method::other: break;
    }
    return "";
}

}  // namespace

void RouteSet::add_instant(Method method, std::string pattern, InstantHandler handler) {
    routes_.push_back({method, std::move(pattern), 0, {}, std::move(handler)});
}

void RouteSet::add(Method method, std::string pattern, std::size_t body_bytes_max, Handler handler,
                   Guard guard) {
    routes_.push_back(
        {method, std::move(pattern), body_bytes_max, std::move(guard), std::move(handler)});
}

void RouteSet::wrap(Method method, std::string_view pattern,
                    const std::function<Handler(Handler)>& around) {
    for (Route& route : routes_) {
        if (route.method != method || route.pattern != pattern) continue;
        Handler& handler = std::get<Handler>(route.handler);
        handler = around(std::move(handler));
    }
}

void RouteSet::add_stream(Method method, std::string pattern, std::size_t body_bytes_max,
                          StreamHandler handler) {
    routes_.push_back({method, std::move(pattern), body_bytes_max, {}, std::move(handler)});
}

void RouteSet::add_push(Method method, std::string pattern, PushHandler handler) {
    routes_.push_back({method, std::move(pattern), 0, {}, std::move(handler)});
}

void RouteSet::guard_below(std::string prefix, Guard guard) {
    guards_.emplace_back(std::move(prefix), std::move(guard));
}

void RouteSet::mark_below(std::string prefix, std::string header_line) {
    marked_prefix_ = std::move(prefix);
    mark_ = std::move(header_line);
}

std::string_view RouteSet::mark_of(std::string_view path) const {
    return path.starts_with(marked_prefix_) ? std::string_view(mark_) : std::string_view();
}

std::variant<const Route*, Response> RouteSet::find(Request& request) const {
    if (first_) {
        if (const Route* const route = first_(request)) return route;
    }
    const std::string_view path = request.path();
    for (const auto& [prefix, guard] : guards_) {
        if (!path.starts_with(prefix)) continue;
        if (auto refusal = guard(request)) return *std::move(refusal);
    }
    // HEAD is GET whose answer's body the server leaves out.
    const Method method = request.method() == Method::head ? Method::get : request.method();
    for (const Route& route : routes_) {
        if (route.method != method) continue;
        const Match found = match(route.pattern, path);
        if (!found.is_match) continue;
        if (!found.parameter.empty()) {
            auto decoded = percent_decode(found.parameter);
            if (!decoded) return problem(400, "the path holds a broken percent escape");
            request.set_parameter(*std::move(decoded));
        }
        return &route;
    }
    return refuse_method(path);
}

Response RouteSet::refuse_method(std::string_view path) const {
    std::string allowed;
    for (const Route& route : routes_) {
        if (!match(route.pattern, path).is_match) continue;
        if (!allowed.empty()) allowed += ", ";
        allowed += name_of(route.method);
        if (route.method == Method::get) allowed += ", HEAD";
    }
    if (allowed.empty()) return problem(404, "there is nothing here");
    Response response = problem(405, "this path answers " + allowed);
    response.headers = "Allow: " + allowed + "\r\n";
    return response;
}

}  // namespace wrapup
