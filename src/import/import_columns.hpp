#pragma once

// What the columns of an import mean. Pure, but that time zones are looked up on this system.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/read_phone.hpp"
#include "service/intake/metadata_import.hpp"

namespace wrapup {

enum class ImportKind {
    calls,
    campaigns,
    contacts,
    do_not_call,
    call_list,  // Of `wrapup call --file`: who is to be called. Nothing is imported of it.
};
std::string_view to_string(ImportKind kind);
std::optional<ImportKind> parse_import_kind(std::string_view text);

enum class ImportField {
    call_sid,
    conversation_id,
    name,
    first_name,
    last_name,
    phone,
    campaign_id,
    campaign_name,
    campaign_description,
    agent_id,
    answered_by,
    time_zone,
    reason,
};
std::string_view to_string(ImportField field);

// "Kunde=name": what a person said of a column. Without a field it is left out: "Kunde=".
struct ColumnRule {
    std::string column;
    std::string field;
};
Result<ColumnRule> parse_column_rule(std::string_view text);

struct ColumnMap {
    ImportKind kind = ImportKind::calls;
    std::vector<std::optional<ImportField>> fields;  // One per column; nothing: left out.
};

// Each rule, and a guess by their names for the other columns; the kind is guessed when it is not
// given. invalid_input: a rule that fits no column or names no field, or nothing can be made of it.
Result<ColumnMap> map_columns(const std::vector<std::string>& columns,
                              std::optional<ImportKind> kind, const std::vector<ColumnRule>& rules);

// One line. invalid_input says what is wrong and never quotes a value.
Result<ImportItem> read_import_item(const ColumnMap& map, const std::vector<std::string>& cells,
                                    const ReadPhone& read_phone);

}  // namespace wrapup
