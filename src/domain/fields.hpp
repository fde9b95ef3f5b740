#pragma once

// The fields of a struct, named in one place: what encodes, merges, shows or reads it follows from
// there. A struct lists its fields as a tuple `fields_of<Struct>` beside its definition and holds
// the list against itself with names_every_field, so that a field that is not listed does not
// compile.

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace wrapup {

template <class Owner, class Value>
struct Field {
    std::string_view name;
    Value Owner::*member;
};
template <class Owner, class Value>
Field(const char*, Value Owner::*) -> Field<Owner, Value>;

template <class Owner>
inline constexpr auto fields_of = nullptr;

// True when the list names all fields, in their order: one more initializer is one too many.
template <class Owner, class... Values>
consteval bool names_every_field(const std::tuple<Field<Owner, Values>...>&) {
    return requires { Owner{std::declval<Values>()...}; }
    &&!requires { Owner{std::declval<Values>()..., {}}; };
}

// Calls visit(name, field of each value) for every field, in their order. The values are of one
// type, constant or not.
template <class Visit, class First, class... Others>
constexpr void visit_fields(Visit&& visit, First& first, Others&... others) {
    const auto visit_one = [&](const auto& field) {
        visit(field.name, first.*field.member, others.*field.member...);
    };
    std::apply([&](const auto&... field) { (visit_one(field), ...); },
               fields_of<std::remove_const_t<First>>);
}

}  // namespace wrapup
