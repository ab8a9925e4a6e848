#pragma once
// One commit, in the order that keeps a crash harmless: leads and rows, outbox entries, audit and raw, marks,
// and last what decides: marks set `once`, then the checkpoints
// (docs/decisions/013-dynamodb-single-items.md).
#include <set>

#include "functions/native/store/dynamodb/items.h"
#include "functions/native/store/store.h"

namespace leadbridge::native::dynamo {

class Commit {
  public:
    // `names`: what this process has registered already. `token`: unique for this call.
    Commit(DynamoTable& table, std::set<ItemKey>& names, Millis hidden_until, std::string token,
           const std::vector<effect::CheckpointMove>& moves, const Records& records)
        : table_(table),
          names_(names),
          hidden_(hidden_until),
          token_(std::move(token)),
          moves_(moves),
          records_(records) {}

    base::Status run(effect::StoreResult& result);

  private:
    using Items = std::map<ItemKey, Item>;

    [[nodiscard]] const Item* stored(const ItemKey& key) const;
    [[nodiscard]] bool stale() const;  // a checkpoint has moved or a `once` mark is set
    base::Status read();
    base::Status register_names();
    base::Status write_leads_and_rows();
    std::optional<TableRequest> lead_request(const effect::LeadRecord& lead) const;
    std::optional<TableRequest> row_request(const std::vector<const effect::Row*>& rows) const;
    void count(const ItemKey& key, effect::StoreResult& result) const;
    base::Status write_entries();
    base::Status write_rest();
    base::Result<bool> decide();  // false: conflict
    base::Result<bool> holds(TableRequest request, const ItemKey& key);
    TableRequest mark_request(const effect::Mark& mark) const;
    void undo(std::vector<TableRequest> done);

    DynamoTable& table_;
    std::set<ItemKey>& names_;
    Millis hidden_;
    std::string token_;
    const std::vector<effect::CheckpointMove>& moves_;
    const Records& records_;
    Items seen_;  // as they are now, as far as we know
};

}  // namespace leadbridge::native::dynamo
