#pragma once
// The rows of qimen.tmall.alihouse.newhome.clue.backflow as the merchant loads them: checked against the
// columns of the documented sample, stored in exactly its form.
#include "platforms/columns.h"

namespace leadbridge::platforms::etc {

// id: 19 digits, so that text order is number order. at: updated_time, else created_time. doc: every column
// of the sample in its order, absent ones as 0, "" or null.
std::variant<StoredRow, std::vector<RowProblem>> check_clue_row(const codec::Json& row);

}  // namespace leadbridge::platforms::etc
