#include "adapters/curl/exchange.hpp"

#include <netinet/in.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "adapters/curl/address_guard.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t header_bytes_max = 64U << 10U;
// Of an answer whose body hardly matters, this much is read so that the connection can be kept.
constexpr std::size_t dropped_bytes_max = 1U << 20U;
// Shorter than the idle time-outs in front of most services (60 s and more), so that a request
// seldom meets a connection that its peer is just closing.
constexpr long idle_s_max = 30;
constexpr long keepalive_s = 30;

struct Words {
    CURLcode code;
    std::string_view unsent;
    std::string_view begun;
};
constexpr std::array<Words, 10> words = {{
    {CURLE_COULDNT_RESOLVE_HOST, "host name not found", "host name not found"},
    {CURLE_COULDNT_RESOLVE_PROXY, "proxy name not found", "proxy name not found"},
    {CURLE_COULDNT_CONNECT, "could not connect", "could not connect"},
    {CURLE_OPERATION_TIMEDOUT, "connecting timed out", "no answer in time"},
    {CURLE_SSL_CONNECT_ERROR, "TLS handshake failed", "TLS failed"},
    {CURLE_PEER_FAILED_VERIFICATION, "certificate not accepted", "certificate not accepted"},
    {CURLE_GOT_NOTHING, "connection closed", "connection closed without an answer"},
    {CURLE_SEND_ERROR, "connection lost", "connection lost while sending"},
    {CURLE_RECV_ERROR, "connection lost", "connection lost before the answer was complete"},
    // By on_begin: libcurl was about to send the request once more.
    {CURLE_ABORTED_BY_CALLBACK, "given up", "connection closed without an answer"},
}};

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

// libcurl declares the address as a sockaddr, and keeps a longer one there where it needs it.
template <class Address>
Address read_address(const curl_sockaddr& address) {
    Address copy{};
    const char* const object = reinterpret_cast<const char*>(&address);
    std::memcpy(&copy, object + offsetof(curl_sockaddr, addr), sizeof copy);
    return copy;
}

// A family we do not know is not a public address.
bool is_private(const curl_sockaddr& address) {
    if (address.family == AF_INET) {
        const auto ipv4 = read_address<sockaddr_in>(address);
        Ipv4Bytes bytes{};
        std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
        return is_private_address(bytes);
    }
    if (address.family == AF_INET6) {
        const auto ipv6 = read_address<sockaddr_in6>(address);
        Ipv6Bytes bytes{};
        std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
        return is_private_address(bytes);
    }
    return true;
}

long to_curl_ms(milliseconds duration) {
    return static_cast<long>(std::max<milliseconds::rep>(duration.count(), 1));  // 0 is "for ever".
}

std::string local_name(const char* ip, long port) {
    return std::string(ip == nullptr ? "" : ip) + " " + std::to_string(port);
}

milliseconds elapsed_between(Exchange::SteadyTime from, Exchange::SteadyTime until) {
    return std::chrono::round<milliseconds>(until - from);
}

}  // namespace

void KeptSockets::note(CURL* easy) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    const char* ip = nullptr;
    long port = 0;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    curl_easy_getinfo(easy, CURLINFO_LOCAL_IP, &ip);
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
    if (socket != CURL_SOCKET_BAD) sockets_.insert_or_assign(local_name(ip, port), socket);
}

bool KeptSockets::take_soiled(const char* local_ip, int local_port) {
    const auto kept = sockets_.extract(local_name(local_ip, local_port));
    if (kept.empty()) return false;
    char byte = 0;
    return recv(kept.mapped(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

EasyHandle make_easy_handle(const std::string& proxy, const std::string& ca_file) {
    EasyHandle easy{curl_easy_init()};
    if (!easy) return easy;
    CURL* const handle = easy.get();
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    // A name that is looked up for longer than its request may last is left to itself: otherwise
    // libcurl waits for it, and all other requests with it.
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, proxy.c_str());  // "" also shuts out the environment.
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");           // The same for no_proxy.
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    if (!ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, keepalive_s);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, keepalive_s);
    curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, idle_s_max);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &Exchange::on_open_socket);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, &Exchange::on_begin);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    return easy;
}

Exchange::Exchange(HttpRequest request, bool has_proxy)
    : request_(std::move(request)),
      has_proxy_(has_proxy),
      is_repeatable_(request_.method == "GET" || request_.method == "HEAD") {
    is_sendable_ = accept_target() && make_headers();
}

bool Exchange::accept_target() {
    if (!is_token(request_.method)) {
        answer_.error = "the method is not one";
        return false;
    }
    // Most requests go where the one before went.
    thread_local std::string known_url;
    thread_local std::string host;
    if (request_.url != known_url) {
        known_url = request_.url;
        host = host_of_url(known_url);
    }
    if (host.empty()) {
        answer_.error = "the URL cannot be read";
        return false;
    }
    if (!has_proxy_) looked_up_ = host;
    // A proxy resolves names itself; what is plain from the URL is refused all the same.
    if (request_.refuses_private_targets && has_proxy_ && is_private_host(host)) {
        answer_.kind = HttpAnswer::Kind::blocked;
        answer_.error = "the address is private";
        return false;
    }
    return true;
}

bool Exchange::make_headers() {
    const auto append = [this](const std::string& line) {
        curl_slist* const list = curl_slist_append(headers_.get(), line.c_str());
        if (list == nullptr) return false;
        (void)headers_.release();
        headers_.reset(list);
        return true;
    };
    for (const auto& [name, value] : request_.headers) {
        if (!is_token(name) || !is_header_value(value)) {
            answer_.error = "a header cannot be sent";
            return false;
        }
        // libcurl would leave "Name:" out; "Name;" is its way to send one without a value.
        if (!append(trim(value).empty() ? name + ";" : name + ": " + value)) return false;
    }
    return append("Expect:");  // Never wait for "100 Continue".
}

void Exchange::submit(Resumption caller, SteadyTime now) {
    caller_ = std::move(caller);
    submitted_at_ = now;
}

void Exchange::set_method(CURL* easy) const {
    const bool is_plain = request_.method == "GET" || request_.method == "POST";
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);  // Also takes an earlier NOBODY back.
    if (request_.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request_.method == "POST" || !request_.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request_.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_plain ? nullptr : request_.method.c_str());
}

void Exchange::start(CURL* easy, SteadyTime now, KeptSockets& kept) {
    kept_ = &kept;
    is_anew_ = is_soiled_;
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_anew_ ? 1L : 0L);
    const milliseconds left = request_.total_timeout - elapsed_between(submitted_at_, now);
    curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
    set_method(easy);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
    const bool has_user = !request_.user.empty();
    curl_easy_setopt(easy, CURLOPT_USERNAME, has_user ? request_.user.c_str() : nullptr);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, has_user ? request_.password.c_str() : nullptr);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, to_curl_ms(request_.connect_timeout));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, to_curl_ms(left));
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

bool Exchange::may_connect(const curl_sockaddr& address) {
    if (request_.refuses_private_targets && !has_proxy_ && is_private(address)) {
        was_refused_ = true;
        return false;
    }
    was_allowed_ = true;
    return true;
}

// Called before each sending of the request. When a kept connection dies without a byte of an
// answer, libcurl sends the request again on a new one, and says nothing: the peer may have acted
// on both. That is refused here for everything but GET and HEAD.
int Exchange::begin(const char* remote_ip, const char* local_ip, int local_port) {
    if (has_begun_ && !is_repeatable_) return CURL_PREREQFUNC_ABORT;
    // A kept connection may have been opened by a request that does not refuse private targets.
    if (request_.refuses_private_targets && !has_proxy_ &&
        is_private_literal(remote_ip).value_or(true)) {
        was_refused_ = true;
        was_allowed_ = false;
        return CURL_PREREQFUNC_ABORT;
    }
    if (!has_begun_ && !is_anew_ && kept_->take_soiled(local_ip, local_port)) {
        is_soiled_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    has_begun_ = true;
    return CURL_PREREQFUNC_OK;
}

std::size_t Exchange::read_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > header_bytes_max) {
        is_too_large_ = true;
        return 0;
    }
    if (has_head_) return line.size();  // A trailer.
    const std::string_view text = trim(line);
    if (text.starts_with("HTTP/")) {
        const std::string_view rest = text.substr(std::min(text.find(' '), text.size()));
        status_ = static_cast<int>(parse_int(trim(rest.substr(0, 4))).value_or(0));
        answer_.retry_after.clear();
        answer_.date.clear();
    } else if (text.empty()) {
        has_head_ = status_ >= 200;  // 1xx: another head follows.
    } else if (starts_with_ignoring_case(text, "retry-after:")) {
        answer_.retry_after = trim(text.substr(text.find(':') + 1));
    } else if (starts_with_ignoring_case(text, "date:")) {
        answer_.date = trim(text.substr(text.find(':') + 1));
    }
    return line.size();
}

std::size_t Exchange::read_body(std::string_view piece) {
    const std::size_t room = request_.answer_bytes_max - answer_.body.size();
    if (piece.size() > room && !request_.truncates_answer) {
        is_too_large_ = true;
        return 0;
    }
    const std::size_t kept = std::min(piece.size(), room);
    answer_.body.append(piece.substr(0, kept));
    dropped_bytes_ += piece.size() - kept;
    return dropped_bytes_ > dropped_bytes_max ? 0 : piece.size();
}

HttpAnswer::Kind Exchange::judge(CURLcode code) const {
    // libcurl is content with half a head.
    if (code == CURLE_OK && has_head_) return HttpAnswer::Kind::answered;
    if (is_too_large_) return HttpAnswer::Kind::too_large;
    // Who lets the answer be cut wants the status, and that is known.
    if (has_head_ && request_.truncates_answer) return HttpAnswer::Kind::answered;
    if (has_begun_) return HttpAnswer::Kind::unknown;
    if (was_refused_ && !was_allowed_) return HttpAnswer::Kind::blocked;
    return HttpAnswer::Kind::not_sent;
}

std::string Exchange::error_text(CURL* easy, CURLcode code) const {
    if (is_too_large_) return "the answer is longer than allowed";
    if (was_refused_ && !was_allowed_) return "the address is private";
    const auto* const known = std::find_if(words.begin(), words.end(),
                                           [code](const Words& row) { return row.code == code; });
    std::string text{known == words.end() ? std::string_view{curl_easy_strerror(code)}
                     : has_begun_         ? known->begun
                                          : known->unsent};
    if (code == CURLE_COULDNT_CONNECT) {
        long os_errno = 0;
        curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
        if (os_errno != 0)
            text += ": " + std::generic_category().message(static_cast<int>(os_errno));
    } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
        long verdict = X509_V_OK;
        curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
        // libcurl compares the name before it notes a verdict of its own.
        const bool is_other_name = verdict == X509_V_OK || verdict == X509_V_ERR_UNSPECIFIED;
        text += ": ";
        text += is_other_name ? "issued for another name" : X509_verify_cert_error_string(verdict);
    }
    return text;
}

void Exchange::end(CURL* easy, CURLcode code, SteadyTime now) {
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);  // The list dies with this exchange.
    answer_.elapsed = elapsed_between(submitted_at_, now);
    answer_.kind = judge(code);
    if (code != CURLE_OK) {
        answer_.error = error_text(easy, code);
    } else if (!has_head_) {
        answer_.error = error_text(easy, CURLE_GOT_NOTHING);
    }
    if (answer_.kind == HttpAnswer::Kind::answered) {
        answer_.status = status_;
        return;
    }
    answer_.body.clear();
    answer_.retry_after.clear();
}

void Exchange::fail_unsent(std::string_view error, SteadyTime now) {
    answer_.kind = HttpAnswer::Kind::not_sent;
    answer_.error = error;
    answer_.elapsed = elapsed_between(submitted_at_, now);
}

curl_socket_t Exchange::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    if (!static_cast<Exchange*>(self)->may_connect(*address)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Exchange::on_begin(void* self, char* remote_ip, char* local_ip, int, int local_port) noexcept {
    return static_cast<Exchange*>(self)->begin(remote_ip, local_ip, local_port);
}

std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count,
                                void* self) noexcept {
    return static_cast<Exchange*>(self)->read_header({data, size * count});
}

std::size_t Exchange::on_body(char* data, std::size_t size, std::size_t count,
                              void* self) noexcept {
    return static_cast<Exchange*>(self)->read_body({data, size * count});
}

}  // namespace wrapup
