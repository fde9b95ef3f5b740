#pragma once

// The dashboard's page at / and its files below /assets/.

#include <span>
#include <string>
#include <string_view>

#include "http/server/routes.hpp"
#include "http/web/web_assets.hpp"

namespace wrapup {

class WebRoutes {
public:
    // `assets`: empty, or with an index.html; outlives the routes.
    WebRoutes(std::span<const WebAsset> assets, std::string version)
        : assets_(assets), version_(std::move(version)) {}
    // This object outlives the routes.
    void add_to(RouteSet& routes) const;

private:
    const WebAsset* find(std::string_view name) const;

    const std::span<const WebAsset> assets_;
    const std::string version_;
};

// Which of identity, gzip and br an Accept-Encoding header takes, br before gzip; qualities above 0
// are all the same to us.
enum class WebCoding { identity, gzip, brotli };
WebCoding coding_for(std::string_view accept_encoding);

}  // namespace wrapup
