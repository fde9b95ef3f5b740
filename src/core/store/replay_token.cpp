#include "core/store/replay_token.hpp"

#include <vector>

#include "base/fnv.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

template <class Value>
std::string word_of(const std::optional<Value>& value) {
    return value ? std::string(to_string(*value)) : std::string();
}

std::string time_of(const std::optional<UtcTime>& time) {
    return time ? std::to_string(to_unix_ms(*time)) : std::string();
}

std::string text_of(const ReplayOrder& order) {
    const ReplayFilter& filter = order.filter;
    std::string text;
    for (const std::string& part :
         {word_of(filter.state), word_of(filter.parked), filter.destination,
          word_of(filter.outcome), filter.campaign, time_of(filter.after), time_of(filter.before),
          filter.fingerprint, std::string(order.is_again ? "again" : ""),
          std::string(order.is_earlier ? "earlier" : ""), order.to,
          std::string(order.gives_up ? "give_up" : "")}) {
        text.append(std::to_string(part.size())).append(":").append(part);
    }
    return text;
}

}  // namespace

std::string render_token(const ReplayToken& token, const ReplayOrder& order) {
    const std::string counted = std::to_string(token.count) + "-" + std::to_string(token.last_id) +
                                "-" + std::to_string(to_unix_ms(token.at));
    return counted + "-" + fnv_hex(counted + text_of(order));
}

std::optional<ReplayToken> parse_token(std::string_view text) {
    const std::vector<std::string> parts = split_list(text, '-');
    if (parts.size() != 4) return std::nullopt;
    const auto count = parse_int(parts[0]);
    const auto last_id = parse_int(parts[1]);
    const auto at = parse_int(parts[2]);
    if (!count || !last_id || !at || parts[3].size() != 16) return std::nullopt;
    return ReplayToken{*count, *last_id, from_unix_ms(*at)};
}

bool is_token_of(std::string_view text, const ReplayOrder& order) {
    const auto token = parse_token(text);
    return token && render_token(*token, order) == text;
}

}  // namespace wrapup
