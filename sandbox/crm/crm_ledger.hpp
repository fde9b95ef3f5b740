#pragma once

// What a CRM that honours idempotency keys holds after the requests it saw: one record per
// Idempotency-Key, and everything about repeats that was not as promised (P2).

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace wrapup {

// A record as it came in.
struct CrmPost {
    std::string key;  // Idempotency-Key.
    std::string webhook_id;
    std::string body;
    bool is_signed = true;  // Whether webhook-signature is right; true when nothing is signed.
};

struct CrmRecord {
    CrmPost first;
    int requests_count = 0;
    int filed_count = 0;      // Times it would have been filed without the key: accepted requests.
    bool is_altered = false;  // A repeat came with other bytes or another webhook-id.
    UtcTime first_at;
    UtcTime filed_at;  // Of the first that was accepted.

    bool is_filed() const { return filed_count > 0; }
};

class CrmLedger {
public:
    // A request that was refused or lost counts too: its bytes are held against the next.
    CrmRecord& note(CrmPost post, UtcTime now);
    void file(CrmRecord& record, UtcTime now);

    const CrmRecord* find(std::string_view key) const;
    const std::deque<CrmRecord>& records() const { return records_; }
    std::size_t requests_count() const { return requests_count_; }
    std::size_t filed_count() const { return filed_count_; }  // Records, not requests.
    std::size_t altered_count() const { return altered_count_; }
    // Without an Idempotency-Key or a webhook-id, or wrongly signed.
    std::size_t malformed_count() const { return malformed_count_; }

private:
    std::deque<CrmRecord> records_;
    std::unordered_map<std::string, CrmRecord*> by_key_;
    std::size_t requests_count_ = 0;
    std::size_t filed_count_ = 0;
    std::size_t altered_count_ = 0;
    std::size_t malformed_count_ = 0;
};

}  // namespace wrapup
