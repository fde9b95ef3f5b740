#pragma once

#include <string>

#include "base/time.hpp"

namespace wrapup::mongo {

// Remembers that the source was away just now. While it is, one question at a time is let through
// to find out whether it is back, no sooner than `pause` after the last failure; everybody else is
// answered at once. Not for several threads at once.
class SourceHealth {
public:
    explicit SourceHealth(milliseconds pause) : pause_(pause) {}

    // True: ask, and report how it went with `succeeded` or `failed`.
    bool may_ask(UtcTime now) {
        if (!is_away_) return true;
        // A clock that was set back must not silence the source.
        const bool is_too_soon = now >= failed_at_ && now < failed_at_ + pause_;
        if (is_probing_ || is_too_soon) return false;
        is_probing_ = true;
        return true;
    }

    void succeeded() {
        is_away_ = false;
        is_probing_ = false;
        detail_.clear();
    }

    void failed(UtcTime now, std::string detail) {
        is_away_ = true;
        is_probing_ = false;
        failed_at_ = now;
        detail_ = std::move(detail);
    }

    bool is_away() const { return is_away_; }
    const std::string& detail() const { return detail_; }

private:
    milliseconds pause_;
    UtcTime failed_at_{};
    bool is_away_ = false;
    bool is_probing_ = false;
    std::string detail_;
};

}  // namespace wrapup::mongo
