// Invariant: a request signed for its public URL is genuine, the same with another token is not;
// neither that nor explaining it costs more than a fixed number of hashes.
// First line: the target. The rest: a form body, or any other body.

#include "codec/bytes/form.hpp"
#include "codec/bytes/url_path.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view server_url = "https://user:pass@calls.example.com:8443/voice/";
    std::string_view body = input_of(data, size);
    TwilioRequest request;
    request.target = take_line(body);
    request.body = body;
    request.host = request.target;
    request.forwarded_host = body.substr(0, 100);
    request.forwarded_proto = "https";
    request.signature = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    request.content_type = "application/json";
    const auto refused = [&](const std::vector<std::string>& tokens) {
        const TwilioVerdict verdict = verify_twilio(request, server_url, tokens);
        const TwilioHint hint = explain_twilio(request, server_url, tokens);
        return !verdict.is_genuine && verdict.cost.hashes_count <= 12 &&
               hint.cost.hashes_count <= 24;
    };
    WRAPUP_ASSERT(refused({"token"}));

    const auto form = parse_form(body);
    if (!form || request.target.empty()) return 0;
    request.form = &*form;
    request.content_type = "application/x-www-form-urlencoded";
    // The proxy may have left the path of SERVER_URL there.
    const std::string path = tidy_path(request.target.substr(0, request.target.find('?')));
    const std::string url = std::string("https://user:pass@calls.example.com:8443")
                                .append(is_below(path, "/voice") ? "" : "/voice")
                                .append(request.target);
    const std::string signature = twilio_signature("token", url, *form);
    request.signature = signature;
    WRAPUP_ASSERT(verify_twilio(request, server_url, {"token"}).is_genuine);
    WRAPUP_ASSERT(refused({"other"}));
    return 0;
}
