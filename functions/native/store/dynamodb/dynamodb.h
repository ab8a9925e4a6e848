#pragma once
// The store contract on one DynamoDB table, with conditional writes of single items only. What a crash
// between two of them means: docs/decisions/013-dynamodb-single-items.md.
#include <memory>
#include <string>

#include "functions/native/store/store.h"

namespace leadbridge::native {

struct DynamoOptions {
    std::string table;
    std::string region;
    std::string endpoint;  // empty = AWS, or where AWS_ENDPOINT_URL_DYNAMODB says
    base::Millis attempt_ms = 2000;
    base::Millis total_ms = 5000;
    // DynamoDB deletes expired items by itself, late: reads hide what expired at or before this time. purge
    // moves it forward.
    base::Millis hidden_until = 0;
    // Emulators delete nothing: purge looks through the table and deletes what has expired.
    bool sweep = false;
};

// Asks nothing: a missing table or permission is the error of the first operation. Error code: store_config.
base::Result<std::unique_ptr<Store>> open_dynamodb_store(const DynamoOptions& options);

// For tests and local runs: an existing table is fine.
base::Status create_table(const DynamoOptions& options);

}  // namespace leadbridge::native
