#pragma once

// What `wrapup doctor` says about the dialler's MongoDB: a wrong field name must be obvious in a
// minute. Counts and names of fields only, never a value.

#include <string>
#include <vector>

#include "adapters/mongo/mapping.hpp"
#include "adapters/mongo/settings.hpp"

namespace wrapup {

struct MongoDiagnosis {
    struct Collection {
        std::string setting;  // "calls.collection"
        std::string name;
        bool exists = false;
    };
    struct Index {
        std::string setting;  // "calls.sid"
        std::string collection;
        std::string field;
        bool exists = false;
    };
    // How often following the mapping ended at a field, among the latest calls.
    struct Miss {
        std::string setting;  // "campaigns.name"
        std::string field;    // As mapped.
        int calls_count = 0;
    };
    bool is_answering = false;
    std::string detail;  // Why not, or which of the checks failed; no address, user or password.
    std::vector<Collection> collections;
    std::vector<Index> indexes;
    int calls_count = 0;  // Looked at: the latest, at most a hundred.
    int calls_with_campaign = 0;
    int calls_with_name = 0;
    std::vector<Miss> misses;              // Most frequent first.
    std::vector<std::string> call_fields;  // Top-level names seen in these calls, for comparison.
};

// Blocks for some seconds at most. Reads only.
MongoDiagnosis diagnose(const MongoSettings& settings, const MongoMapping& mapping);

}  // namespace wrapup
