#include "app/serve/house_destinations.hpp"

#include <algorithm>

#include "core/store/destination_changes.hpp"
#include "service/replay/new_destinations.hpp"

namespace wrapup {
namespace {

std::string_view words_of(DestinationState state) {
    switch (state) {
        case DestinationState::removed:
            return "no settings name a destination any more: its records are parked";
        case DestinationState::disabled: return "a destination is disabled: its records are parked";
        case DestinationState::active:
        case DestinationState::paused:
        case DestinationState::gone: break;
    }
    return "a destination is in the settings again: its records go out";
}

// Another living node that sends there, or may. Null: there is none.
const NodeRow* other_sender(std::string_view destination, std::span<const NodeRow> nodes) {
    const auto self = std::ranges::find(nodes, true, &NodeRow::is_this);
    if (self == nodes.end()) return nullptr;
    const auto sends = [&](const NodeRow& node) {
        const bool may = !node.sends_to || node.sends_to->contains(destination);
        return !node.is_this && may && lives(node, *self);
    };
    const auto other = std::ranges::find_if(nodes, sends);
    return other == nodes.end() ? nullptr : &*other;
}

bool takes_away(const SetDestination& change, std::span<const DestinationRow> known) {
    const auto row = std::ranges::find(known, change.name, &DestinationRow::name);
    const bool is_sent_to = row != known.end() && (row->state == DestinationState::active ||
                                                   row->state == DestinationState::paused);
    return is_sent_to && (change.state == DestinationState::disabled ||
                          change.state == DestinationState::removed);
}

Error refuse(const SetDestination& change, const NodeRow& other) {
    const bool is_off = change.state == DestinationState::disabled;
    return {Errc::conflict,
            "these settings " +
                std::string(is_off ? "switch off destination " : "do not have destination ") +
                change.name + ", which node " + other.host + " (process " +
                std::to_string(other.pid) +
                ") on the same database sends to: stop the other nodes first, or "
                "give this one a database of its own in DATABASE_URL"};
}

}  // namespace

std::vector<CourierSettings> courier_settings(const Settings& settings, milliseconds idle_max) {
    std::vector<CourierSettings> result;
    const auto count = std::ranges::count_if(settings.destinations, &DestinationConfig::is_enabled);
    for (const auto& destination : settings.destinations) {
        if (!destination.is_enabled()) continue;
        CourierSettings each;
        each.destination = destination.name;
        each.policy = destination.policy;
        each.timeout = destination.timeout;
        each.rate = destination.rate;
        each.idle_max = idle_max;
        // Places of its own, so that one that hangs takes none of another's, nor libcurl's room.
        each.breaker.places_max /= static_cast<int>(count);
        result.push_back(std::move(each));
    }
    return result;
}

RecordRoutes routes_of(const Settings& settings) {
    RecordRoutes routes;
    for (const auto& destination : settings.destinations) {
        routes.push_back({destination.name, destination.is_enabled(), destination.only});
    }
    return routes;
}

std::vector<std::string> names_of(const std::vector<DestinationConfig>& destinations) {
    std::vector<std::string> names;
    for (const auto& destination : destinations) names.push_back(destination.name);
    return names;
}

std::vector<DestinationSettings> webhooks_of(const Settings& settings) {
    std::vector<DestinationSettings> result;
    for (const auto& destination : settings.destinations) {
        DestinationSettings each;
        each.name = destination.name;
        each.url = destination.url;
        each.headers = destination.headers;
        each.timeout = destination.timeout;
        each.signing_key = destination.signing_key;
        each.allows_private_targets = settings.allows_private_targets;
        result.push_back(std::move(each));
    }
    return result;
}

Result<void> follow_settings(const Settings& settings, Store& store, EventLog& log, UtcTime now,
                             std::span<const NodeRow> nodes) {
    WRAPUP_TRY(const auto known, store.destinations());
    WRAPUP_TRY(const StoreCounts counts, store.counts());
    std::vector<std::string> waiting;
    for (const auto& [name, counted] : counts.destinations) waiting.push_back(name);
    std::vector<ConfiguredDestination> configured;
    for (const auto& one : settings.destinations) {
        configured.push_back({one.name, one.is_enabled()});
    }
    auto changes = destination_changes(configured, known, waiting, now);
    for (const SetDestination& one : changes) {
        const NodeRow* const other = other_sender(one.name, nodes);
        if (other != nullptr && takes_away(one, known)) return refuse(one, *other);
    }
    for (SetDestination& change : changes) {
        const bool is_active = change.state == DestinationState::active;
        const bool is_new = is_active && std::ranges::find(known, change.name,
                                                           &DestinationRow::name) == known.end();
        const LogLine line{is_active ? LogLevel::info : LogLevel::warning,
                           LogTag::none,
                           words_of(change.state),
                           "",
                           {{"destination", change.name}}};
        // Calls may have settled without it: they are counted, all of them.
        NoteReconciliation count;
        count.values.push_back({earlier_key(change.name), std::string(was_away)});
        std::vector<StoreOp> ops{std::move(change)};
        if (is_active) ops.emplace_back(std::move(count));
        WRAPUP_CHECK(store.commit(ops, now));
        if (!is_new) log.write(line);
    }
    return {};
}

}  // namespace wrapup
