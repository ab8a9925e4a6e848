#include "functions/native/store/dynamodb/commit.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace leadbridge::native::dynamo {
namespace {

constexpr int kRounds = 8;                       // other writers of the same lead
constexpr std::size_t kPieceBytes = 255 * 1024;  // of a raw body
constexpr const char* kAbsent = "attribute_not_exists(pk)";
constexpr const char* kAbsentOrExpired = "attribute_not_exists(pk) OR expMs <= :h";

// Stands in the item as base64; DynamoDB stores the bytes.
Item bytes_value(std::string_view bytes) { return Item{{"B", base::base64_encode(bytes)}}; }

}  // namespace

const Item* Commit::stored(const ItemKey& key) const {
    const auto found = seen_.find(key);
    return found == seen_.end() || expired(found->second, hidden_) ? nullptr : &found->second;
}

bool Commit::stale() const {
    for (const auto& move : moves_) {
        const auto found = seen_.find(checkpoint_key(move.key));
        const auto version = found == seen_.end() ? 0 : number_in(found->second, "cpVer").value_or(0);
        if (version != move.expected) return true;
    }
    for (const effect::Mark* mark : records_.marks) {
        const auto found = seen_.find(mark_key(mark->key));
        if (mark->once && found != seen_.end() && !expired(found->second, std::max(records_.now, hidden_))) {
            return true;
        }
    }
    return false;
}

base::Status Commit::read() {
    std::vector<ItemKey> keys, rows;
    for (const auto& move : moves_) keys.push_back(checkpoint_key(move.key));
    for (const effect::Mark* mark : records_.marks) {
        if (mark->once) keys.push_back(mark_key(mark->key));
    }
    for (const auto& [id, lead] : records_.leads) keys.push_back(lead_key(id));
    for (const auto& [key, list] : records_.rows) rows.push_back(row_key(key.first, key.second));
    auto found = table_.get(std::move(keys),
                            "cpVer, cpVal, byTok, expMs, leadVer, leadRev, firstBy, lastBy, pendIds, pendBy");
    if (!found.ok()) return found.error();
    seen_ = std::move(found.value());
    if (stale()) return base::Ok{};
    auto whole = table_.get(std::move(rows));  // with their docs, to compare
    if (!whole.ok()) return whole.error();
    seen_.merge(whole.value());
    return base::Ok{};
}

base::Status Commit::register_names() {
    std::set<ItemKey> all;
    for (const auto& [id, lead] : records_.leads) all.insert(name_key("source", lead->source));
    for (const auto& [key, rows] : records_.rows) all.insert(name_key("set", key.first));
    for (const auto* entry : records_.outbox) all.insert(name_key("queue", entry->queue));
    std::vector<Item> fresh;
    for (const ItemKey& key : all) {
        if (names_.count(key) == 0) fresh.push_back(key_value(key));
    }
    if (auto status = table_.put_all(std::move(fresh)); !status.ok()) return status;
    names_.insert(all.begin(), all.end());
    return base::Ok{};
}

std::optional<TableRequest> Commit::lead_request(const effect::LeadRecord& lead) const {
    const ItemKey key = lead_key(lead.id);
    const Item* old = stored(key);
    if (old != nullptr &&
        std::make_tuple(lead.version, lead.revision) <=
            std::make_tuple(number_in(*old, "leadVer").value_or(0), number_in(*old, "leadRev").value_or(0))) {
        return std::nullopt;
    }
    Request request(old == nullptr ? "PutItem" : "UpdateItem", key);
    request.text("leadSrc", lead.source)
        .text("platform", lead.platform)
        .text("account", lead.account)
        .text("leadNo", lead.lead_id)
        .number("leadVer", lead.version)
        .number("leadRev", lead.revision)
        .text("docText", lead.doc)
        .number("updMs", records_.now)
        .text("lastBy", records_.commit)
        .order(source_order(lead.source), order_key(lead.sort_at, lead.id))
        .expires(lead.expires_at);
    lead.person_key ? request.text("personKey", *lead.person_key) : request.remove("personKey");
    // The lead says itself which outbox entries it is owed: the two are one write.
    std::vector<std::string> owed;
    for (const effect::OutboxEntry* entry : records_.outbox) {
        if (entry->lead == lead.id) owed.push_back(entry->id);
    }
    if (owed.empty()) {
        request.remove("pendIds").remove("pendBy");
    } else {
        request.list("pendIds", owed).text("pendBy", records_.commit);
    }
    if (old == nullptr) {
        request.number("recvMs", records_.now).text("firstBy", records_.commit);
        request.when(kAbsentOrExpired).with(":h", number_value(hidden_));
    } else {
        request.when("attribute_exists(pk) AND (leadVer < :ver OR (leadVer = :ver AND leadRev < :rev))")
            .with(":ver", number_value(lead.version))
            .with(":rev", number_value(lead.revision));
    }
    return request.done();
}

std::optional<TableRequest> Commit::row_request(const std::vector<const effect::Row*>& rows) const {
    const ItemKey key = row_key(rows.front()->set, rows.front()->id);
    const Item* old = stored(key);
    const effect::Row* last = nullptr;  // what is left when they are applied in order
    for (const effect::Row* row : rows) {
        const Millis at = last != nullptr  ? last->at
                          : old != nullptr ? number_in(*old, "atMs").value_or(0)
                                           : 0;
        const std::string doc = last != nullptr ? last->doc : old != nullptr ? text_in(*old, "docText") : "";
        const bool first = last == nullptr && old == nullptr;
        if (first || row->at > at || (row->at == at && row->doc != doc)) last = row;
    }
    if (last == nullptr) return std::nullopt;
    Request request(old == nullptr ? "PutItem" : "UpdateItem", key);
    request.number("atMs", last->at)
        .text("docText", last->doc)
        .number("updMs", records_.now)
        .text("lastBy", records_.commit)
        .text("byTok", token_)
        .order(set_order(last->set), order_key(last->at, last->id))
        .expires(last->expires_at);
    if (old == nullptr) {
        request.text("firstBy", records_.commit);
        request.when(kAbsentOrExpired).with(":h", number_value(hidden_));
    } else {
        request.when("attribute_exists(pk) AND (atMs < :at OR (atMs = :at AND docText <> :doc))")
            .with(":at", number_value(last->at))
            .with(":doc", text_value(last->doc));
    }
    return request.done();
}

base::Status Commit::write_leads_and_rows() {
    std::set<ItemKey> open;
    for (const auto& [id, lead] : records_.leads) open.insert(lead_key(id));
    for (const auto& [key, rows] : records_.rows) open.insert(row_key(key.first, key.second));
    for (int round = 0; !open.empty(); ++round) {
        if (round == kRounds) {
            return base::fail("store_failed",
                              "commit: other writers kept changing the same leads. Run again.");
        }
        std::vector<TableRequest> requests;
        std::vector<ItemKey> keys;
        const auto add = [&](const ItemKey& key, std::optional<TableRequest> request) {
            if (!request) return;
            keys.push_back(key);
            requests.push_back(std::move(*request));
        };
        for (const auto& [id, lead] : records_.leads) {
            if (const ItemKey key = lead_key(id); open.count(key) != 0) add(key, lead_request(*lead));
        }
        for (const auto& [name, rows] : records_.rows) {
            if (const ItemKey key = row_key(name.first, name.second); open.count(key) != 0) {
                add(key, row_request(rows));
            }
        }
        auto replies = table_.many(std::move(requests));
        if (!replies.ok()) return replies.error();
        open.clear();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (replies.value()[i].condition_failed) {
                open.insert(keys[i]);  // another writer, or our own first attempt whose answer was lost
                continue;
            }
            const auto at = seen_.find(keys[i]);
            const bool replaced = at != seen_.end() && !expired(at->second, hidden_);
            Item now = replaced ? at->second : Item::object();
            now["lastBy"] = text_value(records_.commit);
            if (!replaced) now["firstBy"] = text_value(records_.commit);
            now.erase("expMs");  // just written: it is there
            seen_[keys[i]] = std::move(now);
        }
        auto again = table_.get(std::vector<ItemKey>(open.begin(), open.end()));
        if (!again.ok()) return again.error();
        for (const ItemKey& key : open) seen_.erase(key);
        for (auto& [key, item] : again.value()) seen_[key] = std::move(item);
    }
    return base::Ok{};
}

void Commit::count(const ItemKey& key, effect::StoreResult& result) const {
    const Item* item = stored(key);
    if (item == nullptr || text_in(*item, "lastBy") != records_.commit) {
        result.unchanged += 1;
    } else if (text_in(*item, "firstBy") == records_.commit) {
        result.inserted += 1;
    } else {
        result.updated += 1;
    }
}

base::Status Commit::write_entries() {
    std::vector<TableRequest> requests;
    for (const effect::OutboxEntry* pending : records_.outbox) {
        const effect::OutboxEntry& entry = *pending;
        std::string by = records_.commit;
        std::optional<Millis> expires_at;
        if (entry.lead) {
            const Item* lead = stored(lead_key(*entry.lead));
            const auto given = records_.leads.find(*entry.lead);
            if (lead == nullptr || given == records_.leads.end()) continue;
            if (text_in(*lead, "lastBy") != records_.commit) {
                // Unchanged, unless an earlier commit ended between the lead and its entries.
                bool owed = false;
                if (lead->contains("pendIds")) {
                    for (const Item& id : lead->at("pendIds").at("L")) owed = owed || id.at("S") == entry.id;
                }
                if (!owed) continue;
                by = text_in(*lead, "pendBy");
            }
            expires_at = given->second->expires_at;
        }
        Request request("PutItem", entry_key(entry.id));
        request.text("queueName", entry.queue)
            .text("payloadText", entry.payload)
            .number("dueMs", entry.due_at)
            .number("tries", 0)
            .text("byCommit", by)
            .order(queue_order(entry.queue), order_key(entry.due_at, entry.id))
            .expires(expires_at);
        if (entry.lead) request.text("leadId", *entry.lead);
        request.when(std::string(kAbsentOrExpired) + " OR (attribute_exists(doneMs) AND byCommit <> :by)")
            .with(":h", number_value(hidden_))
            .with(":by", text_value(by));
        requests.push_back(request.done());
    }
    auto replies = table_.many(std::move(requests));  // a failed condition: it is there
    if (!replies.ok()) return replies.error();
    return base::Ok{};
}

TableRequest Commit::mark_request(const effect::Mark& mark) const {
    return Request("PutItem", mark_key(mark.key))
        .text("byTok", token_)
        .expires(mark.expires_at)
        .when("attribute_not_exists(pk) OR expMs <= :now")
        .with(":now", number_value(std::max(records_.now, hidden_)))
        .done();
}

base::Status Commit::write_rest() {
    std::vector<Item> plain;
    std::vector<TableRequest> conditional;
    for (std::size_t i = 0; i < records_.audit.size(); ++i) {
        const effect::AuditEntry& audit = records_.audit[i];
        const Millis day = audit.at / 86'400'000;
        Item item =
            key_value({"a#" + order_text(day), order_key(audit.at, token_ + ":" + std::to_string(i))});
        item["atMs"] = number_value(audit.at);
        item["actionText"] = text_value(audit.action);
        item["subjectText"] = text_value(audit.subject);
        item["detailText"] = text_value(audit.detail);
        plain.push_back(std::move(item));
    }
    for (const effect::RawBody& raw : records_.raw) {
        Request head("PutItem", {"w#" + raw.id, "-"});
        head.text("rawSrc", raw.source)
            .text("contentType", raw.content_type)
            .number("recvMs", raw.received_at)
            .expires(raw.expires_at)
            .when(kAbsentOrExpired)
            .with(":h", number_value(hidden_));
        TableRequest request = head.done();
        std::size_t pieces = 0;
        for (std::size_t from = 0; from < raw.body.size(); from += kPieceBytes, ++pieces) {
            const Item body = bytes_value(std::string_view(raw.body).substr(from, kPieceBytes));
            if (pieces == 0) {
                request.body["Item"]["body"] = body;
                continue;
            }
            Item piece = key_value({"w#" + raw.id, order_text(static_cast<Millis>(pieces))});
            piece["body"] = body;
            for (const char* name : {"expMs", "ttl"}) {
                if (request.body["Item"].contains(name)) piece[name] = request.body["Item"][name];
            }
            plain.push_back(std::move(piece));
        }
        request.body["Item"]["pieces"] = number_value(static_cast<std::int64_t>(pieces));
        conditional.push_back(std::move(request));
    }
    for (const effect::Mark* mark : records_.marks) {
        if (!mark->once) conditional.push_back(mark_request(*mark));
    }
    if (auto status = table_.put_all(std::move(plain)); !status.ok()) return status;
    auto replies = table_.many(std::move(conditional));
    if (!replies.ok()) return replies.error();
    return base::Ok{};
}

// A refusal is ours when the item carries our token: the answer to the first attempt was lost.
base::Result<bool> Commit::holds(TableRequest request, const ItemKey& key) {
    auto reply = table_.one(std::move(request));
    if (!reply.ok()) return reply.error();
    if (!reply.value().condition_failed) return true;
    auto again = table_.get({key}, "byTok");
    if (!again.ok()) return again.error();
    const auto found = again.value().find(key);
    return found != again.value().end() && text_in(found->second, "byTok") == token_;
}

base::Result<bool> Commit::decide() {
    std::vector<TableRequest> taken;  // what takes back the conditions that held before one failed
    for (const effect::Mark* mark : records_.marks) {
        if (!mark->once) continue;
        const ItemKey key = mark_key(mark->key);
        auto held = holds(mark_request(*mark), key);
        if (!held.ok() || !held.value()) {
            undo(std::move(taken));
            return held;
        }
        taken.push_back(
            Request("DeleteItem", key).when("byTok = :tok").with(":tok", text_value(token_)).done());
    }
    for (const auto& move : moves_) {
        const ItemKey key = checkpoint_key(move.key);
        Request request("PutItem", key);
        request.number("cpVer", move.expected + 1).text("cpVal", move.value).text("byTok", token_);
        if (move.expected == 0) {
            request.when(kAbsent);
        } else {
            request.when("cpVer = :old").with(":old", number_value(move.expected));
        }
        auto held = holds(request.done(), key);
        if (!held.ok() || !held.value()) {
            undo(std::move(taken));
            return held;
        }
        const auto before = seen_.find(key);
        Request back(move.expected == 0 ? "DeleteItem" : "PutItem", key);
        if (move.expected != 0) {
            back.number("cpVer", move.expected)
                .text("cpVal", before == seen_.end() ? "" : text_in(before->second, "cpVal"));
        }
        taken.push_back(back.when("byTok = :tok").with(":tok", text_value(token_)).done());
    }
    return true;
}

// Best effort: who has read the state between may have moved on, then the condition keeps it.
void Commit::undo(std::vector<TableRequest> done) { (void)table_.many(std::move(done)).ok(); }

base::Status Commit::run(effect::StoreResult& result) {
    const auto conflict = [&result]() -> base::Status {
        result = store_conflict();
        return base::Ok{};
    };
    if (auto status = read(); !status.ok()) return status;
    if (stale()) return conflict();
    if (auto status = register_names(); !status.ok()) return status;
    if (auto status = write_leads_and_rows(); !status.ok()) return status;
    if (auto status = write_entries(); !status.ok()) return status;
    if (auto status = write_rest(); !status.ok()) return status;
    auto decided = decide();
    if (!decided.ok()) return decided.error();
    if (!decided.value()) return conflict();
    for (const auto& [id, lead] : records_.leads) count(lead_key(id), result);
    for (const auto& [key, rows] : records_.rows) count(row_key(key.first, key.second), result);
    return base::Ok{};
}

}  // namespace leadbridge::native::dynamo
