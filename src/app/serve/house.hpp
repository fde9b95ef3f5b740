#pragma once

// The running service: builds every part from the settings and hands each what it needs. Its
// threads: one for HTTP, one for the workers, one for the store's writes, one for its reads and one
// for those that take long, the store's checkpoints, libcurl's, and two that read MongoDB where
// there is one.

#include <memory>
#include <string>

#include "app/config/settings.hpp"
#include "app/serve/house_front.hpp"
#include "app/serve/service_manager.hpp"
#include "base/result.hpp"

namespace wrapup {

// How long a stop lets what is in progress go on: requests and attempts, side by side, then what
// was cut off. The real ones add up to less than the 10 s that a stop may take.
struct StopPatience {
    milliseconds requests{7'000};  // Somebody may wait for an attempt, and for what was cut off.
    milliseconds attempts{5'000};
    milliseconds cut_off{1'500};

    milliseconds all() const { return attempts + 2 * cut_off; }
};

class House {
public:
    // Opens the store, binds the listeners. `examine` is asked by GET /api/settings; `manager`
    // hears of run(). Errors name what is wrong: the data folder is in use (conflict), the database
    // is damaged (corrupt), an address is taken (unavailable).
    static Result<std::unique_ptr<House>> build(const Settings& settings, std::string api_token,
                                                StopPatience patience = {}, Examine examine = {},
                                                ServiceManager manager = {});
    ~House();

    // Serves until SIGTERM, SIGINT, SIGHUP or stop(), then ends in order within 10 s: no more
    // connections, requests and attempts in progress finish or are cut off, work goes back to the
    // store. Once.
    void run();
    // Asks run() to end; before it, makes it return at once. From any thread, any number of times.
    void stop();

    std::uint16_t port() const;

private:
    struct Parts;
    explicit House(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace wrapup
