#include "adapters/curl/address_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace wrapup {
namespace {

struct Ipv4Range {
    Ipv4Bytes prefix;
    unsigned bits;
};
// IANA's special-purpose registry of IPv4 (RFC 6890 and later), and multicast.
constexpr std::array<Ipv4Range, 17> ipv4_refused = {{
    {{0, 0, 0, 0}, 8},        // "This network", with the unspecified address.
    {{10, 0, 0, 0}, 8},       // Private.
    {{100, 64, 0, 0}, 10},    // Carrier-grade NAT; some clouds keep their metadata here.
    {{127, 0, 0, 0}, 8},      // Loopback.
    {{169, 254, 0, 0}, 16},   // Link-local; cloud metadata.
    {{172, 16, 0, 0}, 12},    // Private.
    {{192, 0, 0, 0}, 24},     // Protocol assignments; cloud metadata at 192.0.0.192.
    {{192, 0, 2, 0}, 24},     // Documentation.
    {{192, 31, 196, 0}, 24},  // AS112: answers for private names.
    {{192, 52, 193, 0}, 24},  // Multicast tunnels.
    {{192, 88, 99, 0}, 24},   // 6to4 relays, withdrawn.
    {{192, 168, 0, 0}, 16},   // Private.
    {{192, 175, 48, 0}, 24},  // AS112.
    {{198, 18, 0, 0}, 15},    // Benchmarks.
    {{198, 51, 100, 0}, 24},  // Documentation.
    {{203, 0, 113, 0}, 24},   // Documentation.
    {{224, 0, 0, 0}, 3},      // Multicast, reserved, broadcast.
}};

struct Ipv6Range {
    Ipv6Bytes prefix;
    unsigned bits;
};
// All that is given out to servers. What lies outside is unique local, link-local, multicast,
// discard only, dummy (100:0:0:1::/64), segment routing (5f00::/16), or nobody's yet.
constexpr Ipv6Range ipv6_unicast = {{0x20}, 3};
// And inside of it, by IANA's special-purpose registry of IPv6.
constexpr std::array<Ipv6Range, 4> ipv6_refused = {{
    {{0x20, 0x01, 0x00, 0x00}, 23},              // Protocols: Teredo, benchmarks, ORCHID, drones.
    {{0x20, 0x01, 0x0d, 0xb8}, 32},              // Documentation.
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},  // AS112.
    {{0x3f, 0xff}, 20},                          // Documentation (RFC 9637).
}};

struct Embedding {
    Ipv6Bytes prefix;
    unsigned bits;
    std::size_t ipv4_offset;
};
constexpr std::array<Embedding, 6> embeddings = {{
    {{}, 96, 12},  // IPv4-compatible; :: and ::1 fall into 0.0.0.0/8.
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},  // IPv4-mapped.
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}, 96, 12},  // IPv4-translated (RFC 2765).
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},                    // NAT64, well known.
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, 12},        // NAT64, local use.
    {{0x20, 0x02}, 16, 2},                                 // 6to4.
}};

// Domains that no public server is in (RFC 6761, 6762, 8375, and what home and office routers use).
constexpr std::array<std::string_view, 9> local_domains = {
    ".localhost", ".localdomain", ".local", ".internal", ".intranet",
    ".lan",       ".home",        ".corp",  ".home.arpa"};

template <std::size_t size>
bool has_prefix(const std::array<std::uint8_t, size>& address,
                const std::array<std::uint8_t, size>& prefix, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(prefix.begin(), prefix.begin() + whole, address.begin())) return false;
    if (bits % 8 == 0) return true;
    const unsigned differing = static_cast<unsigned>(address[whole] ^ prefix[whole]);
    return differing >> (8 - bits % 8) == 0;
}

}  // namespace

bool is_private_address(const Ipv4Bytes& address) {
    return std::any_of(ipv4_refused.begin(), ipv4_refused.end(), [&](const Ipv4Range& range) {
        return has_prefix(address, range.prefix, range.bits);
    });
}

bool is_private_address(const Ipv6Bytes& address) {
    for (const Embedding& embedding : embeddings) {
        if (!has_prefix(address, embedding.prefix, embedding.bits)) continue;
        Ipv4Bytes inner{};
        std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(embedding.ipv4_offset),
                    inner.size(), inner.begin());
        return is_private_address(inner);
    }
    if (!has_prefix(address, ipv6_unicast.prefix, ipv6_unicast.bits)) return true;
    return std::any_of(ipv6_refused.begin(), ipv6_refused.end(), [&](const Ipv6Range& range) {
        return has_prefix(address, range.prefix, range.bits);
    });
}

std::optional<bool> is_private_literal(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    const std::string text{host.substr(0, host.find('%'))};
    Ipv4Bytes ipv4{};
    if (inet_pton(AF_INET, text.c_str(), ipv4.data()) == 1) return is_private_address(ipv4);
    Ipv6Bytes ipv6{};
    if (inet_pton(AF_INET6, text.c_str(), ipv6.data()) == 1) return is_private_address(ipv6);
    return std::nullopt;
}

bool is_private_host(std::string_view host) {
    const std::optional<bool> literal = is_private_literal(host);
    if (literal) return *literal;
    while (host.ends_with('.')) host.remove_suffix(1);
    const std::string name = to_lower(host);
    // Whatever mapping of other scripts a proxy knows, it may end at an address of digits.
    const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return c > ' '; });
    if (!is_ascii) return true;
    if (name.find_first_not_of("0123456789abcdefx.") == std::string::npos) {
        in_addr ipv4{};
        if (inet_aton(name.c_str(), &ipv4) == 1) {
            Ipv4Bytes bytes{};
            std::memcpy(bytes.data(), &ipv4, bytes.size());
            return is_private_address(bytes);
        }
    }
    if (name.find('.') == std::string::npos) return true;
    return std::any_of(local_domains.begin(), local_domains.end(),
                       [&](std::string_view domain) { return name.ends_with(domain); });
}

}  // namespace wrapup
