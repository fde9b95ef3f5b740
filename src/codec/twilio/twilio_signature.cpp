#include "codec/twilio/twilio_signature.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"
#include "codec/bytes/url_path.hpp"

namespace wrapup {

namespace {

using Field = Form::value_type;

constexpr std::string_view no_idea = "wrong auth token or a forged request";
constexpr std::size_t explained_size_max = 8192;
constexpr std::size_t signature_size = 28;  // Of base64 of 20 bytes.
// Twilio's own URLs have one or two. Each may triple, so a query of nothing else is no gift.
constexpr std::ptrdiff_t apostrophes_max = 32;

// An absolute URL cut where Twilio's habits cut it. All views point into the text it came from.
struct UrlParts {
    std::string_view scheme;       // "https"
    std::string_view credentials;  // "user:password@", with the at sign; may be empty.
    std::string_view host;
    std::string_view port;  // ":8443", with the colon; may be empty.
    std::string_view rest;  // Path and query.
};

std::optional<UrlParts> split_url(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    UrlParts parts;
    parts.scheme = url.substr(0, scheme_end);
    url.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
    std::string_view authority = url.substr(0, authority_end);
    parts.rest = url.substr(authority_end);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        parts.credentials = authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
    // The colons inside of an IPv6 address are no port.
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    parts.host = authority.substr(0, has_port ? colon : authority.size());
    if (has_port) parts.port = authority.substr(colon);
    return parts;
}

std::string_view default_port(std::string_view scheme) {
    if (equals_ignoring_case(scheme, "https")) return ":443";
    if (equals_ignoring_case(scheme, "http")) return ":80";
    return "";
}

std::string join_url(const UrlParts& parts, std::string_view credentials, std::string_view port) {
    std::string url;
    url.reserve(parts.scheme.size() + credentials.size() + parts.host.size() + port.size() +
                parts.rest.size() + 3);
    url.append(parts.scheme).append("://").append(credentials).append(parts.host);
    return url.append(port).append(parts.rest);
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    while (true) {
        const std::size_t found = text.find(from);
        result += text.substr(0, found);
        if (found == std::string_view::npos) return result;
        result += to;
        text.remove_prefix(found + from.size());
    }
}

// Some of Twilio's products sign an apostrophe of the query raw, some as %27; proxies rewrite it.
void add_apostrophe_forms(std::vector<std::string>& urls) {
    const std::size_t count = urls.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t query = urls[i].find('?');
        if (query == std::string::npos) return;
        const std::string base = urls[i].substr(0, query);
        const std::string rest = urls[i].substr(query);
        if (std::count(rest.begin(), rest.end(), '\'') > apostrophes_max) return;
        if (rest.find('\'') != std::string::npos) {
            urls.push_back(base + replace_all(rest, "'", "%27"));
        }
        if (rest.find("%27") != std::string::npos) {
            urls.push_back(base + replace_all(rest, "%27", "'"));
        }
    }
}

// Every spelling under which Twilio may have signed this URL, most likely first.
std::vector<std::string> signed_urls(std::string_view url) {
    std::vector<std::string> urls;
    const std::optional<UrlParts> parts = split_url(url);
    if (!parts) return {std::string(url)};
    const std::string_view other_port = parts->port.empty() ? default_port(parts->scheme) : "";
    urls.push_back(join_url(*parts, parts->credentials, parts->port));
    urls.push_back(join_url(*parts, parts->credentials, other_port));
    if (!parts->credentials.empty()) {
        urls.push_back(join_url(*parts, "", parts->port));
        urls.push_back(join_url(*parts, "", other_port));
    }
    return urls;
}

// What follows the URL in the signed text.
std::string signed_fields(const Form& form) {
    std::vector<const Field*> fields;
    fields.reserve(form.size());
    std::size_t size = 0;
    for (const Field& field : form) {
        fields.push_back(&field);
        size += field.first.size() + field.second.size();
    }
    std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return *a < *b; });
    const auto end = std::unique(fields.begin(), fields.end(),
                                 [](const Field* a, const Field* b) { return *a == *b; });
    std::string text;
    text.reserve(size);
    for (auto field = fields.begin(); field != end; ++field) {
        text.append((*field)->first).append((*field)->second);
    }
    return text;
}

// One request with everything that does not depend on the URL prepared.
class Check {
public:
    Check(std::string_view signature, std::string fields, const std::vector<std::string>& tokens)
        : signature_(trim(signature)), fields_(std::move(fields)), tokens_(tokens) {}

    // Whether any token signed any spelling of this URL.
    bool accepts(std::string_view url) {
        std::vector<std::string> urls = signed_urls(url);
        add_apostrophe_forms(urls);
        return accepts_any(std::move(urls));
    }
    // The same for an address that is only guessed: its port is tried both ways, no more.
    bool would_accept(std::string_view url) { return accepts_any(signed_urls(url)); }

    const SignatureCost& cost() const { return cost_; }

private:
    bool accepts_any(std::vector<std::string> texts) {
        if (signature_.size() != signature_size) return false;
        for (std::string& text : texts) {
            text += fields_;
            for (const std::string& token : tokens_) {
                cost_.hashes_count += 1;
                cost_.hashed_bytes += text.size();
                const std::string expected = to_base64(hmac_sha1(token, text));
                if (equals_constant_time(expected, signature_)) return true;
            }
        }
        return false;
    }

    std::string_view signature_;
    std::string fields_;
    const std::vector<std::string>& tokens_;
    SignatureCost cost_;
};

// The value of bodySHA256 in the query; empty when there is none.
std::string_view body_hash_of(std::string_view target) {
    constexpr std::string_view name = "bodySHA256=";
    const std::size_t query = target.find('?');
    if (query == std::string_view::npos) return {};
    target.remove_prefix(query + 1);
    while (!target.empty()) {
        const std::size_t end = target.find('&');
        const std::string_view field = target.substr(0, end);
        if (field.starts_with(name)) return field.substr(name.size());
        target.remove_prefix(end == std::string_view::npos ? target.size() : end + 1);
    }
    return {};
}

std::string_view without_slashes_at_end(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

// Whether the proxy left the path of SERVER_URL in front of the target.
bool has_prefix(std::string_view target, std::string_view server_url) {
    const std::string prefix = tidy_path(path_of_url(server_url));
    return !prefix.empty() && is_below(tidy_path(target.substr(0, target.find('?'))), prefix);
}

// SERVER_URL joined with the received target.
std::string public_url(std::string_view server_url, std::string_view target) {
    server_url = without_slashes_at_end(server_url);
    if (has_prefix(target, server_url)) {
        server_url.remove_suffix(path_of_url(server_url).size());
    }
    return std::string(server_url).append(target);
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
}

// The first of a list that proxies appended to.
std::string_view first_of_list(std::string_view text) {
    return trim(text.substr(0, text.find(',')));
}

// Addresses (scheme, host and port) that a wrong SERVER_URL is most often confused with.
std::vector<std::string> likely_origins(const TwilioRequest& request, const UrlParts& configured) {
    std::vector<std::string> hosts;
    hosts.push_back(std::string(configured.host).append(configured.port));
    for (const std::string_view host : {first_of_list(request.forwarded_host), request.host}) {
        if (!is_host(host)) continue;
        hosts.emplace_back(host);
    }
    std::vector<std::string> origins;
    for (const std::string_view scheme : {first_of_list(request.forwarded_proto),
                                          std::string_view("https"), std::string_view("http")}) {
        if (default_port(scheme).empty()) continue;
        for (const std::string& host : hosts) {
            std::string origin = to_lower(scheme) + "://" + host;
            if (std::ranges::find(origins, origin) != origins.end()) continue;
            origins.push_back(std::move(origin));
        }
    }
    return origins;
}

bool is_form_type(std::string_view content_type) {
    const std::string_view media_type = trim(content_type.substr(0, content_type.find(';')));
    return equals_ignoring_case(media_type, "application/x-www-form-urlencoded");
}

}  // namespace

std::string twilio_signature(std::string_view auth_token, std::string_view url, const Form& form) {
    return to_base64(hmac_sha1(auth_token, std::string(url) + signed_fields(form)));
}

TwilioVerdict verify_twilio(const TwilioRequest& request, std::string_view server_url,
                            const std::vector<std::string>& auth_tokens) {
    if (trim(request.signature).empty()) return {false, "no X-Twilio-Signature header", {}};
    const bool has_fields = request.form != nullptr && is_form_type(request.content_type);
    const std::string_view body_hash = body_hash_of(request.target);
    if (!has_fields && !request.body.empty()) {
        if (body_hash.empty()) return {false, "a body that is no form, and no bodySHA256", {}};
        if (!equals_constant_time(to_lower(body_hash), sha256_hex(request.body))) {
            return {false, "the body is not the one of bodySHA256", {}};
        }
    }
    Check check(request.signature, has_fields ? signed_fields(*request.form) : "", auth_tokens);
    if (check.accepts(public_url(server_url, request.target))) return {true, "", check.cost()};
    return {false, std::string(no_idea), check.cost()};
}

TwilioHint explain_twilio(const TwilioRequest& request, std::string_view server_url,
                          const std::vector<std::string>& auth_tokens) {
    TwilioHint hint{"", std::string(no_idea), {}};
    // Twilio's own requests are small.
    if (request.target.size() + request.body.size() > explained_size_max) return hint;
    const bool has_fields = request.form != nullptr && is_form_type(request.content_type);
    Check check(request.signature, has_fields ? signed_fields(*request.form) : "", auth_tokens);
    server_url = without_slashes_at_end(server_url);
    const UrlParts configured = split_url(server_url).value_or(UrlParts{});
    for (const std::string& origin : likely_origins(request, configured)) {
        const std::string with_path = std::string(origin).append(configured.rest);
        const std::string text = "it would match " + origin + ": SERVER_URL should begin with it";
        if (check.would_accept(public_url(with_path, request.target))) {
            hint = {with_path, text, {}};
            break;
        }
        if (configured.rest.empty() || has_prefix(request.target, server_url)) continue;
        if (check.would_accept(std::string(origin).append(request.target))) {
            hint = {origin, text + " and have no path", {}};
            break;
        }
    }
    hint.cost = check.cost();
    return hint;
}

}  // namespace wrapup
