#pragma once

// The dialler's MongoDB behind the Metadata port. Lookups that are due together travel together:
// what arrives while the threads are busy becomes the next batch. While MongoDB is away, one lookup
// at a time finds out whether it is back, and the others are told so at once.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "adapters/mongo/mapping.hpp"
#include "adapters/mongo/settings.hpp"
#include "ports/clock.hpp"
#include "ports/metadata.hpp"

namespace wrapup {

struct MongoLimits {
    std::size_t batch_queries_max = 500;     // Of one read.
    std::size_t waiting_queries_max = 2000;  // Beyond it, find() answers `away` at once.
    std::size_t threads_count = 2;
    std::size_t campaigns_max = 1000;
    milliseconds campaign_age_max{60'000};
    milliseconds campaign_absence_age_max{5'000};
    milliseconds probe_pause{1'000};  // Between two tries while MongoDB is away.
    // libmongoc waits by a clock that can be set, so that no wait of its own is sure to end. By a
    // clock that nobody can set a lookup is answered `away` after so long, or, absent, after what
    // the URI's times add up to;
    std::optional<milliseconds> answer_max = std::nullopt;
    // and what hangs in the library is left to itself so long after a stop.
    milliseconds stop_max{2'500};
};

struct MongoStatus {
    bool is_away = false;  // As far as the last lookup knows.
    std::string detail;    // No address, user or password.
};

class MongoMetadata final : public Metadata {
public:
    // Connects when first asked, so that an unreachable host does not stop the start. `clock` is
    // asked for the time from several threads.
    MongoMetadata(const MongoSettings& settings, MongoMapping mapping, const Clock& clock,
                  MongoLimits limits = {});
    // Waits a moment for reads under way; lookups that have no answer then are answered `away`.
    ~MongoMetadata() override;
    MongoMetadata(const MongoMetadata&) = delete;
    MongoMetadata& operator=(const MongoMetadata&) = delete;

    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override;

    MongoStatus status() const;  // From any thread.

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  // Whose threads hold it, too.
};

}  // namespace wrapup
