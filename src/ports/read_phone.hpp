#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

// A phone number as a person wrote it, to the form in which it is kept and compared (E.164).
// invalid_input: it is none, in words that follow the field's name and never quote it. May be slow
// when first called. An empty function stands for normalize_phone_number(), which judges nothing.
using ReadPhone = std::function<Result<std::string>(std::string_view)>;

}  // namespace wrapup
