#pragma once

// Saves what the rules changed: each row that differs from what is stored, once, and of it the
// columns that differ, because what is indexed costs most.

#include "adapters/sqlite/rows.hpp"

namespace wrapup::sqlite {

void save(Connection& connection, const WorkingSet& rows, UtcTime now);

// One row that was changed; nothing is written when nothing differs.
void save_changes(Connection& connection, const CallRow& stored, const CallRow& row);
void save_changes(Connection& connection, const DeliveryRow& stored, const DeliveryRow& row);

}  // namespace wrapup::sqlite
