#include "service/slots.hpp"

namespace wrapup {

Task<bool> Slots::acquire(milliseconds patience, std::size_t waiting_max) {
    if (free_ > 0 && waiting_.empty()) {
        free_ -= 1;
        co_return true;
    }
    if (waiting_.size() >= waiting_max) co_return false;
    Waiting me(waiting_);
    const UtcTime until = clock_.now() + patience;
    while (!me.has_permit && clock_.now() < until) {
        co_await clock_.sleep_until(until, &me.alarm);
    }
    co_return me.has_permit;
}

void Slots::release() {
    if (waiting_.empty()) {
        free_ += 1;
        return;
    }
    Waiting* next = waiting_.front();
    waiting_.pop_front();
    next->has_permit = true;
    next->alarm.ring();
}

}  // namespace wrapup
