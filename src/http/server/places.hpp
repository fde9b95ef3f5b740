#pragma once

// A bounded number of places for connections. Whoever takes longest to go on stands first, and
// gives its place to a new one: a full house must not keep a sender out.

#include <boost/intrusive/list.hpp>
#include <cstddef>

#include "base/assert.hpp"

namespace wrapup {

class Connection;
class Places;

// One connection among those that are bounded together. Leaves when it is destroyed.
class Place : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit Place(Connection& owner) : connection(owner) {}
    ~Place() { leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void leave();

    Connection& connection;

private:
    friend class Places;
    Places* places_ = nullptr;
};

// Outlives its places.
class Places {
public:
    explicit Places(std::size_t count_max) : count_max_(count_max) {}

    bool is_full() const { return taken_count_ >= count_max_; }
    std::size_t taken_count() const { return taken_count_; }
    void enter(Place& place) {
        WRAPUP_ASSERT(place.places_ == nullptr);
        place.places_ = this;
        taken_count_ += 1;
        waiting_.push_back(place);
    }
    // The peer did something: the place goes to the end of the line.
    static void touch(Place& place) {
        if (place.places_ == nullptr) return;
        place.unlink();
        place.places_->waiting_.push_back(place);
    }
    // We work on what the peer asked: it does not stand in the line meanwhile.
    static void hold(Place& place) { place.unlink(); }
    // Whose peer has been waited for longest; null when nobody's is.
    Place* longest_waiting() { return waiting_.empty() ? nullptr : &waiting_.front(); }

private:
    friend class Place;

    std::size_t count_max_;
    std::size_t taken_count_ = 0;
    boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>> waiting_;
};

inline void Place::leave() {
    unlink();
    if (places_ != nullptr) places_->taken_count_ -= 1;
    places_ = nullptr;
}

}  // namespace wrapup
