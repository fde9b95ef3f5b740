#include "domain/retry_waits.hpp"

namespace wrapup {

std::optional<RetryWaits> parse_retry_waits(const std::vector<std::string>& texts) {
    constexpr std::size_t count_max = 10;
    constexpr std::chrono::seconds least{1};
    constexpr std::chrono::hours most{24 * 30};
    if (texts.size() > count_max) return std::nullopt;
    RetryWaits waits;
    for (const std::string& text : texts) {
        const auto wait = parse_duration(text);
        if (!wait || *wait < least || *wait > most) return std::nullopt;
        waits.push_back(std::chrono::duration_cast<seconds>(*wait));
    }
    return waits;
}

}  // namespace wrapup
