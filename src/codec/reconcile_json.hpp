#pragma once

// How the reconciler's place is kept as text in a store.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/reconcile_order.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

std::string encode_window(const ReconcileWindow& window);
// invalid_input: not what encode_window() writes.
Result<ReconcileWindow> decode_window(std::string_view json);

std::string encode_order(const KeptOrder& order);
// invalid_input: not what encode_order() writes.
Result<KeptOrder> decode_order(std::string_view json);

}  // namespace wrapup
