#pragma once

// Reads all campaigns, contacts and calls in pages, for `wrapup import --from mongodb`. A page
// comes with a token; a later walk, in another process too, goes on after it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/mongo/mapping.hpp"
#include "adapters/mongo/settings.hpp"
#include "base/result.hpp"
#include "domain/metadata.hpp"

namespace wrapup {

struct MongoPage {
    struct CallEntry {
        std::string call_sid;  // May be empty: known by its conversation, or not at all.
        CallMetadata metadata;
    };
    std::vector<Campaign> campaigns;
    std::vector<Contact> contacts;
    std::vector<CallEntry> calls;
    std::uint64_t documents_count = 0;  // Read for this page, also those without anything usable.
    std::uint64_t unusable_count = 0;   // Those: nothing names the call, campaign or contact.
    std::string token;                  // Where this page ends.
    bool is_last = false;

    std::size_t entries_count() const { return campaigns.size() + contacts.size() + calls.size(); }
};

// Blocks; for one thread. Order: campaigns, contacts, calls, each by `_id`. What is written while
// the walk goes on may or may not be in it.
class MongoWalk {
public:
    static constexpr std::size_t documents_per_page = 500;

    MongoWalk(const MongoSettings& settings, MongoMapping mapping);
    ~MongoWalk();
    MongoWalk(const MongoWalk&) = delete;
    MongoWalk& operator=(const MongoWalk&) = delete;

    // About how many documents there are in all, for a progress bar.
    Result<std::uint64_t> count();
    // The page after `token`; an empty one begins. invalid_input: that is no token of ours.
    Result<MongoPage> page_after(const std::string& token);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wrapup
