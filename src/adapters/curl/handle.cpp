#include "adapters/curl/handle.hpp"

#include "base/text.hpp"

namespace wrapup {

std::string host_of_url(const std::string& url) {
    const UrlHandle parsed{curl_url()};
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
        return {};
    char* host = nullptr;
    if (curl_url_get(parsed.get(), CURLUPART_HOST, &host, CURLU_PUNYCODE) != CURLUE_OK) return {};
    const CurlText owned{host};
    return to_lower(host);
}

}  // namespace wrapup
