#include "import/import_mongodb.hpp"

#include <span>

#include "adapters/files/time_zone_file.hpp"
#include "adapters/mongo/value.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

using F = ImportField;

// Well below what a server takes in one request.
constexpr std::size_t batch_bytes_max = 1U << 20U;

class Collector {
public:
    Collector(ImportKind kind, std::vector<ImportField> fields, const ReadPhone& read_phone)
        : map_{kind, {}}, read_phone_(read_phone) {
        items_.kind = kind;
        for (const ImportField field : fields) map_.fields.emplace_back(field);
    }

    void add(const std::vector<std::string>& texts) {
        auto item = read_import_item(map_, texts, read_phone_);
        if (item) {
            items_.items.push_back(*std::move(item));
        } else {
            items_.left_out.push_back(item.error().detail);
        }
    }

    MongoItems take() { return std::move(items_); }

private:
    ColumnMap map_;
    const ReadPhone& read_phone_;
    MongoItems items_;
};

MongoItems campaigns_of(const MongoPage& page, const ReadPhone& read_phone) {
    Collector collector(ImportKind::campaigns,
                        {F::campaign_id, F::campaign_name, F::campaign_description}, read_phone);
    for (const auto& one : page.campaigns) {
        collector.add({mongo::campaign_key(one.id), one.name, one.description});
    }
    return collector.take();
}

MongoItems contacts_of(const MongoPage& page, const ReadPhone& read_phone) {
    Collector collector(ImportKind::contacts, {F::phone, F::name, F::time_zone}, read_phone);
    std::size_t dropped_zones_count = 0;
    for (const auto& one : page.contacts) {
        // As in a lookup, a zone that is none counts for nothing.
        const bool is_odd = !one.time_zone.empty() && !load_time_zone(one.time_zone);
        collector.add({one.phone, one.name, is_odd ? std::string() : one.time_zone});
        dropped_zones_count += is_odd ? 1 : 0;
    }
    MongoItems items = collector.take();
    items.dropped_zones_count = dropped_zones_count;
    return items;
}

MongoItems calls_of(const MongoPage& page, const ReadPhone& read_phone) {
    // As in a lookup, an odd field empties itself and nothing else.
    const ReadPhone read_or_leave_out = [&](std::string_view text) {
        auto number = read_phone ? read_phone(text) : normalize_phone_number(text);
        const bool is_odd = !number && number.error().code == Errc::invalid_input;
        return is_odd ? Result<std::string>(std::string{}) : number;
    };
    Collector collector(ImportKind::calls,
                        {F::call_sid, F::conversation_id, F::name, F::campaign_id, F::agent_id,
                         F::phone, F::answered_by},
                        read_or_leave_out);
    for (const auto& one : page.calls) {
        const CallMetadata& metadata = one.metadata;
        collector.add({one.call_sid, metadata.conversation_id, metadata.name,
                       mongo::campaign_key(metadata.campaign_id), metadata.agent_id, metadata.to,
                       metadata.answered_by});
    }
    return collector.take();
}

std::size_t bytes_of(const ImportItem& item) {
    if (const auto* call = std::get_if<ImportedCall>(&item)) {
        const CallMetadata& m = call->metadata;
        return call->call_id.size() + m.name.size() + m.campaign_id.size() +
               m.conversation_id.size() + m.agent_id.size() + m.to.size() + m.answered_by.size();
    }
    if (const auto* campaign = std::get_if<Campaign>(&item)) {
        return campaign->id.size() + campaign->name.size() + campaign->description.size();
    }
    const auto& contact = std::get<Contact>(item);
    return contact.phone.size() + contact.name.size() + contact.time_zone.size();
}

// As many of the first as one batch may hold; at least one.
std::size_t batch_count(std::span<const ImportItem> items) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < items.size() && count < ImportTarget::batch_max) {
        bytes += bytes_of(items[count]);
        if (count > 0 && bytes > batch_bytes_max) break;
        count += 1;
    }
    return count;
}

}  // namespace

std::vector<MongoItems> items_of(const MongoPage& page, const ReadPhone& read_phone) {
    std::vector<MongoItems> all;
    if (!page.campaigns.empty()) all.push_back(campaigns_of(page, read_phone));
    if (!page.contacts.empty()) all.push_back(contacts_of(page, read_phone));
    if (!page.calls.empty()) all.push_back(calls_of(page, read_phone));
    return all;
}

std::string mongodb_progress_key(const MongoSettings& settings, const MongoMapping& mapping,
                                 const std::string& target) {
    // From the hosts on: what stands before and after them may be secret.
    std::string where = settings.uri.substr(0, settings.uri.find('?'));
    const std::size_t at = where.rfind('@');
    if (at != std::string::npos) where.erase(0, at + 1);
    std::string key = "mongodb|" + where + "|" + target;
    const auto& [calls, campaigns, contacts] = mapping;
    for (const auto* name :
         {&calls.collection, &calls.sid, &calls.name, &calls.campaign, &calls.conversation,
          &calls.agent, &calls.to, &calls.answered_by, &campaigns.collection, &campaigns.name,
          &campaigns.description, &contacts.collection, &contacts.phone, &contacts.name,
          &contacts.time_zone}) {
        key += "|" + *name;
    }
    return key;
}

Result<ImportProgress> MongoImport::run(const ImportProgress& from, bool is_dry_run,
                                        const std::function<void(const ImportProgress&)>& keep) {
    progress_ = from;
    bool is_over = false;
    while (!is_over) {
        WRAPUP_TRY(const MongoPage page, walk_.page_after(progress_.token));
        for (const MongoItems& some : items_of(page, read_phone_))
            WRAPUP_CHECK(write(some, is_dry_run));
        for (std::uint64_t i = 0; i < page.unusable_count; ++i) {
            leave_out("nothing that names the call, campaign or contact");
        }
        progress_.lines_count += page.documents_count;
        progress_.token = page.token;
        is_over = page.is_last;
        keep(progress_);
    }
    return progress_;
}

Result<void> MongoImport::write(const MongoItems& some, bool is_dry_run) {
    for (const auto& reason : some.left_out) leave_out(reason);
    dropped_zones_count_ += some.dropped_zones_count;
    std::span<const ImportItem> rest = some.items;
    while (!rest.empty()) {
        const auto batch = rest.first(batch_count(rest));
        const std::vector<ImportItem> items(batch.begin(), batch.end());
        WRAPUP_TRY(const ImportOutcome outcome, target_.write(some.kind, items, is_dry_run));
        progress_.changed_count += outcome.changed_count;
        progress_.unchanged_count += outcome.unchanged_count;
        for (const auto& [index, reason] : outcome.refused) leave_out(reason);
        rest = rest.subspan(batch.size());
    }
    return {};
}

void MongoImport::leave_out(const std::string& reason) {
    progress_.bad_count += 1;
    reasons_[reason] += 1;
}

}  // namespace wrapup
