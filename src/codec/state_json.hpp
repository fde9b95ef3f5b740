#pragma once

// How SettleProgress, CallMetadata, Intent, DialList and ListRow are kept as text in a store.
// Unknown members are ignored and missing ones are empty, so that an older version reads what a
// newer one wrote.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/call.hpp"
#include "domain/dial_list.hpp"
#include "domain/intent.hpp"

namespace wrapup {

std::string encode_progress(const SettleProgress& progress);
Result<SettleProgress> decode_progress(std::string_view json);
std::string encode_metadata(const CallMetadata& metadata);
Result<CallMetadata> decode_metadata(std::string_view json);
std::string encode_intent(const Intent& intent);
Result<Intent> decode_intent(std::string_view json);
std::string encode_dial_list(const DialList& list);
Result<DialList> decode_dial_list(std::string_view json);
std::string encode_list_row(const ListRow& row);
Result<ListRow> decode_list_row(std::string_view json);

}  // namespace wrapup
