#include "adapters/elevenlabs/conversation_list.hpp"

#include "codec/elevenlabs/conversation_json.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

ConversationListItem read_item(const boost::json::object& object) {
    const Conversation conversation = read_conversation(object);
    ConversationListItem item;
    item.conversation_id = conversation.conversation_id;
    item.agent_id = conversation.agent_id;
    item.status = conversation.status;
    item.direction = parse_direction(json_string(&object, "direction"));
    item.started_at = json_unix_s(&object, "start_time_unix_secs");
    item.duration_s = json_count(&object, "call_duration_secs");
    return item;
}

}  // namespace

Result<ConversationList> parse_conversation_list(std::string_view json) {
    WRAPUP_TRY(const boost::json::object object, parse_json_object(json));
    const boost::json::value* const listed = json_member(&object, "conversations");
    if (listed == nullptr || !listed->is_array()) {
        return Error{Errc::invalid_input, "the answer holds no conversations"};
    }
    ConversationList list;
    for (const boost::json::value& value : listed->get_array()) {
        if (!value.is_object()) continue;
        ConversationListItem item = read_item(value.get_object());
        if (!item.conversation_id.empty()) list.items.push_back(std::move(item));
    }
    // has_more is believed over a cursor that is sent at the end as well; without it the cursor
    // alone counts.
    const bool is_end =
        json_member(&object, "has_more") != nullptr && !json_bool(&object, "has_more");
    if (!is_end) list.next_cursor = json_string(&object, "next_cursor");
    return list;
}

}  // namespace wrapup
