// Invariant: any answer gives webhooks or invalid_input; what is shown of a URL has no query and no
// user.

#include "codec/elevenlabs/webhook_list.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto webhooks = parse_webhook_list(input_of(data, size));
    if (!webhooks) {
        WRAPUP_ASSERT(webhooks.error().code == Errc::invalid_input);
        return 0;
    }
    for (const WebhookHealth& webhook : *webhooks) {
        WRAPUP_ASSERT(webhook.url.find_first_of("?#") == std::string::npos);
        const std::size_t host = webhook.url.find("://");
        if (host == std::string::npos) continue;
        const std::string_view rest = std::string_view(webhook.url).substr(host + 3);
        WRAPUP_ASSERT(rest.substr(0, rest.find('/')).find('@') == std::string_view::npos);
    }
    return 0;
}
