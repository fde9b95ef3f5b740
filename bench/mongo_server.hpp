#pragma once

// A dialler's MongoDB: nx-27017 (test/mongo/setup-nx) as a process of its own, with documents for
// calls by number, and a client that reads them one by one.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "bench/child.hpp"

namespace wrapup::bench {

class MongoServer {
public:
    // An empty server on files in `folder`; ends the program when it does not start.
    explicit MongoServer(const std::filesystem::path& folder);

    std::string uri() const;
    // Documents for calls 1 to `calls_count`: the call with its campaign and, but for every tenth,
    // the contact's name; the campaign's name; the contact's name by phone number. Indexed as
    // docs/formats/mongodb.md asks.
    void fill(std::uint64_t calls_count) const;
    // One findOne after another for so long, in calls per second: of the call's document only, or
    // also of its campaign's and, where the name is missing, its contact's.
    enum class Questions { call_only, all };
    double find_one_loop(std::uint64_t calls_count, Questions questions, double duration_s) const;

    void freeze() const;
    void thaw() const;

private:
    std::uint16_t port_;
    std::unique_ptr<Child> child_;
};

}  // namespace wrapup::bench
