#include "http/server/server_shared.hpp"

#include "http/server/connection.hpp"

namespace wrapup {

namespace {

namespace ip = boost::asio::ip;

// A connection that waits may have been spoken to meanwhile: so many are looked at.
constexpr int news_looked_at_max = 16;

bool is_private(const ip::address_v4& address) {
    const auto bytes = address.to_bytes();
    return address.is_loopback() || bytes[0] == 10 || (bytes[0] == 192 && bytes[1] == 168) ||
           (bytes[0] == 172 && bytes[1] >= 16 && bytes[1] < 32) ||
           (bytes[0] == 100 && bytes[1] >= 64 && bytes[1] < 128) ||
           (bytes[0] == 169 && bytes[1] == 254);
}

bool is_private(const ip::address& address) {
    if (address.is_v4()) return is_private(address.to_v4());
    const ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) return is_private(ip::make_address_v4(ip::v4_mapped, v6));
    return v6.is_loopback() || v6.is_link_local() || (v6.to_bytes()[0] & 0xfeU) == 0xfcU;
}

}  // namespace

bool ServerShared::hold_body(MemoryHolding& body, const Route& route, std::size_t bytes) {
    const EndpointShares& shares = shares_of(route);
    const bool is_small = bytes <= limits.small_body_bytes_max;
    return bodies.resize(body, is_small ? *shares.small : *shares.large, bytes);
}

ServerShared::EndpointShares& ServerShared::shares_of(const Route& route) {
    // The bearer of the token is one sender, however many paths the API has.
    const std::string_view pattern = route.pattern;
    const bool is_api = pattern.starts_with("/api/");
    const std::string_view endpoint = is_api ? "/api/" : pattern;
    EndpointShares& shares = shares_[endpoint];
    if (shares.small == nullptr) {
        const std::size_t all = limits.bodies_bytes_max;
        const bool is_stream = std::holds_alternative<StreamHandler>(route.handler);
        shares.small = &bodies.add_share(all / 16, all / 2);
        // What streams is made for large bodies; of the API one list of 100,000 calls fits.
        shares.large = is_stream ? &bodies.add_share(all / 4, all / 8 * 5)
                                 : &bodies.add_share(all / 16, is_api ? all / 16 * 5 : all / 8);
    }
    return shares;
}

bool ServerShared::free_place(Places& places) {
    for (int i = 0; i < news_looked_at_max; ++i) {
        Place* place = places.longest_waiting();
        if (place == nullptr) return false;
        if (place->connection.has_news()) {
            Places::touch(*place);
            continue;
        }
        place->connection.give_way();
        return true;
    }
    return false;
}

Peer* ServerShared::peer_of(const ip::address& address) {
    if (!limits.bounds_every_peer && is_private(address)) return nullptr;
    return &peers_.try_emplace(address, limits).first->second;
}

void ServerShared::forget_peers() {
    std::erase_if(peers_, [](const auto& entry) { return entry.second.places.taken_count() == 0; });
}

void ServerShared::enter(Connection& connection) {
    connection.index = connections.size();
    connections.push_back(&connection);
}

void ServerShared::leave(Connection& connection) {
    connections.back()->index = connection.index;
    connections[connection.index] = connections.back();
    connections.pop_back();
    if (connections.empty() && is_stopping) empty_timer.cancel();
}

const std::string& ServerShared::date_line() {
    const std::int64_t now_s = to_unix_s(clock.now());
    if (now_s != date_s_) {
        date_s_ = now_s;
        date_line_ = "\r\nDate: " + format_http_date(from_unix_s(now_s)) + "\r\n";
    }
    return date_line_;
}

}  // namespace wrapup
