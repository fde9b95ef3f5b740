#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wrapup {

// FNV-1a, 64 bits, as sixteen hex digits: names bytes, the same on every machine. Protects nothing.
inline std::string fnv_hex(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 0x100000001b3U;
    }
    std::string text(16, '0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[text.size() - 1 - i] = "0123456789abcdef"[hash & 0xfU];
        hash >>= 4U;
    }
    return text;
}

}  // namespace wrapup
