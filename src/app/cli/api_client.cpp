#include "app/cli/api_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "adapters/curl/handle.hpp"
#include "adapters/files/small_file.hpp"
#include "app/config/api_token.hpp"
#include "app/config/setting_values.hpp"
#include "app/program/version.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"

namespace wrapup {
namespace {

constexpr long connect_timeout_ms = 5'000;
// Sending a record may take as long as the longest time-out of a destination, and a little more.
constexpr long total_timeout_ms = 330'000;
constexpr std::size_t answer_size_max = 64U << 20U;

std::size_t keep_piece(char* piece, std::size_t, std::size_t size, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size > answer_size_max) return 0;
    body.append(piece, size);
    return size;
}

void add_header(HeaderList& list, const std::string& header) {
    curl_slist* longer = curl_slist_append(list.get(), header.c_str());
    WRAPUP_ASSERT(longer != nullptr);
    (void)list.release();
    list.reset(longer);
}

template <class Value>
void set(const EasyHandle& easy, CURLoption option, Value value) {
    WRAPUP_ASSERT(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
}

struct Listening {
    std::function<bool()> goes_on;
    std::function<void(std::string_view)> take;
    CURL* easy = nullptr;
    milliseconds silence_max;
    std::chrono::steady_clock::time_point heard_at = std::chrono::steady_clock::now();
};

std::size_t take_piece(char* piece, std::size_t, std::size_t size, void* target) {
    auto& listening = *static_cast<Listening*>(target);
    long status = 0;
    curl_easy_getinfo(listening.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return 0;
    listening.heard_at = std::chrono::steady_clock::now();
    listening.take({piece, size});
    return size;
}

int check_listening(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& listening = *static_cast<Listening*>(target);
    const auto silence = std::chrono::steady_clock::now() - listening.heard_at;
    return listening.goes_on() && silence < listening.silence_max ? 0 : 1;
}

Error explain_failure(CURLcode code, const std::string& base_url) {
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
        return {Errc::unavailable,
                "nobody answers at " + base_url +
                    ". Is the server running? Start it with `wrapup serve`, or say where it is "
                    "with --url or WRAPUP_URL."};
    }
    return {Errc::unavailable, "no answer from " + base_url + ": " + curl_easy_strerror(code)};
}

// Every answer of wrapup below /api/ has it, refusals too.
bool is_of_wrapup(const EasyHandle& easy) {
    curl_header* header = nullptr;
    return curl_easy_header(easy.get(), "Wrapup", 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
}

Error explain_stranger(int status, const std::string& base_url) {
    const std::string said = "HTTP " + std::to_string(status);
    if (status == 502 || status == 503 || status == 504) {
        return {Errc::unavailable, "what answers at " + base_url + " does not reach wrapup (" +
                                       said + "). Is the server running? (`wrapup serve`)"};
    }
    return {Errc::unavailable, "what answers at " + base_url +
                                   " is not wrapup, or an older version of it (" + said +
                                   " without the header Wrapup). Say where the server is with "
                                   "--url or WRAPUP_URL."};
}

bool concerns_clients(const SettingProblem& problem) {
    constexpr std::array<std::string_view, 6> names = {
        "PORT",      "WRAPUP_LISTEN", "WRAPUP_ADMIN_LISTEN", "WRAPUP_DATA_DIR", "WRAPUP_API_TOKEN",
        "WRAPUP_URL"};
    const bool is_file = problem.name.find('.') != std::string::npos &&
                         !problem.name.starts_with("destination.") &&
                         !problem.name.starts_with("metadata.");
    return is_file || std::find(names.begin(), names.end(), problem.name) != names.end();
}

Result<std::string> token_in_file(const std::string& path) {
    auto text = read_small_file(path);
    if (!text) return Error{Errc::invalid_input, path + ": " + text.error().detail};
    auto token = parse_api_token(trim(*text));
    if (!token) return Error{Errc::invalid_input, path + ": the token " + token.error().detail};
    return token;
}

Result<std::string> find_token(const Settings& settings, bool has_env_file) {
    if (!settings.api_token.empty()) return settings.api_token;
    auto token = read_api_token(settings.data_dir);
    if (token) return token;
    const std::string env_file =
        has_env_file ? "" : " There is no .env in this folder; `wrapup init` makes one.";
    return Error{Errc::invalid_input,
                 "no API token: " + token.error().detail + " (looked in " +
                     settings.data_dir.string() +
                     "). The first `wrapup serve` makes one, in the file api_token of its data "
                     "folder: run this where that is, set WRAPUP_API_TOKEN to what it holds, or "
                     "name a file that holds it with --token-file." +
                     env_file};
}

}  // namespace

Result<ApiAnswer> ApiClient::get(std::string_view target) const { return request(target, nullptr); }

Result<ApiAnswer> ApiClient::post(std::string_view target, std::string_view json) const {
    const std::string body(json);
    return request(target, &body);
}

Result<ApiAnswer> ApiClient::del(std::string_view target) const {
    return request(target, nullptr, "DELETE");
}

std::string with_query(std::string_view path,
                       const std::vector<std::pair<std::string_view, std::string>>& parameters) {
    std::string target(path);
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        target += separator + std::string(name) + "=" + percent_encode(value);
        separator = '&';
    }
    return target;
}

Result<ApiAnswer> ApiClient::request(std::string_view target, const std::string* body,
                                     const char* verb) const {
    const EasyHandle easy(curl_easy_init());
    WRAPUP_ASSERT(easy != nullptr);
    HeaderList headers;
    add_header(headers, "Authorization: Bearer " + token_);
    add_header(headers, "Accept: application/json");
    if (body != nullptr) add_header(headers, "Content-Type: application/json");
    const std::string url = base_url_ + std::string(target);
    const std::string agent = "wrapup/" + std::string(version());
    ApiAnswer answer;

    set(easy, CURLOPT_URL, url.c_str());
    set(easy, CURLOPT_PATH_AS_IS, 1L);  // A campaign may be called "..".
    set(easy, CURLOPT_USERAGENT, agent.c_str());
    set(easy, CURLOPT_HTTPHEADER, headers.get());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOPROXY, "*");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    const bool is_recount = target.starts_with("/api/ledger/verify");
    const bool is_search = body != nullptr && target == "/api/calls/search";
    const bool is_reading = verb == nullptr && !is_recount && (body == nullptr || is_search);
    const auto reading_ms = static_cast<long>(patience_.reading.count());
    set(easy, CURLOPT_TIMEOUT_MS, is_reading ? reading_ms : total_timeout_ms);
    set(easy, CURLOPT_WRITEFUNCTION, keep_piece);
    set(easy, CURLOPT_WRITEDATA, &answer.body);
    if (body != nullptr) {
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
        set(easy, CURLOPT_POSTFIELDS, body->c_str());
    }
    if (verb != nullptr) set(easy, CURLOPT_CUSTOMREQUEST, verb);
    if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
        return explain_failure(code, base_url_);
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    if (target.starts_with("/api/") && !is_of_wrapup(easy))
        return explain_stranger(answer.status, base_url_);
    if (answer.status == 401) {
        return Error{Errc::unauthorized, "the server at " + base_url_ +
                                             " refuses the API token: it was started with another "
                                             "WRAPUP_API_TOKEN or data folder (see --token-file)"};
    }
    return answer;
}

Result<void> ApiClient::listen(std::string_view target, std::function<bool()> goes_on,
                               std::function<void(std::string_view)> take) const {
    const EasyHandle easy(curl_easy_init());
    WRAPUP_ASSERT(easy != nullptr);
    HeaderList headers;
    add_header(headers, "Authorization: Bearer " + token_);
    add_header(headers, "Accept: text/event-stream");
    const std::string url = base_url_ + std::string(target);
    Listening listening{std::move(goes_on), std::move(take), easy.get(), patience_.silence};
    set(easy, CURLOPT_URL, url.c_str());
    set(easy, CURLOPT_HTTPHEADER, headers.get());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOPROXY, "*");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    set(easy, CURLOPT_WRITEFUNCTION, take_piece);
    set(easy, CURLOPT_WRITEDATA, &listening);
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, check_listening);
    set(easy, CURLOPT_XFERINFODATA, &listening);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) return explain_failure(code, base_url_);
    return {};
}

Result<ApiClient> open_api(const Console& console, const CommandLine& line) {
    InspectedSettings inspected;
    bool has_env_file = true;
    if (line.url.empty() || line.token_file.empty()) {
        WRAPUP_TRY(const SettingsInput input, console.read_settings());
        has_env_file = input.env_file.has_value();
        inspected = inspect_settings(input);
        for (const auto& problem : inspected.problems) {
            if (concerns_clients(problem)) return Error{Errc::invalid_input, problem.text};
        }
    }
    std::string url = inspected.settings.client_url;
    if (url.empty()) url = local_api_url(inspected.settings);
    if (!line.url.empty()) {
        auto given = parse_base_url(line.url);
        if (!given) return Error{Errc::invalid_input, "--url " + given.error().detail};
        url = *std::move(given);
    }
    WRAPUP_TRY(std::string token, line.token_file.empty()
                                      ? find_token(inspected.settings, has_env_file)
                                      : token_in_file(line.token_file));
    return ApiClient(std::move(url), std::move(token));
}

}  // namespace wrapup
