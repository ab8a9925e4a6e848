#pragma once
// How the records lie in the table (docs/store.md): keys, index keys, requests with their conditions.
#include <string>
#include <string_view>

#include "functions/native/store/dynamodb/records.h"
#include "functions/native/store/dynamodb/table.h"

namespace leadbridge::native::dynamo {

inline ItemKey checkpoint_key(const std::string& key) { return {"c#" + key, "-"}; }
inline ItemKey mark_key(const std::string& key) { return {"m#" + key, "-"}; }
inline ItemKey lead_key(const std::string& id) { return {"l#" + id, "-"}; }
inline ItemKey row_key(const std::string& set, const std::string& id) { return {"r#" + set, id}; }
inline ItemKey entry_key(const std::string& id) { return {"o#" + id, "-"}; }
inline ItemKey name_key(std::string_view kind, const std::string& name) {
    return {"names", std::string(kind) + "#" + name};
}

// Partitions of the index: leads of a source and rows of a set by time, a queue by due time, dead letters by id.
inline std::string source_order(const std::string& source) { return "l#" + source; }
inline std::string set_order(const std::string& set) { return "r#" + set; }
inline std::string queue_order(const std::string& queue) { return "q#" + queue; }
inline constexpr const char* kDeadOrder = "d";

// 17 digits that order as the number does, negative ones included.
std::string order_text(Millis at);
Millis order_number(const std::string& text);
// "digits:id".
std::string order_key(Millis at, const std::string& id);

// A request being built: item or update, its condition and the values of both.
class Request {
  public:
    Request(const char* operation, const ItemKey& key);
    Request& text(const char* name, const std::string& value);
    Request& number(const char* name, std::int64_t value);
    Request& list(const char* name, const std::vector<std::string>& values);
    Request& remove(const char* name);
    Request& expires(const std::optional<Millis>& at);  // expMs, and ttl in whole seconds
    Request& order(const std::string& partition, const std::string& key);
    Request& when(std::string condition);
    Request& with(const char* placeholder, Item value);  // ":h"
    Request& answer(const char* what);                   // ReturnValues
    TableRequest done();

  private:
    void set(const char* name, Item value);
    [[nodiscard]] bool is_update() const { return operation_ == std::string_view("UpdateItem"); }

    const char* operation_;
    Item body_ = Item::object();
    std::string sets_, removes_;
    int values_ = 0;
};

bool expired(const Item& item, Millis now);

}  // namespace leadbridge::native::dynamo
