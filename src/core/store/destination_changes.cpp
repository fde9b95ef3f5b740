#include "core/store/destination_changes.hpp"

#include <algorithm>
#include <optional>

namespace wrapup {

namespace {

// What it becomes, by the settings; nothing: it stays what it is.
std::optional<DestinationState> next_state(DestinationState now,
                                           const ConfiguredDestination* configured) {
    using State = DestinationState;
    if (configured == nullptr) {
        return now == State::removed ? std::nullopt : std::optional(State::removed);
    }
    const bool is_away = now == State::removed || now == State::disabled;
    if (configured->is_enabled) return is_away ? std::optional(State::active) : std::nullopt;
    // What is gone has nothing that waits.
    if (now == State::disabled || now == State::gone) return std::nullopt;
    return State::disabled;
}

}  // namespace

std::vector<SetDestination> destination_changes(std::span<const ConfiguredDestination> configured,
                                                std::span<const DestinationRow> known,
                                                std::span<const std::string> waiting, UtcTime at) {
    const auto find = [&](const std::string& name) -> const ConfiguredDestination* {
        const auto found = std::ranges::find(configured, name, &ConfiguredDestination::name);
        return found == configured.end() ? nullptr : &*found;
    };
    std::vector<SetDestination> changes;
    for (const DestinationRow& row : known) {
        const auto next = next_state(row.state, find(row.name));
        if (next) changes.push_back({row.name, *next, at});
    }
    const auto is_new = [&](const std::string& name) {
        return std::ranges::find(known, name, &DestinationRow::name) == known.end();
    };
    for (const ConfiguredDestination& one : configured) {
        if (!is_new(one.name)) continue;
        changes.push_back(
            {one.name, one.is_enabled ? DestinationState::active : DestinationState::disabled, at});
    }
    for (const std::string& name : waiting) {
        const bool is_lost = is_new(name) && find(name) == nullptr;
        if (is_lost) changes.push_back({name, DestinationState::removed, at});
    }
    return changes;
}

std::vector<SetDestination> MissedDestinations::changes(const SentTo& sent_to,
                                                        std::span<const DestinationRow> known,
                                                        UtcTime now) {
    std::vector<SetDestination> changes;
    for (const DestinationRow& row : known) {
        const bool is_removed = row.state == DestinationState::removed;
        const bool is_well = is_removed != sent_to.contains(row.name);
        if (is_well || row.state == DestinationState::disabled) {
            since_.erase(row.name);
            continue;
        }
        const auto [since, is_new] = since_.try_emplace(row.name, now);
        const bool waits = !is_removed || !is_new;
        if (waits && now < since->second + grace) continue;
        since->second = now;
        changes.push_back(
            {row.name, is_removed ? DestinationState::active : DestinationState::removed, now});
    }
    return changes;
}

}  // namespace wrapup
