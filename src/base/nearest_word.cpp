#include "base/nearest_word.hpp"

#include <algorithm>

namespace wrapup {
namespace {

// Levenshtein. Names are short, and a long one cannot be near anything.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest_word(std::string_view word,
                                        const std::vector<std::string>& known) {
    constexpr std::size_t size_max = 64;
    constexpr std::size_t typos_max = 2;
    if (word.size() > size_max) return {};
    std::optional<std::string> nearest;
    std::size_t least = typos_max + 1;
    for (const std::string& candidate : known) {
        const std::size_t found = distance(word, candidate);
        if (found >= least) continue;
        least = found;
        nearest = candidate;
    }
    return nearest;
}

}  // namespace wrapup
