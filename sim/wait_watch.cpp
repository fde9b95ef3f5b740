#include "sim/wait_watch.hpp"

#include <utility>

#include "core/store/clock_step.hpp"

namespace wrapup {
namespace {

using Kind = MemoryStore::Wait::Kind;

std::string_view words_of(Kind kind) {
    switch (kind) {
        case Kind::call: return "call";
        case Kind::call_lease: return "the lease of call";
        case Kind::delivery: return "delivery";
        case Kind::delivery_lease: return "the lease of delivery";
        case Kind::event: return "event";
        case Kind::plan: return "intent";
        case Kind::question: return "the question of intent";
        case Kind::row: return "the row of list";
        case Kind::breaker: return "the breaker of";
    }
    return "";
}

// What may stay where it was.
bool may_stay(Kind kind, UtcTime at, milliseconds by, UtcTime now) {
    const bool is_forward = by > milliseconds{0};
    // When a call is to be placed is a time of the day.
    if (kind == Kind::plan || kind == Kind::row) return is_forward || at <= now;
    // What came long ago is waited for for longer.
    return kind == Kind::event && !is_forward && at <= now;
}

}  // namespace

void WaitWatch::begin(const Clock& clock) {
    if (clock_ == nullptr) known_.clear();
    clock_ = &clock;
    written();
}

void WaitWatch::written() {
    if (clock_ == nullptr) return;
    const auto before = std::exchange(known_, {});
    for (const auto& [wait, at] : store_.waits()) {
        const auto found = before.find(wait);
        const bool is_same = found != before.end() && found->second.at == at;
        known_.emplace(wait, is_same ? found->second : Known{at, at - clock_->ahead()});
    }
}

void WaitWatch::moved() {
    if (clock_ == nullptr) return;
    for (const auto& [wait, at] : store_.waits()) {
        const auto found = known_.find(wait);
        if (found != known_.end()) found->second.at = at;
    }
}

void WaitWatch::end(milliseconds by) {
    if (clock_ == nullptr) return;
    for (const auto& [wait, at] : store_.waits()) {
        const auto found = known_.find(wait);
        if (found == known_.end() || may_stay(wait.kind, at, by, clock_->now())) continue;
        expect(wait, at - clock_->ahead() - found->second.true_at, milliseconds{0}, by);
    }
    clock_ = nullptr;
}

void WaitWatch::start(UtcTime now, milliseconds by, const std::function<void()>& take_over) {
    const bool has_followed = std::exchange(clock_, nullptr) == nullptr;
    const auto before = store_.waits();
    const auto written_at = *store_.last_written_at();
    take_over();
    // What was scheduled before the clock was set forward is due, as after any pause.
    if (!has_followed || !written_at || by >= milliseconds{0}) return;
    const milliseconds idle = now - by - *written_at;
    for (const auto& [wait, at] : store_.waits()) {
        const auto found = before.find(wait);
        if (found == before.end() || at <= now) continue;
        expect(wait, at - by - found->second, idle, by);
    }
}

void WaitWatch::expect(const Wait& wait, milliseconds longer, milliseconds allowed,
                       milliseconds by) {
    kept_count_ += 1;
    if (longer > -clock_step_min && longer < allowed + clock_step_min) return;
    violations_.push_back("P4: " + std::string(words_of(wait.kind)) + " " + wait.of +
                          " waits for " + std::to_string(longer.count()) +
                          " ms more, since the clock was set by " + std::to_string(by.count()) +
                          " ms");
}

}  // namespace wrapup
