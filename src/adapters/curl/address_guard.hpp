#pragma once

// Which addresses a request that refuses private targets may not reach. Pure: bytes in, word out.
// Sources: the IANA special-purpose address registries (RFC 6890), RFC 6598 (CGNAT), RFC 4193
// (ULA), RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

using Ipv4Bytes = std::array<std::uint8_t, 4>;
using Ipv6Bytes = std::array<std::uint8_t, 16>;

// Everything that is not ordinary unicast on the public internet.
bool is_private_address(const Ipv4Bytes& address);
// The same; an address that carries an IPv4 address inside is judged by that one too.
bool is_private_address(const Ipv6Bytes& address);

// Nothing when the text is not a literal address ("[::1]" and "fe80::1%eth0" are).
std::optional<bool> is_private_literal(std::string_view host);

// Whether the host of a URL is, as far as its spelling tells, one that a private target has: an
// address in any of its spellings (127.1, 0x7f000001, a dot at its end), or a name of this machine
// or of a local network (localhost, one without a dot, .internal, .local).
// For where nobody resolves the name here: a proxy does.
bool is_private_host(std::string_view host);

}  // namespace wrapup
