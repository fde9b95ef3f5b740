#pragma once

// The running service: builds every part from the settings and hands each what it needs. Its
// threads: one for HTTP, one for the workers, one for the store's writes, one for its reads, the
// store's checkpoints, libcurl's, and two that read MongoDB where there is one.

#include <memory>
#include <string>

#include "app/settings.hpp"
#include "base/result.hpp"

namespace wrapup {

class House {
public:
    // Opens the store, binds the listeners. Errors name what is wrong: the data folder is in use
    // (conflict), the database is damaged (corrupt), an address is taken (unavailable).
    static Result<std::unique_ptr<House>> build(const Settings& settings, std::string api_token);
    ~House();

    // Serves until SIGTERM or SIGINT, then ends in order within 10 s: no more connections, requests
    // in progress finish, work goes back to the store.
    void run();

    std::uint16_t port() const;

private:
    struct Parts;
    explicit House(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace wrapup
