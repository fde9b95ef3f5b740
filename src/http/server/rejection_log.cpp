#include "http/server/rejection_log.hpp"

#include "domain/phone_number.hpp"

namespace wrapup {

bool RejectionLog::would_write(std::string_view cause) {
    return pace_.has_room(cause, clock_.now());
}

void RejectionLog::note(const Rejection& rejection) {
    const UtcTime now = clock_.now();
    metrics_.count(Counter::rejected, rejection.cause);
    if (!rejection.path.empty())
        last_at_[{std::string(rejection.cause), std::string(rejection.path)}] = now;
    const auto silent_count = pace_.take(rejection.cause, now);
    if (!silent_count) return;
    LogLine line;
    line.level = LogLevel::warning;
    line.tag = rejection.tag;
    line.message = "request refused";
    if (!rejection.path.empty()) line.fields.emplace_back("path", rejection.path);
    line.fields.emplace_back("cause", rejection.cause);
    line.fields.emplace_back("reason", rejection.explanation);
    if (!rejection.call_sid.empty()) line.fields.emplace_back("call_sid", rejection.call_sid);
    if (*silent_count > 0) line.fields.emplace_back("not_logged", std::to_string(*silent_count));
    log_.write(line);
}

std::vector<std::string> RejectionLog::paths_of(std::string_view cause) const {
    std::vector<std::string> paths;
    const UtcTime now = clock_.now();
    for (const auto& [where, at] : last_at_) {
        const bool is_recent = now - at < std::chrono::hours{1};
        if (is_recent && where.first == cause) paths.push_back(where.second);
    }
    return paths;
}

std::string mask_call_sid(std::string_view call_sid) {
    constexpr std::size_t shown_size = 8;
    if (!is_call_sid(call_sid)) return {};
    return "…" + std::string(call_sid.substr(call_sid.size() - shown_size));
}

}  // namespace wrapup
