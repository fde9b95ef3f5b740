// Invariant: whatever the columns are called and the cells hold, there is a mapping of every column
// or a reason, and of every line an item that a store can take or a reason that quotes no cell.
// The first line is --map, the rest a table.

#include "adapters/phone/spelling.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "import/import_columns.hpp"
#include "import/import_table.hpp"

namespace wrapup {
namespace {

void check_item(const ImportItem& item) {
    if (const auto* call = std::get_if<ImportedCall>(&item)) {
        WRAPUP_ASSERT(!call->call_id.empty() && call->metadata != CallMetadata{});
        WRAPUP_ASSERT(to_valid_utf8(call->metadata.name) == call->metadata.name);
    } else if (const auto* campaign = std::get_if<Campaign>(&item)) {
        WRAPUP_ASSERT(!campaign->id.empty() && campaign->id.size() <= 128);
    } else {
        const auto& contact = std::get<Contact>(item);
        WRAPUP_ASSERT(!contact.phone.empty());
        WRAPUP_ASSERT(!contact.name.empty() || !contact.campaign.empty());
    }
}

}  // namespace
}  // namespace wrapup

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    std::string_view text = input_of(data, size);
    std::vector<ColumnRule> rules;
    if (const auto rule = parse_column_rule(take_line(text))) rules.push_back(*rule);
    auto table = ImportTable::open(text, {});
    if (!table) return 0;
    const auto map = map_columns(table->columns(), {}, rules);
    if (!map) return 0;
    WRAPUP_ASSERT(map->fields.size() == table->columns().size());
    while (const auto row = table->next()) {
        if (!row->problem.empty()) continue;
        WRAPUP_ASSERT(row->cells.size() == table->columns().size());
        const auto item = read_import_item(*map, row->cells, plain_phone_text);
        if (item) check_item(*item);
        WRAPUP_ASSERT(item || item.error().code == Errc::invalid_input);
    }
    return 0;
}
