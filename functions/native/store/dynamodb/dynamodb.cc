#include "functions/native/store/dynamodb/dynamodb.h"

#include <sys/random.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "functions/native/store/dynamodb/commit.h"
#include "functions/native/store/dynamodb/items.h"
#include "functions/native/store/dynamodb/scan.h"

namespace leadbridge::native {
namespace {

using base::Millis;
using namespace dynamo;

constexpr Millis kTombstoneMs = 24 * 60 * 60 * 1000;  // outlives any run that is still writing
constexpr int kClaimPages = 1000;

template <typename Work>
effect::StoreResult guarded(const char* what, const Work& work) {
    effect::StoreResult result;
    result.outcome = effect::Outcome::ok;
    try {
        base::Status status = work(result);
        if (!status.ok()) return store_error(status.error().reason);
    } catch (const std::exception& error) {
        return store_error(std::string(what) + ": " + error.what());
    }
    return result;
}

class DynamoStore final : public Store {
  public:
    DynamoStore(const DynamoOptions& options, std::string url)
        : table_(std::move(url), options.table,
                 AwsOptions{options.region, options.attempt_ms, options.total_ms, 16}),
          hidden_until_(options.hidden_until),
          sweep_(options.sweep) {}

    effect::StoreResult load(const effect::StoreLoad& load) override {
        return guarded("load", [&](effect::StoreResult& result) -> base::Status {
            std::vector<ItemKey> keys;
            for (const std::string& key : load.keys) keys.push_back(key_of(key));
            auto found = table_.get(std::move(keys));
            if (!found.ok()) return found.error();
            for (const std::string& key : load.keys) {
                const auto at = found.value().find(key_of(key));
                if (at == found.value().end()) continue;
                const Item& item = at->second;
                if (!key.starts_with("mark/")) {
                    result.records.push_back({key, *number_in(item, "cpVer"), text_in(item, "cpVal")});
                } else if (!expired(item, std::max(load.now, hidden_until_))) {
                    result.records.push_back({key, 1, std::to_string(*number_in(item, "expMs"))});
                }
            }
            return base::Ok{};
        });
    }

    effect::StoreResult commit(const effect::StoreCommit& commit) override {
        return guarded("commit", [&](effect::StoreResult& result) -> base::Status {
            const Records records(commit.records);
            if (const std::string why = too_large(commit.checkpoints, records); !why.empty()) {
                return base::fail("store_failed", "commit: " + why);
            }
            auto token = unique();
            if (!token.ok()) return token.error();
            return Commit(table_, known_names_, hidden_until_, token.value(), commit.checkpoints, records)
                .run(result);
        });
    }

    effect::StoreResult scan(const effect::StoreScan& scan) override {
        if (const std::string_view bad = bad_scan(scan); !bad.empty()) return store_error(bad);
        return guarded("scan", [&](effect::StoreResult& result) {
            return run_scan(table_, hidden_until_, scan, result);
        });
    }

    effect::StoreResult claim(const effect::StoreClaim& claim) override {
        return guarded("claim", [&](effect::StoreResult& result) { return take(claim, result); });
    }

    effect::StoreResult settle(const effect::StoreSettle& settle) override {
        return guarded("settle", [&](effect::StoreResult&) { return finish(settle); });
    }

    void end_by(Millis steady) override { table_.end_by(steady); }

    base::Result<Purged> purge(Millis now) override {
        hidden_until_ = std::max(hidden_until_, now);
        if (!sweep_) return Purged{};
        try {
            return swept(now);
        } catch (const std::exception& error) {
            return base::fail("store_failed", std::string("purge: ") + error.what());
        }
    }

  private:
    static ItemKey key_of(const std::string& key) {
        return key.starts_with("mark/") ? mark_key(key.substr(5)) : checkpoint_key(key);
    }

    // Names one call of an operation: what is read back after a doubtful answer tells whose write it was.
    static base::Result<std::string> unique() {
        std::string bytes(8, '\0');
        if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
            return base::fail("random", "the kernel gave no random bytes (getrandom)");
        }
        return base::hex_lower(bytes);
    }

    base::Status take(const effect::StoreClaim& claim, effect::StoreResult& result) {
        const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(claim.limit, 0, kPageLimit));
        auto token = unique();
        if (!token.ok()) return token.error();
        Item query =
            index_query(queue_order(claim.queue), order_text(-kFar), order_text(claim.now) + ";", true);
        query["FilterExpression"] =
            "(attribute_not_exists(leaseUntil) OR leaseUntil <= :now) AND "
            "(attribute_not_exists(expMs) OR expMs > :h)";
        query["ExpressionAttributeValues"][":now"] = number_value(claim.now);
        query["ExpressionAttributeValues"][":h"] = number_value(hidden_until_);
        for (int pages = 0; pages < kClaimPages && result.entries.size() < limit; ++pages) {
            const std::size_t missing = limit - result.entries.size();
            query["Limit"] = missing + 50;
            auto page = table_.page("Query", query);
            if (!page.ok()) return page.error();
            std::vector<ItemKey> keys;
            for (const Item& item : page.value()["Items"]) keys.push_back(key_in(item));
            // An item left over here is not skipped: the loop ends with `missing` reached or goes on after it.
            for (std::size_t from = 0; from < keys.size() && result.entries.size() < limit;) {
                const std::size_t many = std::min(keys.size() - from, limit - result.entries.size());
                const std::vector<ItemKey> some(keys.begin() + static_cast<std::ptrdiff_t>(from),
                                                keys.begin() + static_cast<std::ptrdiff_t>(from + many));
                if (auto status = lease(claim, token.value(), some, result); !status.ok()) return status;
                from += many;
            }
            if (!page.value().contains("LastEvaluatedKey")) break;
            query["ExclusiveStartKey"] = page.value()["LastEvaluatedKey"];
        }
        return base::Ok{};
    }

    base::Status lease(const effect::StoreClaim& claim, const std::string& token,
                       const std::vector<ItemKey>& keys, effect::StoreResult& result) {
        std::vector<TableRequest> requests;
        for (const ItemKey& key : keys) {
            Request request("UpdateItem", key);
            request.text("leaseTok", claim.lease)
                .number("leaseUntil", claim.now + claim.lease_ms)
                .text("callTok", token)
                .when(
                    "attribute_not_exists(deadMs) AND attribute_not_exists(doneMs) AND queueName = :q AND "
                    "dueMs <= :now AND (attribute_not_exists(leaseUntil) OR leaseUntil <= :now)")
                .with(":q", text_value(claim.queue))
                .with(":now", number_value(claim.now))
                .answer("ALL_NEW");
            TableRequest done = request.done();
            done.body["UpdateExpression"] =
                done.body["UpdateExpression"].get<std::string>() + " ADD tries :one";
            done.body["ExpressionAttributeValues"][":one"] = number_value(1);
            requests.push_back(std::move(done));
        }
        auto replies = table_.many(std::move(requests));
        if (!replies.ok()) return replies.error();
        std::vector<ItemKey> refused;  // somebody else has it, or we have and the first answer was lost
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (replies.value()[i].condition_failed) refused.push_back(keys[i]);
        }
        auto read = table_.get(refused);
        if (!read.ok()) return read.error();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const TableReply& reply = replies.value()[i];
            const auto again = read.value().find(keys[i]);
            if (reply.condition_failed &&
                (again == read.value().end() || text_in(again->second, "callTok") != token)) {
                continue;
            }
            const Item& item = reply.condition_failed ? again->second : reply.body.at("Attributes");
            result.entries.push_back({keys[i].first.substr(2), text_in(item, "payloadText"),
                                      number_in(item, "tries").value_or(1), claim.lease});
        }
        return base::Ok{};
    }

    base::Status finish(const effect::StoreSettle& settle) {
        std::vector<ItemKey> keys;
        for (const auto& entry : settle.entries) keys.push_back(entry_key(entry.id));
        auto found = table_.get(std::move(keys));
        if (!found.ok()) return found.error();
        // First the leads forget that they are owed an entry, then the entries go: a commit that sees a lead
        // without its entry must not make it again.
        std::vector<TableRequest> owed, gone;
        std::set<std::string> seen;
        for (const auto& entry : settle.entries) {
            const auto at = found.value().find(entry_key(entry.id));
            if (at == found.value().end()) continue;
            const Item& item = at->second;
            if (item.contains("doneMs") || item.contains("deadMs") || !item.contains("leaseTok") ||
                text_in(item, "queueName") != settle.queue || text_in(item, "leaseTok") != entry.lease ||
                !seen.insert(entry.id).second) {
                continue;
            }
            if (entry.outcome != effect::Settled::retry && item.contains("leadId")) {
                owed.push_back(Request("UpdateItem", lead_key(text_in(item, "leadId")))
                                   .remove("pendIds")
                                   .remove("pendBy")
                                   .when("pendBy = :by")
                                   .with(":by", text_value(text_in(item, "byCommit")))
                                   .done());
            }
            gone.push_back(settled(settle, entry, item));
        }
        for (std::vector<TableRequest>* requests : {&owed, &gone}) {
            // A failed condition: the lease is lost, or our own first attempt has done it.
            if (auto replies = table_.many(std::move(*requests)); !replies.ok()) return replies.error();
        }
        return base::Ok{};
    }

    static TableRequest settled(const effect::StoreSettle& settle, const effect::Settlement& entry,
                                const Item& item) {
        constexpr const char* kMine = "leaseTok = :l AND queueName = :q AND attribute_not_exists(deadMs)";
        const auto bound = [&](Request& request) -> Request& {
            return request.when(kMine)
                .with(":l", text_value(entry.lease))
                .with(":q", text_value(settle.queue));
        };
        if (entry.outcome == effect::Settled::done) {
            // A tombstone: whoever still writes the same commit must not bring the entry back.
            Request put("PutItem", entry_key(entry.id));
            put.number("doneMs", settle.now).text("byCommit", text_in(item, "byCommit"));
            put.expires(settle.now + kTombstoneMs);
            return bound(put).done();
        }
        Request update("UpdateItem", entry_key(entry.id));
        update.text("reasonText", entry.reason).remove("leaseTok").remove("leaseUntil");
        if (entry.outcome == effect::Settled::retry) {
            update.number("dueMs", entry.retry_at).text("gsk", order_key(entry.retry_at, entry.id));
        } else {
            update.number("deadMs", settle.now).order(kDeadOrder, entry.id);
        }
        return bound(update).done();
    }

    base::Result<Purged> swept(Millis now) {
        Purged purged;
        Item query = Item::object();
        query["FilterExpression"] = "expMs <= :now";
        query["ExpressionAttributeValues"][":now"] = number_value(now);
        query["ProjectionExpression"] = "pk, sk, doneMs";
        for (int pages = 0; pages < kClaimPages; ++pages) {
            auto page = table_.page("Scan", query);
            if (!page.ok()) return page.error();
            std::vector<TableRequest> requests;
            std::vector<std::int64_t*> counters;
            for (const Item& item : page.value()["Items"]) {
                const ItemKey key = key_in(item);
                const char kind = key.first[0];
                std::int64_t* counter = kind == 'l'   ? &purged.leads
                                        : kind == 'o' ? &purged.outbox
                                        : kind == 'r' ? &purged.rows
                                        : kind == 'm' ? &purged.marks
                                                      : &purged.raw;
                const bool counts = !item.contains("doneMs") && (kind != 'w' || key.second == "-");
                counters.push_back(counts ? counter : nullptr);
                requests.push_back(
                    Request("DeleteItem", key).when("expMs <= :now").with(":now", number_value(now)).done());
            }
            auto replies = table_.many(std::move(requests));
            if (!replies.ok()) return replies.error();
            for (std::size_t i = 0; i < counters.size(); ++i) {
                if (counters[i] != nullptr && !replies.value()[i].condition_failed) ++*counters[i];
            }
            if (!page.value().contains("LastEvaluatedKey")) break;
            query["ExclusiveStartKey"] = page.value()["LastEvaluatedKey"];
        }
        return purged;
    }

    DynamoTable table_;
    std::set<ItemKey> known_names_;
    Millis hidden_until_;
    bool sweep_;
};

std::string url_of(const DynamoOptions& options) {
    return options.endpoint.empty() ? aws_url("dynamodb", options.region) : options.endpoint;
}

base::Status check(const DynamoOptions& options) {
    const auto plain = [](const std::string& text, std::string_view more) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   more.find(c) != std::string_view::npos;
        });
    };
    if (!plain(options.table, "_.") || options.table.size() < 3 || options.table.size() > 255) {
        return base::fail("store_config",
                          "/store/table must name a DynamoDB table (3 to 255 letters, digits, - _ .)");
    }
    if (!plain(options.region, "")) {
        return base::fail("store_config",
                          "the AWS region is not known: write it into /store/region or set AWS_REGION");
    }
    if (!options.endpoint.empty() && origin_of(options.endpoint).empty()) {
        return base::fail("store_config", "/store/endpoint is not a URL");
    }
    return base::Ok{};
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_dynamodb_store(const DynamoOptions& options) {
    if (auto status = check(options); !status.ok()) return status.error();
    std::unique_ptr<Store> store = std::make_unique<DynamoStore>(options, url_of(options));
    return store;
}

base::Status create_table(const DynamoOptions& options) {
    if (auto status = check(options); !status.ok()) return status.error();
    return DynamoTable(url_of(options), options.table,
                       AwsOptions{options.region, options.attempt_ms, options.total_ms, 16})
        .create();
}

}  // namespace leadbridge::native
