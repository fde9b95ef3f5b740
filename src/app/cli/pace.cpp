#include "app/cli/pace.hpp"

#include "base/time.hpp"

namespace wrapup {

std::string pace_text(const Pace& pace) {
    const double elapsed_s = pace.elapsed.count();
    if (pace.done <= 0 || pace.share <= 0 || elapsed_s <= 0) return {};
    const auto rate = static_cast<std::int64_t>(static_cast<double>(pace.done) / elapsed_s);
    const auto left_s = static_cast<std::int64_t>(elapsed_s * (1 - pace.share) / pace.share);
    return std::to_string(pace.done) + " done, " + std::to_string(rate) + "/s, " +
           format_duration(std::chrono::seconds{left_s + 1}) + " left";
}

}  // namespace wrapup
