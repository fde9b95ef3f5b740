#include "http/api/replay_input.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "codec/bytes/form.hpp"
#include "codec/json/json_value.hpp"
#include "domain/plain_text.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t text_size_max = 500;
constexpr std::int64_t limit_max = 200;
constexpr std::size_t token_size_max = 100;
constexpr std::size_t fingerprint_size = 16;
constexpr const char* time_detail = "a time as in 2026-03-01T12:00:00Z, or a date";

std::optional<DeliveryState> parse_state(std::string_view word) {
    if (word == "parked") return DeliveryState::parked;
    if (word == "accepted" || word == "delivered") return DeliveryState::accepted;
    if (word == "pending" || word == "delivering") return DeliveryState::pending;
    return std::nullopt;
}

std::string take_parked(ReplayFilter& filter, std::string_view word) {
    filter.parked = parse_park_reason(word);
    if (!filter.parked) {
        return "dead, rejected, disabled, blocked_address, destination_gone, unknown_outcome or "
               "given_up";
    }
    if (filter.parked == ParkReason::silent || filter.parked == ParkReason::unlinked) {
        return "such calls have no record yet; POST /api/test-crm-webhook settles one with what "
               "is known";
    }
    if (filter.parked == ParkReason::forgotten) return "what is forgotten is never sent";
    return {};
}

bool is_fingerprint(std::string_view text) {
    return text.size() == fingerprint_size &&
           std::ranges::all_of(text, [](char c) { return hex_digit(c) >= 0; });
}

// What is wrong with the value; empty when it is taken.
std::string take(ReplayFilter& filter, std::string_view field, std::string value,
                 const TimeZone& zone) {
    if (field == "state") {
        filter.state = parse_state(to_lower(value));
        if (!filter.state) return "parked, accepted or pending: others have no record to send";
    } else if (field == "parked") {
        return take_parked(filter, to_lower(value));
    } else if (field == "destination") {
        filter.destination = std::move(value);
    } else if (field == "status") {
        filter.outcome = parse_api_outcome(value);
        if (!filter.outcome) return "held, no answer, no connection or voicemail";
    } else if (field == "campaign") {
        filter.campaign = std::move(value);
    } else if (field == "after") {
        filter.after = parse_api_time(value, zone);
        if (!filter.after) return time_detail;
    } else if (field == "before") {
        filter.before = parse_api_time(value, zone);
        if (!filter.before) return time_detail;
    } else if (field == "fingerprint") {
        if (!is_fingerprint(value)) return "sixteen hex digits are wanted";
        filter.fingerprint = to_lower(value);
    } else {
        return "there is no such filter";
    }
    return {};
}

std::optional<BadInput> take_filter(ReplayFilter& filter, const json::object& object,
                                    const TimeZone& zone) {
    for (const auto& member : object) {
        const std::string name(std::string_view(member.key().data(), member.key().size()));
        const std::string shown = "filter." + shown_name(name);
        const json::value& value = member.value();
        if (value.is_null()) continue;
        if (!value.is_string()) return BadInput{shown, "a text is wanted"};
        std::string given(std::string_view(value.get_string()));
        if (given.empty()) return BadInput{shown, "empty"};
        if (given.size() > text_size_max) return BadInput{shown, "too long"};
        std::string wrong = take(filter, name, std::move(given), zone);
        if (!wrong.empty()) return BadInput{shown, std::move(wrong)};
    }
    return std::nullopt;
}

std::optional<BadInput> take_flag(bool& flag, const std::string& name, const json::value& value) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_bool()) return BadInput{name, "true or false is wanted"};
    flag = value.get_bool();
    return std::nullopt;
}

std::optional<BadInput> take_text(std::string& text, const std::string& name,
                                  const json::value& value, std::size_t size_max) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_string()) return BadInput{name, "a text is wanted"};
    if (value.get_string().size() > size_max) return BadInput{name, "too long"};
    text = plain_text(std::string_view(value.get_string()));
    return std::nullopt;
}

std::optional<BadInput> take_member(ReplayRequest& request, const std::string& name,
                                    const json::value& value, const TimeZone& zone) {
    if (name == "filter") {
        if (value.is_null()) return std::nullopt;
        if (!value.is_object()) return BadInput{name, "an object is wanted"};
        return take_filter(request.order.filter, value.get_object(), zone);
    }
    if (name == "again") return take_flag(request.order.is_again, name, value);
    if (name == "earlier") return take_flag(request.order.is_earlier, name, value);
    if (name == "give_up") return take_flag(request.order.gives_up, name, value);
    if (name == "preview") return take_flag(request.is_preview, name, value);
    if (name == "to") return take_text(request.order.to, name, value, text_size_max);
    if (name == "token") return take_text(request.token, name, value, token_size_max);
    if (name == "reason") return take_text(request.reason, name, value, text_size_max);
    return BadInput{shown_name(name), "there is no such field"};
}

// What does not go together.
std::optional<BadInput> examine(const ReplayRequest& request) {
    const ReplayOrder& order = request.order;
    const ReplayFilter& filter = order.filter;
    if (filter.after && filter.before && *filter.after >= *filter.before) {
        return BadInput{"filter.before", "a time after filter.after is wanted"};
    }
    if (filter.parked && filter.state.value_or(DeliveryState::parked) != DeliveryState::parked) {
        return BadInput{"filter.parked", "only what is parked has a reason: state says otherwise"};
    }
    if (order.gives_up) {
        const bool is_parked =
            filter.state.value_or(DeliveryState::parked) == DeliveryState::parked;
        if (!is_parked || order.is_again || order.is_earlier || !order.to.empty()) {
            return BadInput{"give_up",
                            "what is parked is given up; it goes without again, earlier and to"};
        }
        if (!request.is_preview && request.reason.empty()) {
            return BadInput{"reason", "say why they are given up"};
        }
        return std::nullopt;
    }
    if (order.is_earlier) {
        if (filter.destination.empty()) {
            return BadInput{"filter.destination", "name the destination that they go to"};
        }
        if (filter.state || filter.parked || !filter.fingerprint.empty() || order.is_again ||
            !order.to.empty()) {
            return BadInput{"earlier",
                            "it goes with destination, status, campaign, after and before alone"};
        }
        return std::nullopt;
    }
    if (filter.state == DeliveryState::accepted && !order.is_again) {
        return BadInput{"again", "true is wanted, to send once more what was accepted"};
    }
    const bool is_parked_alone =
        !order.is_again && filter.state.value_or(DeliveryState::parked) == DeliveryState::parked;
    if (!order.to.empty() && !is_parked_alone) {
        return BadInput{"to", "another destination takes over what is parked, and nothing else"};
    }
    return std::nullopt;
}

std::string take(DeliveryFilter& filter, std::string_view field, std::string value,
                 const TimeZone& zone) {
    if (value.empty()) return "empty";
    if (value.size() > text_size_max) return "too long";
    if (field == "cursor") {
        filter.cursor = std::move(value);
    } else if (field == "limit") {
        const auto limit = parse_int(value);
        if (!limit || *limit < 1 || *limit > limit_max) return "a whole number from 1 to 200";
        filter.limit = static_cast<int>(*limit);
    } else if (field == "http_status") {
        const auto status = parse_int(value);
        if (!status || *status < 0 || *status > 999) return "a status, or 0 for no answer";
        filter.http_status = static_cast<int>(*status);
    } else {
        return take(filter.what, field, std::move(value), zone);
    }
    return {};
}

}  // namespace

Parsed<DeliveryFilter> parse_delivery_filter(std::string_view query, const TimeZone& zone) {
    DeliveryFilter filter;
    if (query.empty()) return filter;
    auto form = parse_form(query);
    if (!form) return BadInput{"", "the query is not well-formed"};
    std::set<std::string> given;
    for (auto& [name, value] : *form) {
        const std::string shown = shown_name(name);
        if (!given.insert(name).second) return BadInput{shown, "given more than once"};
        std::string wrong = take(filter, name, std::move(value), zone);
        if (!wrong.empty()) return BadInput{shown, std::move(wrong)};
    }
    return filter;
}

Parsed<ReplayRequest> parse_replay_request(std::string_view text, const TimeZone& zone) {
    auto body = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&body)) return std::move(*bad);
    ReplayRequest request;
    for (const auto& member : std::get<json::object>(body)) {
        const std::string name(std::string_view(member.key().data(), member.key().size()));
        if (auto bad = take_member(request, name, member.value(), zone)) return *std::move(bad);
    }
    if (auto bad = examine(request)) return *std::move(bad);
    if (!request.is_preview && request.token.empty()) {
        return BadInput{"token", "preview it first, and give the token of its answer"};
    }
    return request;
}

}  // namespace wrapup
