#pragma once

// Twilio's status callbacks as they come over the wire, each of another call, signed beforehand so
// that signing is not part of what is measured.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "codec/bytes/form.hpp"

namespace wrapup::bench {

inline constexpr std::string_view account_sid = "AC00000000000000000000000000000001";
inline constexpr std::string_view auth_token = "bench-token-bench-token-bench-12";
inline constexpr std::string_view server_url = "https://bench.example.com";

// How the names begin that the dialler's database has for campaigns and contacts.
inline constexpr std::string_view campaign_prefix = "Campaign ";
inline constexpr std::string_view contact_prefix = "Contact ";

// The identity of call `number`: scattered like real ones, so that indexes are hit where it hurts,
// and readable again.
std::string call_sid_of(std::uint64_t number);
std::optional<std::uint64_t> number_of(std::string_view call_sid);

std::string phone_of(std::uint64_t number);

// Every field that Twilio sends with a final callback.
Form callback_form(std::uint64_t number, std::string_view status, UtcTime at);

std::string callback_request(std::uint64_t number, std::string_view status);
// Requests of calls first, first + 1, …
std::vector<std::string> callback_requests(std::uint64_t first, std::size_t count,
                                           std::string_view status);
std::string healthz_request();

}  // namespace wrapup::bench
