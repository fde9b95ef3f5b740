#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

// The known word that was probably meant: at most two letters other than `word`.
std::optional<std::string> nearest_word(std::string_view word,
                                        const std::vector<std::string>& known);

}  // namespace wrapup
