#pragma once
// One DynamoDB table: single-item requests side by side, batches where no condition is needed, queries page
// by page. Nothing here knows the store contract.
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "functions/native/aws/client.h"

namespace leadbridge::native {

using Item = nlohmann::json;                          // {"pk": {"S": "..."}, ...}
using ItemKey = std::pair<std::string, std::string>;  // pk, sk

inline constexpr const char* kOrderIndex = "order";  // gpk, gsk

// Attribute values.
Item text_value(const std::string& text);
Item number_value(std::int64_t number);
std::string text_in(const Item& item, const char* name);  // empty when absent
std::optional<std::int64_t> number_in(const Item& item, const char* name);
Item key_value(const ItemKey& key);
ItemKey key_in(const Item& item);

struct TableRequest {
    const char* operation = "";  // "PutItem"
    Item body;                   // without TableName
};

struct TableReply {
    bool condition_failed = false;
    Item body;
};

class DynamoTable {
  public:
    DynamoTable(std::string url, std::string table, AwsOptions options);

    void end_by(base::Millis steady) { client_.end_by(steady); }

    base::Result<std::vector<TableReply>> many(std::vector<TableRequest> requests);
    base::Result<TableReply> one(TableRequest request);
    // Consistent reads; what does not exist is not there. `projection` empty = whole items.
    base::Result<std::map<ItemKey, Item>> get(std::vector<ItemKey> keys, const std::string& projection = "");
    base::Status put_all(std::vector<Item> items);  // unconditional
    // One page of a query or scan.
    base::Result<Item> page(const char* operation, Item body);
    // Number of items of all pages (Select = COUNT).
    base::Result<std::int64_t> count(Item body);

    // For tests and local runs; on AWS infra/aws/template.yaml does it.
    base::Status create();

  private:
    base::Error failed(const AwsReply& reply) const;

    AwsClient client_;
    std::string url_, table_;
};

}  // namespace leadbridge::native
