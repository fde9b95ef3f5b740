#pragma once

// Where several nodes share a database, each counts in rows of its own (a slot), so that none waits
// for another's commit; what is read is their sum. `Db::counts_in_slots` says whether it is so:
// then what is read as `counters` is written to `counters_by_slot`, whose key ends with the slot.

#include <string>
#include <type_traits>

namespace wrapup::sql {

struct SlotWords {
    std::string table;
    std::string key;
};

template <class Db>
const SlotWords& slot_words(const Db&) {
    static const SlotWords words =
        Db::counts_in_slots ? SlotWords{"_by_slot", ", slot"} : SlotWords{};
    return words;
}

}  // namespace wrapup::sql
