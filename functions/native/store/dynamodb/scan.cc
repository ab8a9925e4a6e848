#include "functions/native/store/dynamodb/scan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace leadbridge::native::dynamo {
namespace {

constexpr int kMostPages = 1'000'000;
constexpr const char* kAlive = "(attribute_not_exists(expMs) OR expMs > :h)";
constexpr const char* kHighest = "~";  // above every order text

template <typename T>
std::optional<T> maybe(const Item& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return found->get<T>();
}

// Query and what it still has to give, page by page.
class Cursor {
  public:
    Cursor(DynamoTable& table, Item query) : table_(table), query_(std::move(query)) {}

    // nullptr at the end.
    base::Result<const Item*> peek() {
        for (int pages = 0; at_ == items_.size() && !ended_ && pages < kMostPages; ++pages) {
            auto page = table_.page("Query", query_);
            if (!page.ok()) return page.error();
            items_ = std::move(page.value()["Items"]);
            at_ = 0;
            ended_ = !page.value().contains("LastEvaluatedKey");
            if (!ended_) query_["ExclusiveStartKey"] = page.value()["LastEvaluatedKey"];
        }
        return at_ < items_.size() ? &items_[at_] : nullptr;
    }
    void next() { ++at_; }

  private:
    DynamoTable& table_;
    Item query_;
    Item items_ = Item::array();
    std::size_t at_ = 0;
    bool ended_ = false;
};

class Scan {
  public:
    Scan(DynamoTable& table, Millis hidden_until, const effect::StoreScan& scan, const Item& query,
         effect::StoreResult& result)
        : table_(table), hidden_(hidden_until), scan_(scan), query_(query), result_(result) {}

    base::Status run() {
        if (scan_.kind == "leads") return leads();
        if (scan_.kind == "counts") return counts();
        if (scan_.kind == "rows") return rows();
        if (scan_.kind == "row_counts") return row_counts();
        if (scan_.kind == "queues") return queues();
        return dead();
    }

  private:
    [[nodiscard]] std::size_t limit() const {
        return static_cast<std::size_t>(std::clamp<std::int64_t>(scan_.limit, 1, kPageLimit));
    }

    Item with_filter(Item body, std::string filter) const {
        body["FilterExpression"] = std::move(filter);
        body["ExpressionAttributeValues"][":h"] = number_value(hidden_);
        return body;
    }

    // Names of sources, sets or queues that were ever written.
    base::Result<std::vector<std::string>> names(const std::string& kind) {
        Item body = Item::object();
        body["KeyConditionExpression"] = "pk = :p AND begins_with(sk, :k)";
        body["ExpressionAttributeValues"][":p"] = text_value("names");
        body["ExpressionAttributeValues"][":k"] = text_value(kind + "#");
        body["ConsistentRead"] = true;
        std::vector<std::string> found;
        for (Cursor cursor(table_, std::move(body));;) {
            auto item = cursor.peek();
            if (!item.ok()) return item.error();
            if (item.value() == nullptr) return found;
            found.push_back(text_in(*item.value(), "sk").substr(kind.size() + 1));
            cursor.next();
        }
    }

    // The whole items behind index entries, in their order; what has gone since is left out.
    base::Result<std::vector<Item>> whole(const std::vector<ItemKey>& keys) {
        auto found = table_.get(keys);
        if (!found.ok()) return found.error();
        std::vector<Item> items;
        for (const ItemKey& key : keys) {
            const auto at = found.value().find(key);
            if (at != found.value().end() && !expired(at->second, hidden_)) items.push_back(at->second);
        }
        return items;
    }

    base::Status leads() {
        const auto source = maybe<std::string>(query_, "source");
        const auto person = maybe<std::string>(query_, "person_key");
        const auto revision = maybe<std::int64_t>(query_, "revision");
        const auto since = maybe<Millis>(query_, "since");
        const auto until = maybe<Millis>(query_, "until");
        // Every key at `until` has a colon and an id behind its digits, so the bare digits exclude it.
        std::string low = order_text(since.value_or(-kFar));
        std::string high = until ? order_text(*until) : kHighest;
        if (!scan_.page.empty()) {
            const std::size_t colon = scan_.page.find(':');
            high = order_key(std::stoll(scan_.page.substr(0, colon)), scan_.page.substr(colon + 1));
        }
        if (low > high) return base::Ok{};
        std::vector<std::string> sources;
        if (source) {
            sources.push_back(*source);
        } else {
            auto all = names("source");
            if (!all.ok()) return all.error();
            sources = std::move(all.value());
        }
        std::vector<Cursor> cursors;
        for (const std::string& each : sources) {
            std::string filter = kAlive;
            if (person) filter += " AND personKey = :person";
            if (revision) filter += " AND leadRev = :rev";
            Item body = with_filter(index_query(source_order(each), low, high, false), std::move(filter));
            if (person) body["ExpressionAttributeValues"][":person"] = text_value(*person);
            if (revision) body["ExpressionAttributeValues"][":rev"] = number_value(*revision);
            // A filter finds little in a page: then the pages of 1 MB are read as they come.
            if (!person && !revision) body["Limit"] = limit() + 2;
            cursors.emplace_back(table_, std::move(body));
        }
        std::vector<std::pair<std::string, ItemKey>> found;  // order key, item
        while (found.size() <= limit()) {
            Cursor* newest = nullptr;
            std::string best;
            for (Cursor& cursor : cursors) {
                auto item = cursor.peek();
                if (!item.ok()) return item.error();
                if (item.value() == nullptr) continue;
                std::string key = text_in(*item.value(), "gsk");
                if (newest == nullptr || key > best) {
                    best = std::move(key);
                    newest = &cursor;
                }
            }
            if (newest == nullptr) break;
            const ItemKey key = key_in(*newest->peek().value());
            newest->next();
            if (best != high) found.emplace_back(best, key);  // the token's own lead was on the page before
        }
        if (found.size() > limit()) {
            found.pop_back();
            const std::string& last = found.back().first;
            result_.next = std::to_string(order_number(last)) + last.substr(17);
        }
        std::vector<ItemKey> keys;
        for (const auto& [order, key] : found) keys.push_back(key);
        auto items = whole(keys);
        if (!items.ok()) return items.error();
        for (const Item& item : items.value()) {
            Item out = Item::object();
            out["id"] = text_in(item, "pk").substr(2);
            out["source"] = text_in(item, "leadSrc");
            out["version"] = number_in(item, "leadVer").value_or(0);
            out["revision"] = number_in(item, "leadRev").value_or(0);
            out["received_at"] = number_in(item, "recvMs").value_or(0);
            out["updated_at"] = number_in(item, "updMs").value_or(0);
            out["doc"] = text_in(item, "docText");
            result_.items.push_back(out.dump());
        }
        return base::Ok{};
    }

    base::Result<std::int64_t> alive(const std::string& partition, const std::string& more = "") {
        Item body = with_filter(index_query(partition, "", kHighest, true), kAlive + more);
        if (!more.empty()) body["ExpressionAttributeValues"][":zero"] = number_value(0);
        return table_.count(std::move(body));
    }

    // The order key of the first (or last) item that is there; empty when there is none.
    base::Result<std::string> edge(const std::string& partition, bool first) {
        Item body = with_filter(index_query(partition, "", kHighest, first), kAlive);
        body["Limit"] = 10;
        Cursor cursor(table_, std::move(body));
        auto item = cursor.peek();
        if (!item.ok()) return item.error();
        return item.value() == nullptr ? std::string() : text_in(*item.value(), "gsk");
    }

    base::Status counts() {
        auto all = names("source");
        if (!all.ok()) return all.error();
        Page page(scan_.limit);
        for (const std::string& source : all.value()) {
            if (source <= scan_.page) continue;
            const std::string partition = source_order(source);
            auto newest = edge(partition, false);
            if (!newest.ok()) return newest.error();
            if (newest.value().empty()) continue;
            auto leads = alive(partition);
            if (!leads.ok()) return leads.error();
            auto unread = alive(partition, " AND leadRev = :zero");
            if (!unread.ok()) return unread.error();
            Item out = Item::object();
            out["source"] = source;
            out["leads"] = leads.value();
            out["unread"] = unread.value();
            out["newest"] = order_number(newest.value());
            if (!page.add(out.dump(), source)) break;
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status rows() {
        const auto since = maybe<Millis>(query_, "since");
        std::int64_t skip = scan_.page.empty() ? maybe<std::int64_t>(query_, "offset").value_or(0) : 0;
        Item body = Item::object();
        body["KeyConditionExpression"] = scan_.page.empty() ? "pk = :p" : "pk = :p AND sk > :s";
        body["ExpressionAttributeValues"][":p"] = text_value("r#" + query_.at("set").get<std::string>());
        if (!scan_.page.empty()) body["ExpressionAttributeValues"][":s"] = text_value(scan_.page);
        body["ConsistentRead"] = true;
        body = with_filter(std::move(body), std::string(kAlive) + (since ? " AND atMs >= :since" : ""));
        if (since) body["ExpressionAttributeValues"][":since"] = number_value(*since);
        // A page that may look at no more than `skip` rows never counts more than those.
        for (int pages = 0; skip > 0 && pages < kMostPages; ++pages) {
            Item counting = body;
            counting["Select"] = "COUNT";
            counting["Limit"] = std::min<std::int64_t>(skip, std::numeric_limits<std::int32_t>::max());
            auto counted = table_.page("Query", std::move(counting));
            if (!counted.ok()) return counted.error();
            skip -= counted.value().value("Count", std::int64_t{0});
            if (!counted.value().contains("LastEvaluatedKey")) return base::Ok{};
            body["ExclusiveStartKey"] = counted.value()["LastEvaluatedKey"];
        }
        if (!since) body["Limit"] = limit() + 1;
        Page page(scan_.limit);
        for (Cursor cursor(table_, std::move(body));;) {
            auto item = cursor.peek();
            if (!item.ok()) return item.error();
            if (item.value() == nullptr) break;
            const Item& row = *item.value();
            const std::string id = text_in(row, "sk");
            Item out = Item::object();
            out["id"] = id;
            out["at"] = number_in(row, "atMs").value_or(0);
            out["doc"] = text_in(row, "docText");
            out["updated_at"] = number_in(row, "updMs").value_or(0);
            if (!page.add(out.dump(), id)) break;
            cursor.next();
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status row_counts() {
        auto all = names("set");
        if (!all.ok()) return all.error();
        Page page(scan_.limit);
        for (const std::string& set : all.value()) {
            if (set <= scan_.page) continue;
            auto newest = edge(set_order(set), false);
            if (!newest.ok()) return newest.error();
            if (newest.value().empty()) continue;
            auto rows = alive(set_order(set));
            if (!rows.ok()) return rows.error();
            Item out = Item::object();
            out["set"] = set;
            out["rows"] = rows.value();
            out["newest"] = order_number(newest.value());
            if (!page.add(out.dump(), set)) break;
        }
        page.finish(result_);
        return base::Ok{};
    }

    Item dead_query(const std::optional<std::string>& queue, const std::string& after) const {
        Item body = with_filter(index_query(kDeadOrder, after, kHighest, true),
                                std::string(kAlive) + (queue ? " AND queueName = :q" : ""));
        body["KeyConditionExpression"] = after.empty() ? "gpk = :p" : "gpk = :p AND gsk > :low";
        body["ExpressionAttributeValues"].erase(":high");
        if (after.empty()) body["ExpressionAttributeValues"].erase(":low");
        if (queue) body["ExpressionAttributeValues"][":q"] = text_value(*queue);
        return body;
    }

    base::Status queues() {
        auto all = names("queue");
        if (!all.ok()) return all.error();
        Page page(scan_.limit);
        for (const std::string& queue : all.value()) {
            if (queue <= scan_.page) continue;
            auto waiting = alive(queue_order(queue));
            if (!waiting.ok()) return waiting.error();
            auto dead = table_.count(dead_query(queue, ""));
            if (!dead.ok()) return dead.error();
            if (waiting.value() + dead.value() == 0) continue;
            auto next = edge(queue_order(queue), true);
            if (!next.ok()) return next.error();
            Item out = Item::object();
            out["queue"] = queue;
            out["waiting"] = waiting.value();
            out["dead"] = dead.value();
            out["next_at"] = next.value().empty() ? Item() : Item(order_number(next.value()));
            if (!page.add(out.dump(), queue)) break;
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status dead() {
        std::vector<ItemKey> keys;
        for (Cursor cursor(table_, dead_query(maybe<std::string>(query_, "queue"), scan_.page));
             keys.size() <= limit();) {
            auto item = cursor.peek();
            if (!item.ok()) return item.error();
            if (item.value() == nullptr) break;
            keys.push_back(key_in(*item.value()));
            cursor.next();
        }
        if (keys.size() > limit()) {
            keys.pop_back();
            result_.next = keys.back().first.substr(2);
        }
        auto items = whole(keys);
        if (!items.ok()) return items.error();
        for (const Item& item : items.value()) {
            Item out = Item::object();
            out["id"] = text_in(item, "pk").substr(2);
            out["queue"] = text_in(item, "queueName");
            out["payload"] = text_in(item, "payloadText");
            out["attempts"] = number_in(item, "tries").value_or(0);
            out["reason"] = text_in(item, "reasonText");
            out["at"] = number_in(item, "deadMs").value_or(0);
            result_.items.push_back(out.dump());
        }
        return base::Ok{};
    }

    DynamoTable& table_;
    Millis hidden_;
    const effect::StoreScan& scan_;
    const Item& query_;
    effect::StoreResult& result_;
};

}  // namespace

Item index_query(const std::string& partition, const std::string& low, const std::string& high,
                 bool forward) {
    Item body = Item::object();
    body["IndexName"] = kOrderIndex;
    // An empty text is no key value; order texts start with a digit.
    body["KeyConditionExpression"] = "gpk = :p AND gsk BETWEEN :low AND :high";
    body["ExpressionAttributeValues"][":p"] = text_value(partition);
    body["ExpressionAttributeValues"][":low"] = text_value(low.empty() ? "0" : low);
    body["ExpressionAttributeValues"][":high"] = text_value(high);
    body["ScanIndexForward"] = forward;
    return body;
}

base::Status run_scan(DynamoTable& table, Millis hidden_until, const effect::StoreScan& scan,
                      const Item& query, effect::StoreResult& result) {
    return Scan(table, hidden_until, scan, query, result).run();
}

}  // namespace leadbridge::native::dynamo
