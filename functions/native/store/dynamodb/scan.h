#pragma once
// The scans of the contract on the table and its index.
#include "functions/native/store/dynamodb/items.h"
#include "functions/native/store/store.h"

namespace leadbridge::native::dynamo {

inline constexpr Millis kFar = Millis{1} << 53;

// One partition of the index between two keys, both included.
Item index_query(const std::string& partition, const std::string& low, const std::string& high, bool forward);

// `hidden_until`: what expired at or before it is not there.
base::Status run_scan(DynamoTable& table, Millis hidden_until, const effect::StoreScan& scan,
                      effect::StoreResult& result);

}  // namespace leadbridge::native::dynamo
