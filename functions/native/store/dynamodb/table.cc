#include "functions/native/store/dynamodb/table.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/text.h"

namespace leadbridge::native {
namespace {

constexpr std::size_t kGetKeys = 100;  // of one BatchGetItem
constexpr std::size_t kPutItems = 25;  // of one BatchWriteItem
constexpr int kRounds = 12;            // for what a batch left unprocessed
constexpr int kMostPages = 1'000'000;

// The batch calls leave items out when they are throttled or the answer grows too large.
void pause_before(int round) {
    if (round > 1) std::this_thread::sleep_for(std::chrono::milliseconds(std::min(20 << round, 800)));
}

base::Error too_slow(const std::string& table) {
    return base::fail("store_failed", "the table " + table +
                                          " is throttled: DynamoDB left parts of a batch undone for some "
                                          "seconds. Run again; if it stays, use on-demand capacity.");
}

}  // namespace

Item text_value(const std::string& text) { return Item{{"S", text}}; }
Item number_value(std::int64_t number) { return Item{{"N", std::to_string(number)}}; }

std::string text_in(const Item& item, const char* name) {
    const auto found = item.find(name);
    if (found == item.end()) return {};
    const auto text = found->find("S");
    return text == found->end() ? std::string() : text->get<std::string>();
}

std::optional<std::int64_t> number_in(const Item& item, const char* name) {
    const auto found = item.find(name);
    if (found == item.end()) return std::nullopt;
    const auto text = found->find("N");
    if (text == found->end()) return std::nullopt;
    return std::stoll(text->get<std::string>());
}

Item key_value(const ItemKey& key) {
    Item value = Item::object();
    value["pk"] = text_value(key.first);
    value["sk"] = text_value(key.second);
    return value;
}

ItemKey key_in(const Item& item) { return {text_in(item, "pk"), text_in(item, "sk")}; }

DynamoTable::DynamoTable(std::string url, std::string table, AwsOptions options)
    : client_(std::move(options)), url_(std::move(url)), table_(std::move(table)) {}

base::Error DynamoTable::failed(const AwsReply& reply) const {
    const std::string name = "the table " + base::printable(table_, 80);
    if (reply.code == "ResourceNotFoundException") {
        return base::fail("store_missing", "the table " + base::printable(table_, 80) +
                                               " does not exist in " + client_.options().region +
                                               ": create it with infra/aws/template.yaml, or name the right "
                                               "one in /store/table and /store/region");
    }
    if (reply.code == "ValidationException" && reply.message.find("specified index") != std::string::npos) {
        return base::fail("store_missing",
                          name + " has no index \"order\": create it with infra/aws/template.yaml");
    }
    const bool forbidden = reply.code.rfind("AccessDenied", 0) == 0;
    return base::fail(forbidden ? "store_permission" : "store_failed", aws_sentence(reply, name));
}

base::Result<std::vector<TableReply>> DynamoTable::many(std::vector<TableRequest> requests) {
    std::vector<AwsCall> calls;
    calls.reserve(requests.size());
    for (TableRequest& request : requests) {
        const std::string operation = request.operation;
        if (operation.rfind("Batch", 0) != 0) request.body["TableName"] = table_;
        calls.push_back({url_, "dynamodb", "DynamoDB_20120810." + operation, "application/x-amz-json-1.0",
                         request.body.dump()});
    }
    auto replies = client_.run(calls);
    if (!replies.ok()) return replies.error();
    std::vector<TableReply> out;
    out.reserve(calls.size());
    for (const AwsReply& reply : replies.value()) {
        if (reply.ended && !reply.code.empty() && reply.code != "ConditionalCheckFailedException") {
            return failed(reply);
        }
    }
    for (const AwsReply& reply : replies.value()) {
        if (!reply.ended) return base::fail("store_failed", "a request to DynamoDB was given up");
        TableReply one;
        one.condition_failed = !reply.code.empty();
        if (!one.condition_failed) {
            one.body = Item::parse(reply.body, nullptr, false);
            if (!one.body.is_object()) {
                return base::fail("store_failed", "the table " + table_ +
                                                      ": the answer is not JSON. Is `endpoint` DynamoDB?");
            }
        }
        out.push_back(std::move(one));
    }
    return out;
}

base::Result<TableReply> DynamoTable::one(TableRequest request) {
    auto replies = many({std::move(request)});
    if (!replies.ok()) return replies.error();
    return std::move(replies.value().front());
}

base::Result<std::map<ItemKey, Item>> DynamoTable::get(std::vector<ItemKey> keys,
                                                       const std::string& projection) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::map<ItemKey, Item> found;
    for (int round = 0; !keys.empty(); ++round) {
        if (round >= kRounds + static_cast<int>(keys.size())) return too_slow(table_);
        pause_before(std::min(round, 5));
        std::vector<TableRequest> requests;
        for (std::size_t from = 0; from < keys.size(); from += kGetKeys) {
            Item list = Item::array();
            for (std::size_t i = from; i < std::min(from + kGetKeys, keys.size()); ++i) {
                list.push_back(key_value(keys[i]));
            }
            Item ask = Item::object();
            ask["Keys"] = std::move(list);
            ask["ConsistentRead"] = true;
            if (!projection.empty()) ask["ProjectionExpression"] = "pk, sk, " + projection;
            Item body = Item::object();
            body["RequestItems"][table_] = std::move(ask);
            requests.push_back({"BatchGetItem", std::move(body)});
        }
        auto replies = many(std::move(requests));
        if (!replies.ok()) return replies.error();
        keys.clear();
        for (TableReply& reply : replies.value()) {
            if (reply.body.contains("Responses") && reply.body["Responses"].contains(table_)) {
                for (Item& item : reply.body["Responses"][table_]) {
                    const ItemKey key = key_in(item);
                    found[key] = std::move(item);
                }
            }
            if (reply.body.contains("UnprocessedKeys") && reply.body["UnprocessedKeys"].contains(table_)) {
                for (const Item& key : reply.body["UnprocessedKeys"][table_]["Keys"]) {
                    keys.push_back(key_in(key));
                }
            }
        }
    }
    return found;
}

base::Status DynamoTable::put_all(std::vector<Item> items) {
    std::set<ItemKey> seen;
    std::vector<Item> left;
    for (Item& item : items) {
        if (!seen.insert(key_in(item)).second) continue;  // a batch refuses the same key twice
        Item put = Item::object();
        put["PutRequest"]["Item"] = std::move(item);
        left.push_back(std::move(put));
    }
    for (int round = 0; !left.empty(); ++round) {
        if (round >= kRounds) return too_slow(table_);
        pause_before(round);
        std::vector<TableRequest> requests;
        for (std::size_t from = 0; from < left.size(); from += kPutItems) {
            Item list = Item::array();
            for (std::size_t i = from; i < std::min(from + kPutItems, left.size()); ++i) {
                list.push_back(std::move(left[i]));
            }
            Item body = Item::object();
            body["RequestItems"][table_] = std::move(list);
            requests.push_back({"BatchWriteItem", std::move(body)});
        }
        auto replies = many(std::move(requests));
        if (!replies.ok()) return replies.error();
        left.clear();
        for (TableReply& reply : replies.value()) {
            if (!reply.body.contains("UnprocessedItems") ||
                !reply.body["UnprocessedItems"].contains(table_)) {
                continue;
            }
            for (Item& put : reply.body["UnprocessedItems"][table_]) left.push_back(std::move(put));
        }
    }
    return base::Ok{};
}

base::Result<Item> DynamoTable::page(const char* operation, Item body) {
    auto reply = one({operation, std::move(body)});
    if (!reply.ok()) return reply.error();
    return std::move(reply.value().body);
}

base::Result<std::int64_t> DynamoTable::count(Item body) {
    body["Select"] = "COUNT";
    std::int64_t total = 0;
    for (int pages = 0; pages < kMostPages; ++pages) {
        auto reply = page("Query", body);
        if (!reply.ok()) return reply.error();
        total += reply.value().value("Count", std::int64_t{0});
        if (!reply.value().contains("LastEvaluatedKey")) break;
        body["ExclusiveStartKey"] = reply.value()["LastEvaluatedKey"];
    }
    return total;
}

base::Status DynamoTable::create() {
    const auto attribute = [](const char* name) {
        return Item{{"AttributeName", name}, {"AttributeType", "S"}};
    };
    const auto schema = [](const char* hash, const char* range) {
        return Item::array({Item{{"AttributeName", hash}, {"KeyType", "HASH"}},
                            Item{{"AttributeName", range}, {"KeyType", "RANGE"}}});
    };
    Item body = Item::object();
    body["AttributeDefinitions"] =
        Item::array({attribute("pk"), attribute("sk"), attribute("gpk"), attribute("gsk")});
    body["KeySchema"] = schema("pk", "sk");
    body["BillingMode"] = "PAY_PER_REQUEST";
    Item index = Item::object();
    index["IndexName"] = kOrderIndex;
    index["KeySchema"] = schema("gpk", "gsk");
    index["Projection"]["ProjectionType"] = "INCLUDE";
    index["Projection"]["NonKeyAttributes"] =
        Item::array({"leadRev", "personKey", "expMs", "queueName", "leaseUntil"});
    body["GlobalSecondaryIndexes"] = Item::array({index});
    auto created = one({"CreateTable", std::move(body)});
    if (!created.ok() && created.error().reason.find("ResourceInUse") == std::string::npos) {
        return created.error();
    }
    for (int tries = 0; tries < 300; ++tries) {
        auto seen = one({"DescribeTable", Item::object()});
        if (!seen.ok()) return seen.error();
        if (seen.value().body["Table"].value("TableStatus", "") == "ACTIVE") {
            Item ttl = Item::object();
            ttl["TimeToLiveSpecification"] = Item{{"AttributeName", "ttl"}, {"Enabled", true}};
            (void)one({"UpdateTimeToLive", std::move(ttl)}).ok();  // emulators lack it
            return base::Ok{};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return base::fail("store_failed", "the table " + table_ + " was not ready in time");
}

}  // namespace leadbridge::native
