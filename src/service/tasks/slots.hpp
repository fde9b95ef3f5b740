#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace wrapup {

// A bounded number of permits. Nobody waits here: who gets none comes back when it is told that one
// came free, in whatever order it keeps. One executor. A slot may outlive the Slots it came from.
class Slots {
    struct State {
        int free = 0;
        std::function<void()> on_free;
    };

public:
    // Gives itself back at its end.
    class Slot {
    public:
        explicit Slot(std::shared_ptr<State> state) : state_(std::move(state)) {
            state_->free -= 1;
        }
        Slot(Slot&& other) noexcept = default;
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (!state_) return;
            state_->free += 1;
            if (state_->on_free) state_->on_free();
        }

    private:
        std::shared_ptr<State> state_;
    };

    explicit Slots(int count) : state_(std::make_shared<State>()) { state_->free = count; }
    ~Slots() { state_->on_free = nullptr; }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    std::optional<Slot> try_take() {
        if (state_->free <= 0) return std::nullopt;
        return std::optional<Slot>(std::in_place, state_);
    }
    // Called whenever a slot was given back; must not throw.
    void on_free(std::function<void()> call) { state_->on_free = std::move(call); }

private:
    std::shared_ptr<State> state_;
};

}  // namespace wrapup
