#include "functions/native/store/open.h"

#include "functions/native/drive.h"
#include "functions/native/store/dynamodb/dynamodb.h"
#include "functions/native/store/memory.h"
#include "functions/native/store/sqlite/sqlite.h"

namespace leadbridge::native {

bool store_error_is_configuration(const std::string& code) {
    return code == "store_directory" || code == "store_not_a_database" || code == "store_config";
}

std::string sqlite_library() { return sqlite_version(); }

base::Result<Store*> StoreHolder::open() {
    if (store_ == nullptr) {
        if (choice_.kind == "memory") {
            store_ = open_memory_store();
        } else if (choice_.kind == "dynamodb") {
            DynamoOptions options;
            options.table = choice_.table;
            options.region = choice_.region;
            options.endpoint = choice_.endpoint;
            options.hidden_until = wall_clock();
            auto opened = open_dynamodb_store(options);
            if (!opened.ok()) return opened.error();
            store_ = std::move(opened.value());
        } else {
            auto opened = open_sqlite_store(choice_.path);
            if (!opened.ok()) return opened.error();
            store_ = std::move(opened.value());
        }
    }
    return store_.get();
}

}  // namespace leadbridge::native
