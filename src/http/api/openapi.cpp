#include "http/api/openapi.hpp"

extern "C" {
extern const char wrapup_openapi_begin[], wrapup_openapi_end[];
}

namespace wrapup {

std::string_view openapi() { return {wrapup_openapi_begin, wrapup_openapi_end}; }

}  // namespace wrapup
