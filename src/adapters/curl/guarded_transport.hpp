#pragma once

#include <utility>

#include "ports/http_transport.hpp"

namespace wrapup {

// Sends nothing to a private, loopback or link-local address, whatever the request says.
class GuardedTransport final : public HttpTransport {
public:
    explicit GuardedTransport(HttpTransport& behind) : behind_(behind) {}
    Task<HttpAnswer> send(HttpRequest request) override {
        request.refuses_private_targets = true;
        return behind_.send(std::move(request));
    }

private:
    HttpTransport& behind_;
};

}  // namespace wrapup
