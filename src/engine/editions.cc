#include "engine/editions.h"

#include "lead/region.h"

namespace leadbridge::engine {

std::vector<Edition> editions() { return {{"regions", lead::region_table_edition()}}; }

}  // namespace leadbridge::engine
