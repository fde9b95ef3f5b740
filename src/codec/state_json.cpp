#include "codec/state_json.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/json/json_text.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {

namespace {

using boost::json::object;

// A point in time carries its unit in its key.
std::string key_of_time(std::string_view name) { return std::string(name) + "_ms"; }

template <class Take>
void for_each_piece(const std::string& text, char end, const Take& take) {
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t mark = std::min(rest.find(end), rest.size());
        take(rest.substr(0, mark));
        rest.remove_prefix(std::min(mark + 1, rest.size()));
    }
}

struct Write {
    void operator()(std::string_view key, const std::optional<UtcTime>& time) {
        if (time) writer.number(key_of_time(key), to_unix_ms(*time));
    }
    void operator()(std::string_view key, std::int64_t count) {
        if (count != 0) writer.number(key, count);
    }
    void operator()(std::string_view key, bool flag) {
        if (flag) writer.flag(key, flag);
    }
    void operator()(std::string_view key, const std::string& text) {
        if (!text.empty()) writer.text(key, text);
    }
    void operator()(std::string_view key, DialListState state) {
        writer.text(key, to_string(state));
    }
    void operator()(std::string_view key, ListRowState state) {
        writer.text(key, to_string(state));
    }
    void operator()(std::string_view key, const RetryWaits& waits) {
        std::string text;
        for (const seconds wait : waits) text += std::to_string(wait.count()) + ' ';
        if (!text.empty()) writer.text(key, text);
    }
    void operator()(std::string_view key, const std::map<std::string, std::int64_t>& counts) {
        std::string text;
        for (const auto& [name, count] : counts) text += name + '=' + std::to_string(count) + ';';
        if (!text.empty()) writer.text(key, text);
    }
    void operator()(std::string_view key, IntentState state) { writer.text(key, to_string(state)); }
    JsonObjectWriter writer;
};

struct Read {
    void operator()(std::string_view key, std::optional<UtcTime>& time) const {
        const auto unix_ms = json_int(&state, key_of_time(key));
        if (unix_ms) time = from_unix_ms(*unix_ms);
    }
    void operator()(std::string_view key, std::int64_t& count) const {
        count = json_int(&state, key).value_or(0);
    }
    void operator()(std::string_view key, bool& flag) const { flag = json_bool(&state, key); }
    void operator()(std::string_view key, std::string& text) const {
        text = json_string(&state, key);
    }
    void operator()(std::string_view key, DialListState& value) const {
        value = parse_dial_list_state(json_string(&state, key)).value_or(DialListState::cancelled);
    }
    void operator()(std::string_view key, ListRowState& value) const {
        value = parse_list_row_state(json_string(&state, key)).value_or(ListRowState::done);
    }
    void operator()(std::string_view key, RetryWaits& waits) const {
        for_each_piece(json_string(&state, key), ' ', [&](std::string_view piece) {
            if (const auto wait = parse_int(piece)) waits.emplace_back(*wait);
        });
    }
    void operator()(std::string_view key, std::map<std::string, std::int64_t>& counts) const {
        for_each_piece(json_string(&state, key), ';', [&](std::string_view piece) {
            const std::size_t mark = piece.find('=');
            if (mark == std::string_view::npos) return;
            counts[std::string(piece.substr(0, mark))] =
                parse_int(piece.substr(mark + 1)).value_or(0);
        });
    }
    void operator()(std::string_view key, IntentState& value) const {
        value = parse_intent_state(json_string(&state, key)).value_or(IntentState::parked);
    }
    const object& state;
};

template <class State>
std::string encode(const State& state) {
    Write write;
    visit_fields(write, state);
    return write.writer.take();
}

template <class State>
Result<State> decode(std::string_view json) {
    if (json.empty()) return State{};
    WRAPUP_TRY(const object members, parse_json_object(json));
    State state;
    visit_fields(Read{members}, state);
    return state;
}

}  // namespace

std::string encode_progress(const SettleProgress& progress) { return encode(progress); }
Result<SettleProgress> decode_progress(std::string_view json) {
    return decode<SettleProgress>(json);
}
std::string encode_metadata(const CallMetadata& metadata) { return encode(metadata); }
Result<CallMetadata> decode_metadata(std::string_view json) { return decode<CallMetadata>(json); }

std::string encode_intent(const Intent& intent) { return encode(intent); }
Result<Intent> decode_intent(std::string_view json) { return decode<Intent>(json); }

std::string encode_dial_list(const DialList& list) { return encode(list); }
Result<DialList> decode_dial_list(std::string_view json) { return decode<DialList>(json); }
std::string encode_list_row(const ListRow& row) { return encode(row); }
Result<ListRow> decode_list_row(std::string_view json) { return decode<ListRow>(json); }

}  // namespace wrapup
