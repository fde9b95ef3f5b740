#pragma once

#include <cstring>
#include <memory>
#include <string_view>

#include "base/assert.hpp"

namespace wrapup {

// Received bytes that wait to be understood, in one piece of memory.
class InputBuffer {
public:
    static constexpr std::size_t size_first = 4 * 1024;

    std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
    std::size_t size() const { return end_ - begin_; }
    bool is_empty() const { return begin_ == end_; }

    // Room for exactly `count` more bytes behind what is there.
    char* prepare(std::size_t count) {
        if (capacity_ - end_ < count) make_room(count);
        return bytes_.get() + end_;
    }
    void commit(std::size_t count) {
        end_ += count;
        WRAPUP_ASSERT(end_ <= capacity_);
    }
    void consume(std::size_t count) {
        begin_ += count;
        WRAPUP_ASSERT(begin_ <= end_);
        if (begin_ == end_) begin_ = end_ = 0;
    }
    std::size_t capacity() const { return capacity_; }
    // Gives memory back when nothing waits in it and it has more than `kept`.
    void shrink(std::size_t kept = size_first) {
        if (is_empty() && capacity_ > kept) {
            bytes_.reset();
            capacity_ = 0;
        }
    }

private:
    void make_room(std::size_t count) {
        const std::size_t waiting = size();
        if (capacity_ >= waiting + count) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, waiting);
        } else {
            std::size_t capacity = capacity_ == 0 ? size_first : capacity_;
            while (capacity < waiting + count) capacity *= 2;
            std::unique_ptr<char[]> larger(new char[capacity]);
            if (waiting > 0) std::memcpy(larger.get(), bytes_.get() + begin_, waiting);
            bytes_ = std::move(larger);
            capacity_ = capacity;
        }
        begin_ = 0;
        end_ = waiting;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace wrapup
