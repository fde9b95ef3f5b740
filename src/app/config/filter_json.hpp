#pragma once

#include <string_view>

#include "base/result.hpp"
#include "core/settle/record_routes.hpp"

namespace wrapup {

// {"outcome":["held"],"campaign":["Spring","camp-7"]}: a word or a list of them each. invalid_input
// with words that follow the setting's name.
Result<RecordFilter> parse_record_filter(std::string_view text);

}  // namespace wrapup
