#pragma once

#include <cstdint>

#include "base/assert.hpp"

namespace wrapup {

// A chance of numerator in denominator. Not a double, so that a seed decides alike everywhere.
struct Ratio {
    std::uint32_t numerator;
    std::uint32_t denominator;
};

// SplitMix64 (Steele, Lea, Flood 2014). The standard distributions are not specified to the bit and
// therefore cannot replay a seed on another machine.
class Prng {
public:
    explicit Prng(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    // A number in [0, bound). The modulo bias is below 2^-32 for the bounds in use.
    std::uint64_t below(std::uint64_t bound) noexcept {
        WRAPUP_ASSERT(bound > 0);
        return next() % bound;
    }

    bool chance(Ratio ratio) noexcept { return below(ratio.denominator) < ratio.numerator; }

private:
    std::uint64_t state_;
};

}  // namespace wrapup
