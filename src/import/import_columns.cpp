#include "import/import_columns.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "adapters/files/time_zone_file.hpp"
#include "base/text.hpp"
#include "domain/call_id.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr std::size_t text_size_max = 4096;
constexpr std::size_t id_size_max = 128;
constexpr std::size_t reason_size_max = 500;

struct Synonym {
    std::string_view word;  // Small letters and digits only.
    ImportField field;
};

using F = ImportField;
// The better word for a field stands before the worse one.
constexpr std::array call_id_words = std::to_array<Synonym>({
    {"callsid", F::call_sid},
    {"twiliocallsid", F::call_sid},
    {"sid", F::call_sid},
    {"callid", F::call_sid},
    {"conversationid", F::conversation_id},
    {"elevenlabsconversationid", F::conversation_id},
    {"conversation", F::conversation_id},
});
constexpr std::array phone_words = std::to_array<Synonym>({
    {"phonenumber", F::phone},
    {"phone", F::phone},
    {"to", F::phone},
    {"tonumber", F::phone},
    {"contactphone", F::phone},
    {"number", F::phone},
    {"mobile", F::phone},
    {"telephone", F::phone},
});
constexpr std::array name_words = std::to_array<Synonym>({
    {"name", F::name},
    {"contactname", F::name},
    {"customername", F::name},
    {"fullname", F::name},
    {"contact", F::name},
    {"customer", F::name},
    {"firstname", F::first_name},
    {"lastname", F::last_name},
});
constexpr std::array time_zone_words = std::to_array<Synonym>({
    {"timezone", F::time_zone},
    {"tz", F::time_zone},
});
constexpr std::array campaign_of_call_words = std::to_array<Synonym>({
    {"campaignid", F::campaign_id},
    {"campaign", F::campaign_name},
    {"campaignname", F::campaign_name},
    {"subject", F::campaign_name},
});
constexpr std::array more_call_words = std::to_array<Synonym>({
    {"campaigndescription", F::campaign_description},
    {"description", F::campaign_description},
    {"agentid", F::agent_id},
    {"agent", F::agent_id},
    {"answeredby", F::answered_by},
});
constexpr std::array campaign_words = std::to_array<Synonym>({
    {"campaignid", F::campaign_id},
    {"id", F::campaign_id},
    {"name", F::campaign_name},
    {"campaignname", F::campaign_name},
    {"campaign", F::campaign_name},
    {"title", F::campaign_name},
    {"description", F::campaign_description},
    {"campaigndescription", F::campaign_description},
});
constexpr std::array reason_words = std::to_array<Synonym>({
    {"reason", F::reason},
    {"note", F::reason},
    {"comment", F::reason},
});

std::vector<Synonym> words_of(ImportKind kind) {
    std::vector<Synonym> words;
    const auto add = [&](std::initializer_list<std::span<const Synonym>> all) {
        for (const auto some : all) words.insert(words.end(), some.begin(), some.end());
    };
    switch (kind) {
        case ImportKind::calls:
            add({call_id_words, name_words, campaign_of_call_words, more_call_words, phone_words});
            break;
        case ImportKind::campaigns: add({campaign_words}); break;
        case ImportKind::contacts:
            add({phone_words, name_words, campaign_of_call_words, time_zone_words});
            break;
        case ImportKind::do_not_call: add({phone_words, reason_words}); break;
        case ImportKind::call_list: add({phone_words, name_words, time_zone_words}); break;
    }
    return words;
}

// "Call SID", "call_sid" and "callSid" are one word; MongoDB's "_id" is "id".
std::string word_of(std::string_view name) {
    std::string word;
    for (const char c : to_lower(name)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) word += c;
    }
    return word;
}

std::optional<ImportField> find_field(ImportKind kind, std::string_view name) {
    const auto words = words_of(kind);
    const std::string word = word_of(name);
    const auto found = std::ranges::find(words, word, &Synonym::word);
    if (found == words.end()) return {};
    return found->field;
}

// Every field goes to the column whose name fits best; the others of that field are left out.
void guess(const std::vector<std::string>& columns, const std::vector<bool>& is_ruled,
           ColumnMap& map) {
    const auto words = words_of(map.kind);
    for (const Synonym& synonym : words) {
        const auto& fields = map.fields;
        if (std::find(fields.begin(), fields.end(), synonym.field) != fields.end()) continue;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (is_ruled[i] || map.fields[i] || word_of(columns[i]) != synonym.word) continue;
            map.fields[i] = synonym.field;
            break;
        }
    }
    // A whole name says more than its parts; a person without one is called by those there are.
    if (map.kind == ImportKind::call_list) return;
    if (std::find(map.fields.begin(), map.fields.end(), F::name) == map.fields.end()) return;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool is_part = map.fields[i] == F::first_name || map.fields[i] == F::last_name;
        if (is_part && !is_ruled[i]) map.fields[i].reset();
    }
}

Result<ColumnMap> map_as(ImportKind kind, const std::vector<std::string>& columns,
                         const std::vector<ColumnRule>& rules) {
    ColumnMap map;
    map.kind = kind;
    map.fields.resize(columns.size());
    std::vector<bool> is_ruled(columns.size());
    for (const ColumnRule& rule : rules) {
        const auto column = std::find(columns.begin(), columns.end(), rule.column);
        if (column == columns.end()) {
            return Error{Errc::invalid_input, "--map " + rule.column + ": there is no such column"};
        }
        const auto index = static_cast<std::size_t>(column - columns.begin());
        is_ruled[index] = true;
        if (rule.field.empty()) continue;
        map.fields[index] = find_field(kind, rule.field);
        if (!map.fields[index]) {
            return Error{Errc::invalid_input, "--map " + rule.column + "=" + rule.field + ": " +
                                                  std::string(to_string(kind)) +
                                                  " have no such field"};
        }
    }
    guess(columns, is_ruled, map);
    return map;
}

bool has(const ColumnMap& map, ImportField field) {
    return std::find(map.fields.begin(), map.fields.end(), field) != map.fields.end();
}

bool has_name(const ColumnMap& map) {
    return has(map, F::name) || has(map, F::first_name) || has(map, F::last_name);
}

// What is missing; empty when it can be imported.
std::string what_is_missing(const ColumnMap& map) {
    switch (map.kind) {
        case ImportKind::calls: {
            const bool has_sid = has(map, F::call_sid);
            if (!has_sid && !has(map, F::conversation_id)) return "call_sid or conversation_id";
            const auto count = std::count_if(map.fields.begin(), map.fields.end(),
                                             [](const auto& field) { return field.has_value(); });
            return count > 1 ? "" : "something beside the call's id (name, campaign_id, phone …)";
        }
        case ImportKind::campaigns:
            if (!has(map, F::campaign_id)) return "campaign_id";
            return has(map, F::campaign_name) || has(map, F::campaign_description)
                       ? ""
                       : "campaign_name or campaign_description";
        case ImportKind::contacts:
            if (!has(map, F::phone)) return "phone";
            return has_name(map) || has(map, F::campaign_id) || has(map, F::campaign_name) ||
                           has(map, F::time_zone)
                       ? ""
                       : "name";
        case ImportKind::do_not_call:
        case ImportKind::call_list: return has(map, F::phone) ? "" : "phone";
    }
    return {};
}

Error explain_missing(const std::vector<std::string>& columns, ImportKind kind,
                      const std::string& missing) {
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : ", ") + column;
    std::ranges::replace(names, '\t', ' ');  // In a name when the separator is another.
    return {Errc::invalid_input,
            "no column for " + missing + " of " + std::string(to_string(kind)) +
                " among: " + truncate_utf8(names, 400) + ". Say it with --map COLUMN=FIELD"};
}

// The texts of one line by field, checked.
class Fields {
public:
    static Result<Fields> read(const ColumnMap& map, const std::vector<std::string>& cells) {
        Fields fields;
        for (std::size_t i = 0; i < map.fields.size() && i < cells.size(); ++i) {
            if (!map.fields[i]) continue;
            const std::string_view text = trim(cells[i]);
            const std::string name(to_string(*map.fields[i]));
            if (to_valid_utf8(text) != text) {
                return Error{Errc::invalid_input, name + " is not UTF-8"};
            }
            if (text.size() > text_size_max) {
                return Error{Errc::invalid_input, name + " is longer than 4096 bytes"};
            }
            const auto is_control = [](char c) {
                return (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == 0x7F;
            };
            if (std::any_of(text.begin(), text.end(), is_control)) {
                return Error{Errc::invalid_input, name + " holds a control character"};
            }
            std::string& mine = fields[*map.fields[i]];
            if (mine.empty()) mine = text;
        }
        return fields;
    }

    std::string& operator[](ImportField field) { return texts_[static_cast<std::size_t>(field)]; }

    std::string full_name() {
        std::string name = (*this)[F::name];
        if (!name.empty()) return name;
        name = (*this)[F::first_name];
        const std::string& last = (*this)[F::last_name];
        if (!name.empty() && !last.empty()) name += ' ';
        return name + last;
    }

private:
    std::array<std::string, static_cast<std::size_t>(F::reason) + 1> texts_;
};

Error wrong(std::string why) { return {Errc::invalid_input, std::move(why)}; }

Result<std::string> read_phone_cell(const std::string& cell, const ReadPhone& read_phone) {
    if (cell.empty()) return cell;
    auto phone = read_phone ? read_phone(cell) : Result<std::string>(normalize_phone_number(cell));
    if (!phone) return Error{phone.error().code, "phone " + phone.error().detail};
    return phone;
}

Result<ImportItem> read_call(Fields& fields, const ReadPhone& read_phone) {
    ImportedCall call;
    CallMetadata& metadata = call.metadata;
    metadata.conversation_id = fields[F::conversation_id];
    if (!metadata.conversation_id.empty() && !is_plausible_call_id(metadata.conversation_id)) {
        return wrong("conversation_id is no conversation's id");
    }
    call.call_id = fields[F::call_sid];
    if (call.call_id.empty()) std::swap(call.call_id, metadata.conversation_id);
    if (call.call_id.empty()) return wrong("no call_sid and no conversation_id");
    if (!is_vendors_call_id(call.call_id)) return wrong("call_sid is no call's id");
    metadata.name = fields.full_name();
    metadata.campaign_id = fields[F::campaign_id];
    metadata.campaign_name = fields[F::campaign_name];
    metadata.campaign_description = fields[F::campaign_description];
    metadata.agent_id = fields[F::agent_id];
    WRAPUP_TRY(metadata.to, read_phone_cell(fields[F::phone], read_phone));
    metadata.answered_by = fields[F::answered_by];
    if (metadata == CallMetadata{}) return wrong("nothing but the call's id");
    return call;
}

Result<ImportItem> read_campaign(Fields& fields) {
    Campaign campaign{fields[F::campaign_id], fields[F::campaign_name],
                      fields[F::campaign_description]};
    if (campaign.id.empty()) return wrong("no campaign_id");
    if (campaign.id.size() > id_size_max) return wrong("campaign_id is longer than 128 bytes");
    if (campaign.name.empty() && campaign.description.empty()) {
        return wrong("neither campaign_name nor campaign_description");
    }
    return campaign;
}

Result<ImportItem> read_contact(Fields& fields, const ReadPhone& read_phone) {
    Contact contact;
    WRAPUP_TRY(contact.phone, read_phone_cell(fields[F::phone], read_phone));
    contact.name = fields.full_name();
    contact.campaign = fields[F::campaign_id];
    if (contact.campaign.empty()) contact.campaign = fields[F::campaign_name];
    if (contact.phone.empty()) return wrong("no phone");
    if (contact.phone.size() > id_size_max) return wrong("phone is longer than 128 bytes");
    contact.time_zone = fields[F::time_zone];
    if (contact.name.empty() && contact.campaign.empty() && contact.time_zone.empty()) {
        return wrong("no name, no campaign and no time_zone");
    }
    if (contact.time_zone.empty()) return contact;
    const auto zone = load_time_zone(contact.time_zone);
    if (!zone) return wrong("time_zone " + zone.error().detail);
    return contact;
}

Result<ImportItem> read_do_not_call(Fields& fields, const ReadPhone& read_phone) {
    DoNotCall spared;
    WRAPUP_TRY(spared.phone, read_phone_cell(fields[F::phone], read_phone));
    if (spared.phone.empty()) return wrong("no phone");
    if (spared.phone.size() > id_size_max) return wrong("phone is longer than 128 bytes");
    spared.reason = truncate_utf8(fields[F::reason], reason_size_max);
    spared.source = "import";
    return spared;
}

}  // namespace

std::string_view to_string(ImportKind kind) {
    switch (kind) {
        case ImportKind::calls: return "calls";
        case ImportKind::campaigns: return "campaigns";
        case ImportKind::contacts: return "contacts";
        case ImportKind::do_not_call: return "do-not-call";
        case ImportKind::call_list: return "calls to be made";
    }
    return "";
}

std::optional<ImportKind> parse_import_kind(std::string_view text) {
    for (const auto kind : {ImportKind::calls, ImportKind::campaigns, ImportKind::contacts,
                            ImportKind::do_not_call}) {
        if (text == to_string(kind)) return kind;
    }
    return {};
}

std::string_view to_string(ImportField field) {
    switch (field) {
        case F::call_sid: return "call_sid";
        case F::conversation_id: return "conversation_id";
        case F::name: return "name";
        case F::first_name: return "first_name";
        case F::last_name: return "last_name";
        case F::phone: return "phone";
        case F::campaign_id: return "campaign_id";
        case F::campaign_name: return "campaign_name";
        case F::campaign_description: return "campaign_description";
        case F::agent_id: return "agent_id";
        case F::answered_by: return "answered_by";
        case F::time_zone: return "time_zone";
        case F::reason: return "reason";
    }
    return "";
}

Result<ColumnRule> parse_column_rule(std::string_view text) {
    const std::size_t equals = text.rfind('=');
    ColumnRule rule;
    if (equals != std::string_view::npos) {
        rule.column = trim(text.substr(0, equals));
        rule.field = trim(text.substr(equals + 1));
    }
    if (rule.column.empty()) {
        return wrong("--map takes COLUMN=FIELD, such as --map Kunde=name; COLUMN= leaves it out");
    }
    return rule;
}

Result<ColumnMap> map_columns(const std::vector<std::string>& columns,
                              std::optional<ImportKind> kind,
                              const std::vector<ColumnRule>& rules) {
    if (kind) {
        WRAPUP_TRY(ColumnMap map, map_as(*kind, columns, rules));
        const std::string missing = what_is_missing(map);
        if (!missing.empty()) return explain_missing(columns, *kind, missing);
        return map;
    }
    std::optional<Error> failure;
    for (const auto guessed : {ImportKind::calls, ImportKind::contacts, ImportKind::campaigns}) {
        auto map = map_columns(columns, guessed, rules);
        if (map) return map;
        // Of the kind that it would be without the rules.
        const bool is_it = map_columns(columns, guessed, {}).has_value();
        if (!failure || is_it) failure = std::move(map).error();
        if (is_it) break;
    }
    return *failure;
}

Result<ImportItem> read_import_item(const ColumnMap& map, const std::vector<std::string>& cells,
                                    const ReadPhone& read_phone) {
    WRAPUP_TRY(Fields fields, Fields::read(map, cells));
    switch (map.kind) {
        case ImportKind::calls: return read_call(fields, read_phone);
        case ImportKind::campaigns: return read_campaign(fields);
        case ImportKind::contacts: return read_contact(fields, read_phone);
        case ImportKind::do_not_call: return read_do_not_call(fields, read_phone);
        case ImportKind::call_list: break;
    }
    return wrong("of no kind");
}

}  // namespace wrapup
