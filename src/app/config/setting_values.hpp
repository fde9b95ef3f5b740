#pragma once

// What the text of a setting means. Each answers invalid_input with words that follow the setting's
// name ("is not a duration such as 180s"), and none of them quotes a value that may be secret.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.hpp"

namespace boost::urls {
class url;
}

namespace wrapup {

Result<bool> parse_flag(std::string_view text);        // true/false, yes/no, on/off, 1/0.
Result<bool> parse_on_machine(std::string_view text);  // leave, or hang_up: true.
Result<LogFormat> parse_log_format(std::string_view text);
Result<LogLevel> parse_log_level(std::string_view text);
Result<UtcTime> parse_since(std::string_view text);  // RFC 3339, or a date: its midnight in UTC.

struct DurationBounds {
    milliseconds least{0};
    milliseconds most{std::chrono::hours{24}};
};
Result<milliseconds> parse_bounded_duration(std::string_view text, DurationBounds bounds);
Result<std::vector<milliseconds>> parse_retry_schedule(std::string_view text);
Result<RetryWaits> parse_call_retry(std::string_view text);  // "15m,1h"
Result<RateLimit> parse_rate(std::string_view text);         // "50/s", "3000/m", "100/h".

struct IntBounds {
    std::int64_t least;
    std::int64_t most;
};
Result<int> parse_bounded_int(std::string_view text, IntBounds bounds);

Result<std::uint16_t> parse_port(std::string_view text);
// "127.0.0.1:8080", "[::]:8080", "localhost:8080".
Result<ListenAddress> parse_listen_address(std::string_view text);

// Nothing: is no URL.
std::optional<boost::urls::url> parse_whole_url(std::string_view text);
// http or https with a host and without a fragment.
Result<std::string> parse_target_url(std::string_view text);
// The same without a query, and without the slash at the end.
Result<std::string> parse_base_url(std::string_view text);
// The same without user:password; https unless the host is loopback.
Result<std::string> parse_vendor_url(std::string_view text);
// Whether what parse_vendor_url() took is on this machine.
bool is_loopback_url(const std::string& url);
Result<std::string> parse_proxy_url(std::string_view text);
// What may be shown of a URL that people send to: scheme, host and port. Many a webhook has its key
// in the path.
std::string mask_url(std::string_view url);
// Of one that others know as well: neither user:password nor the query.
std::string mask_public_url(std::string_view url);

// Printable ASCII without blanks: what can stand in an HTTP header.
// With commas between; none is empty.
Result<std::vector<std::string>> parse_list(std::string_view text);
Result<std::string> parse_secret(std::string_view text);
Result<std::vector<std::string>> parse_secrets(std::string_view text);
// At least 16 characters, of them six different ones.
Result<std::string> parse_api_token(std::string_view text);
Result<std::string> parse_account_sid(std::string_view text);
Result<std::vector<std::string>> parse_phone_numbers(std::string_view text);

Result<std::string> parse_country(std::string_view text);  // "au" is AU.

Result<std::string> parse_signing_secret(std::string_view text);  // The key, decoded.
Result<std::vector<int>> parse_statuses(std::string_view text);
Result<OnUnknown> parse_on_unknown(std::string_view text);

struct UnsignedSenders {
    bool twilio = false;
    bool elevenlabs = false;
};
Result<UnsignedSenders> parse_unsigned_senders(std::string_view text);

// Where the server of these settings is reached from this machine.
std::string local_api_url(const Settings& settings);

// Of `kind` of a destination; nothing to keep, as there is one.
Result<void> check_destination_kind(std::string_view text);

}  // namespace wrapup
