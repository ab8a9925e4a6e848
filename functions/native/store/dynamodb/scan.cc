#include "functions/native/store/dynamodb/scan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace leadbridge::native::dynamo {
namespace {

constexpr int kMostPages = 1'000'000;
constexpr const char* kAlive = "(attribute_not_exists(expMs) OR expMs > :h)";
constexpr const char* kHighest = "~";  // above every order text

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
    Scan(DynamoTable& table, Millis hidden_until, const effect::StoreScan& scan, effect::StoreResult& result)
        : table_(table), hidden_(hidden_until), scan_(scan), result_(result) {}

    base::Status run() {
        return std::visit([this](const auto& query) { return find(query); }, scan_.query);
    }

  private:
    [[nodiscard]] std::size_t limit() const { return page_limit(scan_.limit); }

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

    base::Status find(const effect::LeadQuery& query) {
        const auto& [source, person, since, until, revision] = query;
        // Every key at `until` has a colon and an id behind its digits, so the bare digits exclude it.
        std::string low = order_text(since.value_or(-kFar));
        std::string high = until ? order_text(*until) : kHighest;
        if (!scan_.page.empty()) {
            const LeadToken below = read_lead_token(scan_.page);
            high = order_key(below.sort_at, below.id);
        }
        result_.items = std::vector<effect::StoredLead>();
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
        std::vector<effect::StoredLead> leads;
        for (const Item& item : items.value()) {
            leads.push_back({text_in(item, "pk").substr(2), text_in(item, "leadSrc"),
                             number_in(item, "leadVer").value_or(0), number_in(item, "leadRev").value_or(0),
                             number_in(item, "recvMs").value_or(0), number_in(item, "updMs").value_or(0),
                             text_in(item, "docText")});
        }
        result_.items = std::move(leads);
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

    base::Status find(const effect::CountQuery&) {
        auto all = names("source");
        if (!all.ok()) return all.error();
        Page<effect::SourceCount> page(scan_.limit);
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
            if (!page.add({source, leads.value(), unread.value(), order_number(newest.value())}, source))
                break;
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status find(const effect::RowQuery& query) {
        const auto& since = query.since;
        std::int64_t skip = scan_.page.empty() ? query.offset : 0;
        Page<effect::StoredRow> page(scan_.limit);
        Item body = Item::object();
        body["KeyConditionExpression"] = scan_.page.empty() ? "pk = :p" : "pk = :p AND sk > :s";
        body["ExpressionAttributeValues"][":p"] = text_value("r#" + query.set);
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
            if (!counted.value().contains("LastEvaluatedKey")) {
                page.finish(result_);
                return base::Ok{};
            }
            body["ExclusiveStartKey"] = counted.value()["LastEvaluatedKey"];
        }
        if (!since) body["Limit"] = limit() + 1;
        for (Cursor cursor(table_, std::move(body));;) {
            auto item = cursor.peek();
            if (!item.ok()) return item.error();
            if (item.value() == nullptr) break;
            const Item& row = *item.value();
            const std::string id = text_in(row, "sk");
            if (!page.add({id, number_in(row, "atMs").value_or(0), text_in(row, "docText"),
                           number_in(row, "updMs").value_or(0)},
                          id))
                break;
            cursor.next();
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status find(const effect::RowCountQuery&) {
        auto all = names("set");
        if (!all.ok()) return all.error();
        Page<effect::SetCount> page(scan_.limit);
        for (const std::string& set : all.value()) {
            if (set <= scan_.page) continue;
            auto newest = edge(set_order(set), false);
            if (!newest.ok()) return newest.error();
            if (newest.value().empty()) continue;
            auto rows = alive(set_order(set));
            if (!rows.ok()) return rows.error();
            if (!page.add({set, rows.value(), order_number(newest.value())}, set)) break;
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

    base::Status find(const effect::QueueQuery&) {
        auto all = names("queue");
        if (!all.ok()) return all.error();
        Page<effect::QueueCount> page(scan_.limit);
        for (const std::string& queue : all.value()) {
            if (queue <= scan_.page) continue;
            auto waiting = alive(queue_order(queue));
            if (!waiting.ok()) return waiting.error();
            auto dead = table_.count(dead_query(queue, ""));
            if (!dead.ok()) return dead.error();
            if (waiting.value() + dead.value() == 0) continue;
            auto next = edge(queue_order(queue), true);
            if (!next.ok()) return next.error();
            std::optional<Millis> next_at;
            if (!next.value().empty()) next_at = order_number(next.value());
            if (!page.add({queue, waiting.value(), dead.value(), next_at}, queue)) break;
        }
        page.finish(result_);
        return base::Ok{};
    }

    base::Status find(const effect::DeadQuery& query) {
        std::vector<ItemKey> keys;
        for (Cursor cursor(table_, dead_query(query.queue, scan_.page)); keys.size() <= limit();) {
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
        std::vector<effect::DeadLetter> letters;
        for (const Item& item : items.value()) {
            letters.push_back({text_in(item, "pk").substr(2), text_in(item, "queueName"),
                               text_in(item, "payloadText"), number_in(item, "tries").value_or(0),
                               text_in(item, "reasonText"), number_in(item, "deadMs").value_or(0)});
        }
        result_.items = std::move(letters);
        return base::Ok{};
    }

    DynamoTable& table_;
    Millis hidden_;
    const effect::StoreScan& scan_;
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
                      effect::StoreResult& result) {
    return Scan(table, hidden_until, scan, result).run();
}

}  // namespace leadbridge::native::dynamo
