#include "app/doctor/doctor_probe.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>

#include "adapters/curl/address_guard.hpp"
#include "adapters/curl/handle.hpp"
#include "app/program/version.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t body_size_max = 1024 * 1024;
constexpr long connect_timeout_ms_max = 5'000;

template <class Value>
void set(const EasyHandle& easy, CURLoption option, Value value) {
    WRAPUP_ASSERT(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
}

EasyHandle make_handle(const std::string& url, const std::string& proxy, milliseconds timeout) {
    EasyHandle easy{curl_easy_init()};
    WRAPUP_ASSERT(easy != nullptr);
    const long timeout_ms = static_cast<long>(timeout.count());
    set(easy, CURLOPT_URL, url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_PROXY, proxy.c_str());  // "" also shuts out the environment.
    set(easy, CURLOPT_NOPROXY, "");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // A name server that is silent counts in the time-out.
    set(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout_ms, connect_timeout_ms_max));
    set(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    return easy;
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    WRAPUP_ASSERT(longer != nullptr);
    (void)list.release();
    list.reset(longer);
}

std::size_t keep_body(char* piece, std::size_t, std::size_t size, void* target) {
    auto& body = *static_cast<std::string*>(target);
    body.append(piece, std::min(size, body_size_max - body.size()));
    return size;
}

std::size_t keep_date(char* data, std::size_t, std::size_t size, void* target) {
    constexpr std::string_view name = "date:";
    const std::string_view line(data, size);
    if (starts_with_ignoring_case(line, name)) {
        *static_cast<std::string*>(target) = trim(line.substr(name.size()));
    }
    return size;
}

template <class Value>
Value told(const EasyHandle& easy, CURLINFO info) {
    Value value{};
    (void)curl_easy_getinfo(easy.get(), info, &value);
    return value;
}

std::string text_told(const EasyHandle& easy, CURLINFO info) {
    const char* const text = told<const char*>(easy, info);
    return text == nullptr ? std::string() : std::string(text);
}

milliseconds time_told(const EasyHandle& easy, CURLINFO info) {
    const std::chrono::microseconds time{told<curl_off_t>(easy, info)};
    return std::chrono::ceil<milliseconds>(time);
}

UtcTime wall_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

// The peer wrote its Date at some time while we waited: half way is the best guess.
std::optional<seconds> clock_ahead(std::string date, UtcTime from, UtcTime until) {
    if (date.ends_with("GMT")) date.replace(date.size() - 3, 3, "+0000");
    const auto theirs = parse_rfc2822(date);
    if (!theirs) return {};
    const UtcTime ours = from + (until - from) / 2;
    return std::chrono::duration_cast<seconds>(ours - *theirs);
}

bool is_private(const curl_sockaddr& address) {
    if (address.family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address.addr, sizeof ipv4);
        Ipv4Bytes bytes{};
        std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
        return is_private_address(bytes);
    }
    if (address.family != AF_INET6) return true;
    // Longer than the struct that libcurl declares; its memory is long enough.
    Ipv6Bytes bytes{};
    const char* raw = reinterpret_cast<const char*>(&address.addr);
    std::memcpy(bytes.data(), raw + offsetof(sockaddr_in6, sin6_addr), bytes.size());
    return is_private_address(bytes);
}

// What the addresses of the peer turned out to be.
struct Addresses {
    bool allows_private = false;
    bool has_private = false;
    bool has_allowed = false;
};

curl_socket_t open_socket(void* target, curlsocktype, curl_sockaddr* address) {
    auto& addresses = *static_cast<Addresses*>(target);
    if (is_private(*address)) {
        addresses.has_private = true;
        if (!addresses.allows_private) return CURL_SOCKET_BAD;
    }
    addresses.has_allowed = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

ProbeEnd judge(CURLcode code) {
    if (code == CURLE_OK) return ProbeEnd::connected;
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
        return ProbeEnd::unresolved;
    }
    const bool is_tls = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
                        code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CACERT_BADFILE;
    return is_tls ? ProbeEnd::untrusted : ProbeEnd::refused;
}

void take_way(const EasyHandle& easy, CURLcode code, ProbeAnswer& answer) {
    answer.end = judge(code);
    answer.location = text_told(easy, CURLINFO_REDIRECT_URL);
    answer.address = text_told(easy, CURLINFO_PRIMARY_IP);
    answer.resolved_after = time_told(easy, CURLINFO_NAMELOOKUP_TIME_T);
    const milliseconds tls = time_told(easy, CURLINFO_APPCONNECT_TIME_T);
    answer.connected_after = std::max(tls, time_told(easy, CURLINFO_CONNECT_TIME_T));
    answer.answered_after = time_told(easy, CURLINFO_STARTTRANSFER_TIME_T);
}

}  // namespace

ProbeAnswer probe_get(const ProbeRequest& request) {
    const EasyHandle easy = make_handle(request.url, request.proxy, request.timeout);
    const std::string agent = "wrapup/" + std::string(version());
    HeaderList headers;
    append(headers, "Accept: application/json");
    for (const auto& [name, value] : request.headers) append(headers, name + ": " + value);
    ProbeAnswer answer;
    std::string date;
    set(easy, CURLOPT_HTTPHEADER, headers.get());
    set(easy, CURLOPT_USERAGENT, agent.c_str());
    set(easy, CURLOPT_WRITEFUNCTION, keep_body);
    set(easy, CURLOPT_WRITEDATA, &answer.body);
    set(easy, CURLOPT_HEADERFUNCTION, keep_date);
    set(easy, CURLOPT_HEADERDATA, &date);
    if (!request.user.empty()) {
        set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set(easy, CURLOPT_USERNAME, request.user.c_str());
        set(easy, CURLOPT_PASSWORD, request.password.c_str());
    }
    if (!request.body.empty()) {
        set(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        set(easy, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    const UtcTime from = wall_now();
    const CURLcode code = curl_easy_perform(easy.get());
    take_way(easy, code, answer);
    if (code != CURLE_OK) {
        answer.error = curl_easy_strerror(code);
        return answer;
    }
    answer.clock_ahead = clock_ahead(date, from, wall_now());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

ConnectAnswer probe_connect(const ConnectRequest& request) {
    if (!request.proxy.empty() && !request.allows_private &&
        is_private_host(host_of_url(request.url))) {
        ConnectAnswer answer;
        answer.kind = ConnectAnswer::Kind::blocked;
        return answer;
    }
    const EasyHandle easy = make_handle(request.url, request.proxy, request.timeout);
    Addresses addresses;
    // What else a proxy can reach is not ours to judge, and itself it may well be private.
    addresses.allows_private = request.allows_private || !request.proxy.empty();
    set(easy, CURLOPT_CONNECT_ONLY, 1L);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, &addresses);
    const auto from = std::chrono::steady_clock::now();
    const CURLcode code = curl_easy_perform(easy.get());
    ConnectAnswer answer;
    answer.elapsed = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - from);
    answer.kind = judge(code);
    answer.is_private = addresses.has_private && request.proxy.empty();
    if (code != CURLE_OK) answer.error = curl_easy_strerror(code);
    const bool is_connected = answer.kind == ConnectAnswer::Kind::connected;
    if (!is_connected && addresses.has_private && !addresses.has_allowed) {
        answer.kind = ConnectAnswer::Kind::blocked;
    }
    return answer;
}

}  // namespace wrapup
