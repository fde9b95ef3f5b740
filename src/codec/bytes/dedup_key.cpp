#include "codec/bytes/dedup_key.hpp"

#include <algorithm>

#include "codec/bytes/digest.hpp"

namespace wrapup {

namespace {

constexpr std::size_t size_max = 120;

// Printable ASCII without the separator: everything a well-behaved sender writes. Keys are text in
// the stores, which not every byte is.
bool is_plain(std::string_view part) {
    return std::all_of(part.begin(), part.end(),
                       [](char c) { return c > ' ' && c <= '~' && c != '|'; });
}

}  // namespace

std::string make_dedup_key(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) {
        if (!key.empty()) key += '|';
        key += is_plain(part) ? std::string(part) : "#" + sha256_hex(part);
    }
    if (key.size() <= size_max) return key;
    return std::string(*parts.begin()) + "|#" + sha256_hex(key);
}

}  // namespace wrapup
