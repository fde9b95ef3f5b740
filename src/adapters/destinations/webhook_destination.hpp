#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/crm_gateway.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

struct DestinationSettings {
    std::string name;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  // For its API key; secret.
    milliseconds timeout{35'000};
    std::string signing_key;  // Decoded; empty: records are not signed.
    bool allows_private_targets = false;
};

// Headers that belong to the connection or to us: a destination's own ones of these names are not
// sent.
bool is_reserved_header(std::string_view name);

// Posts records to the destinations that are configured. A request for any other one is not_sent.
class WebhookDestination final : public CrmGateway {
public:
    WebhookDestination(HttpTransport& transport, const Clock& clock,
                       std::vector<DestinationSettings> destinations, std::string_view version);

    Task<CrmAnswer> deliver(CrmRequest request) override;

private:
    HttpRequest render(CrmRequest& record, const DestinationSettings& destination) const;
    CrmAnswer read(HttpAnswer& answer) const;

    HttpTransport& transport_;
    const Clock& clock_;
    std::map<std::string, DestinationSettings> destinations_;
    const std::string user_agent_;
};

}  // namespace wrapup
