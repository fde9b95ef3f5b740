#include "core/watch/change_ring.hpp"

#include <map>
#include <utility>

#include "base/text.hpp"

namespace wrapup {

void ChangeRing::add(CallChange change) {
    if (changes_.size() == count_max_) changes_.pop_front();
    changes_.push_back(std::move(change));
    last_ += 1;
}

std::optional<ChangeRing::News> ChangeRing::after(std::uint64_t seen, std::size_t calls_max) const {
    if (seen > last_ || last_ - seen > changes_.size()) return std::nullopt;
    News news;
    news.last = seen;
    std::map<std::string_view, std::size_t> places;  // In news.calls.
    for (std::size_t i = changes_.size() - (last_ - seen); i < changes_.size(); ++i) {
        const CallChange& change = changes_[i];
        const auto known = places.find(change.call_id);
        if (known != places.end()) {
            news.calls[known->second].state = change.state;
        } else if (news.calls.size() == calls_max) {
            break;
        } else {
            places.emplace(change.call_id, news.calls.size());
            news.calls.push_back(change);
        }
        news.last += 1;
    }
    return news;
}

std::string ChangeRing::id_of(std::uint64_t number) const {
    return std::to_string(epoch_) + "-" + std::to_string(number);
}

std::optional<std::uint64_t> ChangeRing::number_of(std::string_view id) const {
    const std::string prefix = std::to_string(epoch_) + "-";
    if (!id.starts_with(prefix)) return std::nullopt;
    const auto number = parse_int(id.substr(prefix.size()));
    if (!number || *number < 0 || static_cast<std::uint64_t>(*number) > last_) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

}  // namespace wrapup
