#pragma once

// Result<T>: a value, or the reason why there is none. Members are named as in std::expected,
// which this file becomes once the toolchain has it.

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace wrapup {

// Closed on purpose: whoever switches over it has no default, so a new code does not compile until
// somebody has decided what it means for a retry and for an HTTP answer.
enum class Errc {
    invalid_input,  // The bytes or fields are wrong; the same input fails again.
    not_found,      // There is no such thing.
    conflict,       // Somebody else was first, or the lease is lost; read again.
    unauthorized,   // Credentials were refused; a person has to act.
    rate_limited,   // The peer asks us to slow down.
    unavailable,    // The peer or the disk gave no useful answer; worth another try.
    timeout,        // We stopped waiting: the peer may or may not have done it.
    corrupt,        // Stored data breaks its own rules.
};

struct Error {
    Errc code;
    std::string detail;  // For operators and logs; no personal data, never parsed.

    bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result {
public:
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    template <class U = T>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    // Reading the side that is not there is a bug of the caller.
    T& value() & { return WRAPUP_ASSERT(has_value()), std::get<0>(state_); }
    const T& value() const& { return WRAPUP_ASSERT(has_value()), std::get<0>(state_); }
    T&& value() && { return WRAPUP_ASSERT(has_value()), std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& { return WRAPUP_ASSERT(!has_value()), std::get<1>(state_); }
    Error&& error() && { return WRAPUP_ASSERT(!has_value()), std::get<1>(std::move(state_)); }

    bool operator==(const Result&) const = default;

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    const Error& error() const& { return WRAPUP_ASSERT(error_.has_value()), *error_; }
    Error&& error() && { return WRAPUP_ASSERT(error_.has_value()), *std::move(error_); }

    bool operator==(const Result&) const = default;

private:
    std::optional<Error> error_;
};

}  // namespace wrapup

// Leaves the function with the error, or declares the value. The _CO_ form is for coroutines.
//   WRAPUP_TRY(const Form form, parse_form(body));
#define WRAPUP_TRY_IMPL_(leave, temporary, declaration, expression) \
    auto temporary = (expression);                                  \
    if (!temporary) leave std::move(temporary).error();             \
    declaration = *std::move(temporary)
#define WRAPUP_CONCAT_IMPL_(a, b) a##b
#define WRAPUP_CONCAT_(a, b) WRAPUP_CONCAT_IMPL_(a, b)
#define WRAPUP_TRY(declaration, expression) \
    WRAPUP_TRY_IMPL_(return, WRAPUP_CONCAT_(try_, __LINE__), declaration, expression)
#define WRAPUP_CO_TRY(declaration, expression) \
    WRAPUP_TRY_IMPL_(co_return, WRAPUP_CONCAT_(try_, __LINE__), declaration, expression)
// The same for a Result<void>.
#define WRAPUP_CHECK(expression)                                                             \
    if (auto WRAPUP_CONCAT_(try_, __LINE__) = (expression); !WRAPUP_CONCAT_(try_, __LINE__)) \
    return std::move(WRAPUP_CONCAT_(try_, __LINE__)).error()
