#pragma once

// What the API answers, as an OpenAPI 3.1 document: api/openapi.json, which is written by hand and
// walked by test/e2e/openapi.test.mjs against the running server.

#include <string_view>

namespace wrapup {

std::string_view openapi();

}  // namespace wrapup
