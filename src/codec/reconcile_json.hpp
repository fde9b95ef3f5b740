#pragma once

// How the reconciler's place, and what it found, are kept as text in a store.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/reconcile_order.hpp"
#include "domain/reconcile_status.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

std::string encode_window(const ReconcileWindow& window);
// invalid_input: not what encode_window() writes.
Result<ReconcileWindow> decode_window(std::string_view json);

std::string encode_order(const KeptOrder& order);
// invalid_input: not what encode_order() writes.
Result<KeptOrder> decode_order(std::string_view json);

// But for `interval`.
std::string encode_status(const ReconcileStatus& status);
// invalid_input: no object. What cannot be read of it is left out.
Result<ReconcileStatus> decode_status(std::string_view json);

}  // namespace wrapup
