#pragma once
// The store contract in memory, for tests and dry runs. Nothing survives the object.
#include <memory>

#include "functions/native/store/store.h"

namespace leadbridge::native {

std::unique_ptr<Store> open_memory_store();

}  // namespace leadbridge::native
