#include "bench/callbacks.hpp"

#include <charconv>
#include <chrono>

#include "codec/twilio/twilio_signature.hpp"

namespace wrapup::bench {
namespace {

constexpr std::string_view path = "/call-status-callback";

// splitmix64: neighbours become strangers.
std::uint64_t scatter(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

void append_hex(std::string& to, std::uint64_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4) to += digits[(value >> shift) & 0xfU];
}

}  // namespace

std::string phone_of(std::uint64_t number) {
    return "+1415" + std::to_string(5'000'000 + number % 4'000'000);
}

std::string call_sid_of(std::uint64_t number) {
    std::string sid = "CA";
    append_hex(sid, scatter(number));
    append_hex(sid, number);
    return sid;
}

std::optional<std::uint64_t> number_of(std::string_view call_sid) {
    if (call_sid.size() != 34) return std::nullopt;
    const std::string_view digits = call_sid.substr(18);
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return number;
}

Form callback_form(std::uint64_t number, std::string_view status, UtcTime at) {
    const std::string to = phone_of(number);
    return {{"Called", to},
            {"ToState", "CA"},
            {"CallerCountry", "US"},
            {"Direction", "outbound-api"},
            {"Timestamp", format_rfc3339(at)},
            {"CallbackSource", "call-progress-events"},
            {"CallerState", "CA"},
            {"ToZip", "94105"},
            {"SequenceNumber", "2"},
            {"CallSid", call_sid_of(number)},
            {"To", to},
            {"CallerZip", "94105"},
            {"ToCountry", "US"},
            {"CalledZip", "94105"},
            {"ApiVersion", "2010-04-01"},
            {"CalledCity", "SAN FRANCISCO"},
            {"CallStatus", std::string(status)},
            {"Duration", "0"},
            {"From", "+15005550006"},
            {"CallDuration", "0"},
            {"AccountSid", std::string(account_sid)},
            {"CalledCountry", "US"},
            {"CallerCity", "SAN FRANCISCO"},
            {"ToCity", "SAN FRANCISCO"},
            {"FromCountry", "US"},
            {"Caller", "+15005550006"},
            {"FromCity", "SAN FRANCISCO"},
            {"CalledState", "CA"},
            {"FromZip", "94105"},
            {"FromState", "CA"}};
}

std::string callback_request(std::uint64_t number, std::string_view status) {
    const UtcTime now =
        std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    const Form form = callback_form(number, status, now);
    const std::string body = render_form(form);
    std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: bench.example.com\r\n";
    request += "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n";
    request += "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n";
    request += "X-Twilio-Signature: ";
    request += twilio_signature(auth_token, std::string(server_url) + std::string(path), form);
    request += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return request + body;
}

std::vector<std::string> callback_requests(std::uint64_t first, std::size_t count,
                                           std::string_view status) {
    std::vector<std::string> requests;
    requests.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        requests.push_back(callback_request(first + i, status));
    }
    return requests;
}

std::string healthz_request() {
    return "GET /healthz HTTP/1.1\r\nHost: bench.example.com\r\nUser-Agent: bench\r\n"
           "Accept: */*\r\n\r\n";
}

}  // namespace wrapup::bench
