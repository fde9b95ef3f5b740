#pragma once

// The files of the dashboard and of its storybook as they were built into the program: see web/ and
// src/http/web.cmake.

#include <span>
#include <string_view>

namespace wrapup {

struct WebAsset {
    std::string_view name;  // "index.html", "app-4f1c0a2b.js"
    std::string_view type;  // Content-Type.
    std::string_view etag;  // With its quotes.
    std::string_view identity;
    std::string_view gzip;
    std::string_view brotli;
};

// Empty in a program that was built without Node.
std::span<const WebAsset> web_assets();
// The same pages with canned answers; what serves the dashboard has nothing of it.
std::span<const WebAsset> storybook_assets();

}  // namespace wrapup
