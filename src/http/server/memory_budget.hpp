#pragma once

// Memory that requests hold, bounded, in shares. A share may always use what it is promised, and
// beyond that, up to its own bound, what is common to all. Where there is no room, whoever made no
// progress for the longest loses what it holds to the one that goes on.

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <list>

namespace wrapup {

class MemoryHolding;

class MemoryHolder {
public:
    // What the holding held is given to somebody else; the holder has to let go of it. May be
    // called at any time while the holder stands in line.
    virtual void lose(MemoryHolding& holding) = 0;

protected:
    ~MemoryHolder() = default;
};

class MemoryShare;

// What one request holds of one budget. Given back when it is destroyed.
class MemoryHolding : public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit MemoryHolding(MemoryHolder& owner) : holder(owner) {}
    ~MemoryHolding() { release(); }
    MemoryHolding(const MemoryHolding&) = delete;
    MemoryHolding& operator=(const MemoryHolding&) = delete;

    std::size_t bytes() const { return bytes_; }
    // Progress: to the end of the line.
    void touch();
    // Received whole: it does not give way any more.
    void hold() { unlink(); }
    void release();

    MemoryHolder& holder;

private:
    friend class MemoryBudget;
    friend class MemoryShare;
    MemoryShare* share_ = nullptr;
    std::size_t bytes_ = 0;
    std::uint64_t turn_ = 0;  // Of the last progress: smaller is longer ago.
};

class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    // A share with at least `promised`, as far as the others leave it, and at most `bytes_max`. It
    // lives as long as the budget.
    MemoryShare& add_share(std::size_t promised, std::size_t bytes_max);

    // Lets `holding` hold `bytes` in all, of `share`. One that held nothing of it goes to the end
    // of the line. false, and nothing changed for it, when there is no room even after others gave
    // way.
    bool resize(MemoryHolding& holding, MemoryShare& share, std::size_t bytes);
    std::size_t bytes() const;

private:
    bool make_room(MemoryShare& share, std::size_t more, const MemoryHolding& taker);
    bool has_common_room(const MemoryShare& share, std::size_t more) const;
    // Of `share` and of all that use what is common.
    MemoryHolding* longest_waiting(MemoryShare& share, const MemoryHolding& taker);

    std::size_t bytes_max_;
    std::size_t promised_ = 0;
    std::uint64_t turns_count_ = 0;
    std::list<MemoryShare> shares_;
};

class MemoryShare {
public:
    MemoryShare(std::size_t promised, std::size_t bytes_max, std::uint64_t& turns_count)
        : turns_count_(turns_count), promised_(promised), bytes_max_(bytes_max) {}

private:
    friend class MemoryBudget;
    friend class MemoryHolding;

    MemoryHolding* longest_waiting(const MemoryHolding& except);
    void append(MemoryHolding& holding);

    std::uint64_t& turns_count_;  // The budget's.
    std::size_t promised_;
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    boost::intrusive::list<MemoryHolding, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace wrapup
