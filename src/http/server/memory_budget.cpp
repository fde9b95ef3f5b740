#include "http/server/memory_budget.hpp"

#include <algorithm>

namespace wrapup {

void MemoryHolding::touch() {
    if (share_ == nullptr) return;
    unlink();
    share_->append(*this);
}

void MemoryHolding::release() {
    unlink();
    if (share_ != nullptr) share_->bytes_ -= bytes_;
    share_ = nullptr;
    bytes_ = 0;
}

MemoryHolding* MemoryShare::longest_waiting(const MemoryHolding& except) {
    for (MemoryHolding& holding : waiting_) {
        if (&holding != &except) return &holding;
    }
    return nullptr;
}

void MemoryShare::append(MemoryHolding& holding) {
    turns_count_ += 1;
    holding.turn_ = turns_count_;
    waiting_.push_back(holding);
}

MemoryShare& MemoryBudget::add_share(std::size_t promised, std::size_t bytes_max) {
    promised = std::min(promised, bytes_max_ - promised_);
    promised_ += promised;
    return shares_.emplace_back(promised, bytes_max, turns_count_);
}

bool MemoryBudget::resize(MemoryHolding& holding, MemoryShare& share, std::size_t bytes) {
    const bool is_new = holding.share_ != &share;
    const std::size_t held = is_new ? 0 : holding.bytes_;
    if (bytes > held && !make_room(share, bytes - held, holding)) return false;
    if (is_new) {
        holding.release();
        holding.share_ = &share;
        share.append(holding);
    }
    share.bytes_ += bytes - held;
    holding.bytes_ = bytes;
    return true;
}

std::size_t MemoryBudget::bytes() const {
    std::size_t total = 0;
    for (const MemoryShare& share : shares_) total += share.bytes_;
    return total;
}

bool MemoryBudget::make_room(MemoryShare& share, std::size_t more, const MemoryHolding& taker) {
    for (;;) {
        const bool is_share_full = share.bytes_ + more > share.bytes_max_;
        const bool is_promised = share.bytes_ + more <= share.promised_;
        if (!is_share_full && (is_promised || has_common_room(share, more))) return true;
        MemoryHolding* loser =
            is_share_full ? share.longest_waiting(taker) : longest_waiting(share, taker);
        if (loser == nullptr) return false;
        loser->release();
        loser->holder.lose(*loser);
    }
}

bool MemoryBudget::has_common_room(const MemoryShare& share, std::size_t more) const {
    std::size_t used = 0;
    for (const MemoryShare& each : shares_) {
        const std::size_t bytes = each.bytes_ + (&each == &share ? more : 0);
        if (bytes > each.promised_) used += bytes - each.promised_;
    }
    return used <= bytes_max_ - promised_;
}

MemoryHolding* MemoryBudget::longest_waiting(MemoryShare& share, const MemoryHolding& taker) {
    MemoryHolding* longest = nullptr;
    for (MemoryShare& each : shares_) {
        if (&each != &share && each.bytes_ <= each.promised_) continue;
        MemoryHolding* first = each.longest_waiting(taker);
        if (first != nullptr && (longest == nullptr || first->turn_ < longest->turn_)) {
            longest = first;
        }
    }
    return longest;
}

}  // namespace wrapup
