#pragma once

// What the dialler knows of calls, its campaigns and contacts. Read, never owned. A source may be
// slow or away; it must not make anybody else wait. Every implementation passes
// test/metadata_conformance.hpp.

#include <span>
#include <string>
#include <vector>

#include "domain/metadata.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct MetadataQuery {
    std::string call_sid;  // Either may be empty.
    std::string conversation_id;
    std::string to;           // The other party's number, whose contact is asked for.
    bool is_inbound = false;  // Then the number called, which a source may have too, is ours.
};

struct MetadataAnswer {
    enum class Kind {
        found,    // The call is known; fields that are missing or odd are empty.
        not_yet,  // Not there, but a dialler may still write it: worth asking again.
        absent,   // Not there, and asking again is pointless.
        away,     // The source did not answer.
    };
    Kind kind = Kind::absent;
    CallMetadata metadata;  // May hold the contact of the number even when the call is not known.
    std::string detail;     // Of away: what went wrong; no personal data.
};

class Metadata {
public:
    virtual ~Metadata() = default;
    // One answer per query, in their order. Bounded in time; never throws.
    virtual Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) = 0;
};

}  // namespace wrapup
