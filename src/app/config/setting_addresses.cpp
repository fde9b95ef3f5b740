// The settings that are addresses: where we listen and where we send.

#include <arpa/inet.h>

#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <optional>

#include "app/config/setting_values.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

namespace urls = boost::urls;

Error wrong(std::string why) { return Error{Errc::invalid_input, std::move(why)}; }

using Ipv6Bytes = std::array<unsigned char, 16>;

bool is_ipv4(const std::string& host) {
    in_addr ignored{};
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

std::optional<Ipv6Bytes> to_ipv6(const std::string& host) {
    Ipv6Bytes bytes{};
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return {};
    return bytes;
}

bool is_loopback_ipv6(const Ipv6Bytes& bytes) {
    constexpr Ipv6Bytes loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    constexpr std::array<unsigned char, 13> mapped = {0, 0, 0, 0,    0,    0,  0,
                                                      0, 0, 0, 0xff, 0xff, 127};
    return bytes == loopback || std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

bool is_loopback_host(const std::string& host) {
    if (equals_ignoring_case(host, "localhost")) return true;
    if (is_ipv4(host)) return host.starts_with("127.");
    const auto bytes = to_ipv6(host);
    return bytes && is_loopback_ipv6(*bytes);
}

// Without the brackets of an IPv6 address.
std::string host_of(const urls::url& url) {
    const auto host = url.host_address();
    return {host.data(), host.size()};
}

std::string_view scheme_of(const urls::url& url) {
    return {url.scheme().data(), url.scheme().size()};
}

bool is_http(std::string_view scheme) {
    return equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https");
}

// Boost.URL 1.81 reads 99999 as another number.
bool has_usable_port(const urls::url& url) {
    if (!url.has_port() || url.port().empty()) return true;
    return parse_port({url.port().data(), url.port().size()}).has_value();
}

// Whoever resolves a name takes one whose last label is a number for an address, or for none.
bool ends_in_a_number(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    const std::string_view label = host.substr(host.rfind('.') + 1);
    return !label.empty() && label.find_first_not_of("0123456789") == std::string_view::npos;
}

bool has_cut_host(const urls::url_view& url) {
    const auto path = url.encoded_path();
    return url.has_authority() && !path.empty() && path.front() != '/';
}

Result<urls::url> parse_http_url(std::string_view text) {
    const auto url = parse_whole_url(text);
    if (!url) return wrong("is not a URL, as in https://calls.example.com");
    if (!is_http(scheme_of(*url))) return wrong("is not an http or https URL");
    if (!url->has_authority() || url->host().empty()) return wrong("is a URL without a host");
    if (!has_usable_port(*url)) return wrong("is a URL with an impossible port");
    if (url->has_fragment()) return wrong("is a URL with a fragment (#…)");
    return *url;
}

enum class Shown { host, path };

std::string shown_of(std::string_view text, Shown shown_part) {
    constexpr std::string_view hidden = "•••";
    const auto url = parse_whole_url(text);
    if (!url || !url->has_authority()) return std::string(hidden);
    const auto host_and_port = url->encoded_host_and_port();
    const auto path = url->encoded_path();
    std::string shown = std::string(scheme_of(*url)) + "://";
    if (url->has_userinfo()) shown.append(hidden) += '@';
    shown.append(host_and_port.data(), host_and_port.size());
    if (shown_part == Shown::path || path.size() < 2) {
        shown.append(path.data(), path.size());
    } else {
        shown.append("/").append(hidden);
    }
    if (url->has_query()) shown.append("?").append(hidden);
    return shown;
}

}  // namespace

// Boost.URL 1.81 takes the IPv4 address at the head of "127.0.0.1.example" for the host and the
// rest for the path. Whoever sends there would ask another host than the one that was checked: with
// its first digit encoded the name is read whole.
std::optional<urls::url> parse_whole_url(std::string_view text) {
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (!parsed) return {};
    if (!has_cut_host(*parsed)) return urls::url(*parsed);
    const auto host_at = static_cast<std::size_t>(parsed->encoded_host().data() - text.data());
    std::string encoded(text);
    encoded.insert(host_at, "%3");
    const auto again = urls::parse_uri(encoded);
    if (!again || has_cut_host(*again)) return {};
    urls::url whole(*again);
    whole.normalize_authority();
    if (ends_in_a_number(host_of(whole))) return {};
    return whole;
}

bool is_loopback(const ListenAddress& address) { return is_loopback_host(address.host); }

bool is_wildcard(const ListenAddress& address) {
    if (address.host == "0.0.0.0") return true;
    const auto bytes = to_ipv6(address.host);
    return bytes && *bytes == Ipv6Bytes{};
}

std::string to_string(const ListenAddress& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_int(text);
    if (!port || *port < 1 || *port > 65535) return wrong("is not a port from 1 to 65535");
    return static_cast<std::uint16_t>(*port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return wrong("needs an address and a port (an example: 127.0.0.1:8080)");
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) return wrong("does not end in a port from 1 to 65535 (an example: 127.0.0.1:8080)");
    const std::string_view host = text.substr(0, colon);
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) {
        ListenAddress address{std::string(host.substr(1, host.size() - 2)), *port};
        if (to_ipv6(address.host)) return address;
        return wrong("has no IPv6 address between the brackets");
    }
    ListenAddress address{std::string(host), *port};
    if (equals_ignoring_case(host, "localhost")) address.host = "127.0.0.1";
    if (is_ipv4(address.host)) return address;
    return wrong(
        "needs a numeric address before the port: 127.0.0.1:8080, 0.0.0.0:8080, [::]:8080");
}

Result<std::string> parse_target_url(std::string_view text) {
    WRAPUP_TRY([[maybe_unused]] const auto url, parse_http_url(text));
    return std::string(text);
}

Result<std::string> parse_base_url(std::string_view text) {
    WRAPUP_TRY(const auto url, parse_http_url(text));
    if (url.has_query()) return wrong("is a URL with a query (?…)");
    while (text.ends_with('/')) text.remove_suffix(1);
    return std::string(text);
}

Result<std::string> parse_vendor_url(std::string_view text) {
    WRAPUP_TRY(const auto url, parse_http_url(text));
    if (url.has_userinfo()) return wrong("is a URL with user:password");
    const bool is_https = equals_ignoring_case(scheme_of(url), "https");
    if (!is_https && !is_loopback_host(host_of(url))) {
        return wrong("must be https: credentials travel there (http only to loopback)");
    }
    return parse_base_url(text);
}

bool is_loopback_url(const std::string& url) {
    const auto parsed = parse_http_url(url);
    return parsed && is_loopback_host(host_of(*parsed));
}

Result<std::string> parse_proxy_url(std::string_view text) {
    const auto url = parse_whole_url(text);
    if (!url || !url->has_authority() || url->host().empty() || !has_usable_port(*url)) {
        return wrong("is not a proxy such as http://10.0.0.5:3128");
    }
    const std::string scheme = to_lower(scheme_of(*url));
    if (!is_http(scheme) && scheme != "socks5" && scheme != "socks5h") {
        return wrong("is not an http, https, socks5 or socks5h URL");
    }
    return std::string(text);
}

std::string mask_url(std::string_view text) { return shown_of(text, Shown::host); }

std::string mask_public_url(std::string_view text) { return shown_of(text, Shown::path); }

std::string local_api_url(const Settings& settings) {
    ListenAddress address = settings.admin_listen.value_or(settings.listen);
    if (is_wildcard(address)) {
        address.host = address.host == "0.0.0.0" ? "127.0.0.1" : "::1";
    }
    return "http://" + to_string(address);
}

}  // namespace wrapup
