#include "sandbox/crm/crm_ledger.hpp"

namespace wrapup {

CrmRecord& CrmLedger::note(CrmPost post, UtcTime now) {
    requests_count_ += 1;
    if (post.key.empty() || post.webhook_id.empty() || !post.is_signed) malformed_count_ += 1;
    CrmRecord*& record = by_key_[post.key];
    if (record == nullptr) {
        record = &records_.emplace_back();
        record->first = std::move(post);
        record->first_at = now;
    } else if (record->first.body != post.body || record->first.webhook_id != post.webhook_id) {
        record->is_altered = true;
        altered_count_ += 1;
    }
    record->requests_count += 1;
    return *record;
}

void CrmLedger::file(CrmRecord& record, UtcTime now) {
    if (!record.is_filed()) {
        record.filed_at = now;
        filed_count_ += 1;
    }
    record.filed_count += 1;
}

const CrmRecord* CrmLedger::find(std::string_view key) const {
    const auto found = by_key_.find(std::string(key));
    return found == by_key_.end() ? nullptr : found->second;
}

}  // namespace wrapup
