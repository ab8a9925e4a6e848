#include "functions/native/store/memory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace leadbridge::native {
namespace {

using Json = nlohmann::json;
using base::Millis;

// Null and missing are the same.
template <typename T>
std::optional<T> maybe(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return found->get<T>();
}

template <typename T>
T need(const Json& object, const char* name) {
    return object.at(name).get<T>();
}

struct Lead {
    std::string id, source;
    std::int64_t version = 0, revision = 0;
    Millis sort_at = 0;
    std::optional<std::string> person_key;
    std::optional<Millis> expires_at;
    std::string doc;
    Millis received_at = 0, updated_at = 0;
    std::string first_commit, last_commit;
};

Lead read_lead(const Json& l, Millis now, const std::string& commit) {
    for (const char* name : {"platform", "account", "lead_id"}) (void)need<std::string>(l, name);
    return Lead{need<std::string>(l, "id"),
                need<std::string>(l, "source"),
                need<std::int64_t>(l, "version"),
                need<std::int64_t>(l, "revision"),
                need<Millis>(l, "sort_at"),
                maybe<std::string>(l, "person_key"),
                maybe<Millis>(l, "expires_at"),
                need<std::string>(l, "doc"),
                now,
                now,
                commit,
                commit};
}

struct Entry {
    std::string id, queue;
    Millis due_at = 0;
    std::string payload;
    std::optional<std::string> lead;
    std::int64_t attempts = 0;
    std::optional<std::string> lease;
    Millis lease_until = 0;
    std::string reason;
    std::optional<Millis> dead_at;
};

Entry read_entry(const Json& o) {
    Entry entry;
    entry.id = need<std::string>(o, "id");
    entry.queue = need<std::string>(o, "queue");
    entry.due_at = need<Millis>(o, "due_at");
    entry.payload = need<std::string>(o, "payload");
    entry.lead = maybe<std::string>(o, "lead");
    return entry;
}

struct Row {
    std::pair<std::string, std::string> key;  // set, id
    Millis at = 0;
    std::string doc;
    std::optional<Millis> expires_at;
    Millis updated_at = 0;
    std::string first_commit, last_commit;
};

struct Audit {
    Millis at = 0;
    std::string action, subject, detail;
};

struct Raw {
    std::string id, source, content_type, body_base64;
    Millis received_at = 0;
    std::optional<Millis> expires_at;
};

// A commit's records, read completely before anything changes: a bad one leaves the store as it was.
struct Records {
    std::vector<Lead> leads;
    std::vector<Row> rows;
    std::vector<Entry> outbox;
    std::vector<std::pair<std::string, Millis>> marks;
    std::vector<std::string> once;  // marks that must not be there yet
    std::vector<Audit> audit;
    std::vector<Raw> raw;
    Millis now = 0;
    std::string commit;
};

Records read_records(const std::string& text) {
    const Json json = Json::parse(text.empty() ? "{}" : text);
    Records records;
    records.now = json.value("now", Millis{0});
    records.commit = json.value("commit", std::string());
    const auto list = [&json](const char* name) { return json.value(name, Json::array()); };
    const Json leads = list("leads"), rows = list("rows");
    if (!leads.empty() || !rows.empty()) {
        (void)need<Millis>(json, "now");
        (void)need<std::string>(json, "commit");
    }
    for (const Json& l : leads) records.leads.push_back(read_lead(l, records.now, records.commit));
    for (const Json& r : rows) {
        records.rows.push_back({{need<std::string>(r, "set"), need<std::string>(r, "id")},
                                need<Millis>(r, "at"),
                                need<std::string>(r, "doc"),
                                maybe<Millis>(r, "expires_at"),
                                records.now,
                                records.commit,
                                records.commit});
    }
    for (const Json& o : list("outbox")) records.outbox.push_back(read_entry(o));
    for (const Json& m : list("marks")) {
        records.marks.emplace_back(need<std::string>(m, "key"), need<Millis>(m, "expires_at"));
        if (maybe<bool>(m, "once").value_or(false)) records.once.push_back(records.marks.back().first);
    }
    for (const Json& a : list("audit")) {
        records.audit.push_back({need<Millis>(a, "at"), need<std::string>(a, "action"),
                                 maybe<std::string>(a, "subject").value_or(""),
                                 maybe<std::string>(a, "detail").value_or("")});
    }
    for (const Json& r : list("raw")) {
        records.raw.push_back({need<std::string>(r, "id"), need<std::string>(r, "source"),
                               maybe<std::string>(r, "content_type").value_or(""),
                               need<std::string>(r, "body_base64"), need<Millis>(r, "received_at"),
                               maybe<Millis>(r, "expires_at")});
    }
    return records;
}

class MemoryStore final : public Store {
  public:
    effect::StoreResult load(const effect::StoreLoad& load) override {
        return guarded("load", [&](effect::StoreResult& result) {
            for (const std::string& key : load.keys) {
                if (key.starts_with("mark/")) {
                    const auto mark = marks_.find(key.substr(5));
                    if (mark != marks_.end() && mark->second > load.now) {
                        result.records.push_back({key, 1, std::to_string(mark->second)});
                    }
                } else if (const auto found = checkpoints_.find(key); found != checkpoints_.end()) {
                    result.records.push_back({key, found->second.first, found->second.second});
                }
            }
        });
    }

    effect::StoreResult commit(const effect::StoreCommit& commit) override {
        return guarded("commit", [&](effect::StoreResult& result) {
            for (const effect::CheckpointMove& move : commit.checkpoints) {
                const auto found = checkpoints_.find(move.key);
                if ((found == checkpoints_.end() ? 0 : found->second.first) != move.expected) {
                    return conflict(result);
                }
            }
            const Records records = read_records(commit.records);
            for (const std::string& key : records.once) {
                const auto mark = marks_.find(key);
                if (mark != marks_.end() && mark->second > records.now) return conflict(result);
            }
            for (const effect::CheckpointMove& move : commit.checkpoints) {
                checkpoints_[move.key] = {move.expected + 1, move.value};
            }
            apply(records, result);
        });
    }

    effect::StoreResult scan(const effect::StoreScan& scan) override {
        if (const std::string_view bad = bad_scan(scan); !bad.empty()) return store_error(bad);
        return guarded("scan", [&](effect::StoreResult& result) {
            const Json query = Json::parse(scan.query.empty() ? "{}" : scan.query);
            if (const std::string_view bad = bad_query(scan, query); !bad.empty()) {
                result = store_error(bad);
                return;
            }
            if (scan.kind == "leads") return scan_leads(scan, query, result);
            if (scan.kind == "counts") return scan_counts(scan, result);
            if (scan.kind == "rows") return scan_rows(scan, query, result);
            if (scan.kind == "row_counts") return scan_row_counts(scan, result);
            if (scan.kind == "queues") return scan_queues(scan, result);
            scan_dead(scan, query, result);
        });
    }

    effect::StoreResult claim(const effect::StoreClaim& claim) override {
        return guarded("claim", [&](effect::StoreResult& result) {
            std::vector<Entry*> due;
            for (auto& [id, entry] : outbox_) {
                if (entry.queue == claim.queue && !entry.dead_at && entry.due_at <= claim.now &&
                    (!entry.lease || entry.lease_until <= claim.now)) {
                    due.push_back(&entry);
                }
            }
            std::stable_sort(due.begin(), due.end(),
                             [](const Entry* a, const Entry* b) { return a->due_at < b->due_at; });
            const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(claim.limit, 0, kPageLimit));
            for (Entry* entry : due) {
                if (result.entries.size() >= limit) break;
                entry->attempts += 1;
                entry->lease = claim.lease;
                entry->lease_until = claim.now + claim.lease_ms;
                result.entries.push_back({entry->id, entry->payload, entry->attempts, claim.lease});
            }
        });
    }

    effect::StoreResult settle(const effect::StoreSettle& settle) override {
        if (const std::string_view bad = bad_settle(settle); !bad.empty()) return store_error(bad);
        return guarded("settle", [&](effect::StoreResult&) {
            for (const effect::Settlement& done : settle.entries) {
                const auto found = outbox_.find(done.id);
                if (found == outbox_.end()) continue;
                Entry& entry = found->second;
                if (entry.queue != settle.queue || entry.dead_at || entry.lease != done.lease) continue;
                if (done.outcome == "done") {
                    outbox_.erase(found);
                    continue;
                }
                entry.lease.reset();
                entry.reason = done.reason;
                if (done.outcome == "retry") entry.due_at = done.retry_at;
                if (done.outcome == "dead") entry.dead_at = settle.now;
            }
        });
    }

    base::Result<Purged> purge(Millis now) override {
        const auto expired = [now](const std::optional<Millis>& at) { return at && *at <= now; };
        Purged purged;
        std::vector<std::string> gone;
        for (const auto& [id, lead] : leads_) {
            if (expired(lead.expires_at) && static_cast<std::int64_t>(gone.size()) < kPurgeLimit)
                gone.push_back(id);
        }
        const std::set<std::string> leads(gone.begin(), gone.end());
        purged.outbox = static_cast<std::int64_t>(std::erase_if(
            outbox_, [&](const auto& e) { return e.second.lead && leads.count(*e.second.lead) != 0; }));
        for (const std::string& id : gone) leads_.erase(id);
        purged.leads = static_cast<std::int64_t>(gone.size());
        purged.rows = static_cast<std::int64_t>(
            std::erase_if(rows_, [&](const auto& r) { return expired(r.second.expires_at); }));
        purged.marks =
            static_cast<std::int64_t>(std::erase_if(marks_, [&](const auto& m) { return m.second <= now; }));
        purged.raw = static_cast<std::int64_t>(
            std::erase_if(raw_, [&](const auto& r) { return expired(r.second.expires_at); }));
        return purged;
    }

  private:
    template <typename Work>
    static effect::StoreResult guarded(const char* what, const Work& work) {
        effect::StoreResult result;
        result.outcome = "ok";
        try {
            work(result);
        } catch (const std::exception& error) {
            return store_error(std::string(what) + ": " + error.what());
        }
        return result;
    }

    static void conflict(effect::StoreResult& result) {
        result.outcome = "conflict";
        result.reason = "another run moved a checkpoint or set a mark first";
    }

    void apply(const Records& records, effect::StoreResult& result) {
        std::set<std::string> given;
        for (const Lead& lead : records.leads) {
            given.insert(lead.id);
            const auto [at, fresh] = leads_.try_emplace(lead.id, lead);
            Lead& stored = at->second;
            if (fresh || std::tie(lead.version, lead.revision) <= std::tie(stored.version, stored.revision))
                continue;
            Lead next = lead;
            next.received_at = stored.received_at;
            next.first_commit = stored.first_commit;
            stored = std::move(next);
        }
        std::set<std::pair<std::string, std::string>> given_rows;
        for (const Row& row : records.rows) {
            given_rows.insert(row.key);
            const auto [at, fresh] = rows_.try_emplace(row.key, row);
            Row& stored = at->second;
            if (fresh || row.at < stored.at || (row.at == stored.at && row.doc == stored.doc)) continue;
            Row next = row;
            next.first_commit = stored.first_commit;
            stored = std::move(next);
        }
        const auto count = [&](const auto& stored) {
            if (stored.last_commit != records.commit) {
                result.unchanged += 1;
            } else if (stored.first_commit == records.commit) {
                result.inserted += 1;
            } else {
                result.updated += 1;
            }
        };
        for (const std::string& id : given) count(leads_.at(id));
        for (const auto& key : given_rows) count(rows_.at(key));
        for (const Entry& entry : records.outbox) {
            const auto lead = entry.lead ? leads_.find(*entry.lead) : leads_.end();
            if (entry.lead && (lead == leads_.end() || lead->second.last_commit != records.commit)) continue;
            outbox_.try_emplace(entry.id, entry);
        }
        for (const auto& [key, expires_at] : records.marks) {
            const auto [at, fresh] = marks_.try_emplace(key, expires_at);
            if (!fresh && at->second <= records.now) at->second = expires_at;
        }
        audit_.insert(audit_.end(), records.audit.begin(), records.audit.end());
        for (const Raw& raw : records.raw) raw_.try_emplace(raw.id, raw);
    }

    void scan_leads(const effect::StoreScan& scan, const Json& query, effect::StoreResult& result) const {
        const auto source = maybe<std::string>(query, "source");
        const auto person = maybe<std::string>(query, "person_key");
        const auto revision = maybe<std::int64_t>(query, "revision");
        const Millis since = maybe<Millis>(query, "since").value_or(std::numeric_limits<Millis>::min());
        std::pair<Millis, std::string> below{
            maybe<Millis>(query, "until").value_or(std::numeric_limits<Millis>::max()), ""};
        if (!scan.page.empty()) {
            const std::size_t colon = scan.page.find(':');
            below = {std::stoll(scan.page.substr(0, colon)), scan.page.substr(colon + 1)};
        }
        std::vector<const Lead*> found;
        for (const auto& [id, lead] : leads_) {
            if (source && lead.source != *source) continue;
            if (person && lead.person_key != person) continue;
            if (revision && lead.revision != *revision) continue;
            if (lead.sort_at < since || std::tie(lead.sort_at, id) >= std::tie(below.first, below.second))
                continue;
            found.push_back(&lead);
        }
        std::sort(found.begin(), found.end(), [](const Lead* a, const Lead* b) {
            return std::tie(a->sort_at, a->id) > std::tie(b->sort_at, b->id);
        });
        Page page(scan.limit);
        for (const Lead* lead : found) {
            const Json item = {{"id", lead->id},
                               {"source", lead->source},
                               {"version", lead->version},
                               {"revision", lead->revision},
                               {"received_at", lead->received_at},
                               {"updated_at", lead->updated_at},
                               {"doc", lead->doc}};
            if (!page.add(item.dump(), std::to_string(lead->sort_at) + ":" + lead->id)) break;
        }
        page.finish(result);
    }

    void scan_counts(const effect::StoreScan& scan, effect::StoreResult& result) const {
        struct Count {
            std::int64_t leads = 0, unread = 0;
            Millis newest = std::numeric_limits<Millis>::min();
        };
        std::map<std::string, Count> counts;
        for (const auto& [id, lead] : leads_) {
            Count& count = counts[lead.source];
            count.leads += 1;
            count.unread += lead.revision == 0 ? 1 : 0;
            count.newest = std::max(count.newest, lead.sort_at);
        }
        Page page(scan.limit);
        for (const auto& [source, count] : counts) {
            if (source <= scan.page) continue;
            const Json item = {{"source", source},
                               {"leads", count.leads},
                               {"unread", count.unread},
                               {"newest", count.newest}};
            if (!page.add(item.dump(), source)) break;
        }
        page.finish(result);
    }

    void scan_rows(const effect::StoreScan& scan, const Json& query, effect::StoreResult& result) const {
        const auto set = need<std::string>(query, "set");
        const auto since = maybe<Millis>(query, "since");
        std::int64_t skip = scan.page.empty() ? maybe<std::int64_t>(query, "offset").value_or(0) : 0;
        Page page(scan.limit);
        for (auto at = rows_.upper_bound({set, scan.page}); at != rows_.end(); ++at) {
            const auto& [key, row] = *at;
            if (key.first != set) break;
            if ((since && row.at < *since) || skip-- > 0) continue;
            const Json item = {
                {"id", key.second}, {"at", row.at}, {"doc", row.doc}, {"updated_at", row.updated_at}};
            if (!page.add(item.dump(), key.second)) break;
        }
        page.finish(result);
    }

    void scan_row_counts(const effect::StoreScan& scan, effect::StoreResult& result) const {
        std::map<std::string, std::pair<std::int64_t, Millis>> counts;  // rows, newest
        for (const auto& [key, row] : rows_) {
            const auto [at, fresh] = counts.try_emplace(key.first, 0, row.at);
            at->second.first += 1;
            at->second.second = std::max(at->second.second, row.at);
        }
        Page page(scan.limit);
        for (const auto& [set, count] : counts) {
            if (set <= scan.page) continue;
            const Json item = {{"set", set}, {"rows", count.first}, {"newest", count.second}};
            if (!page.add(item.dump(), set)) break;
        }
        page.finish(result);
    }

    void scan_queues(const effect::StoreScan& scan, effect::StoreResult& result) const {
        struct Count {
            std::int64_t waiting = 0, dead = 0;
            std::optional<Millis> next_at;
        };
        std::map<std::string, Count> queues;
        for (const auto& [id, entry] : outbox_) {
            Count& count = queues[entry.queue];
            (entry.dead_at ? count.dead : count.waiting) += 1;
            if (!entry.dead_at) count.next_at = std::min(count.next_at.value_or(entry.due_at), entry.due_at);
        }
        Page page(scan.limit);
        for (const auto& [queue, count] : queues) {
            if (queue <= scan.page) continue;
            const Json item = {{"queue", queue},
                               {"waiting", count.waiting},
                               {"dead", count.dead},
                               {"next_at", count.next_at ? Json(*count.next_at) : Json()}};
            if (!page.add(item.dump(), queue)) break;
        }
        page.finish(result);
    }

    void scan_dead(const effect::StoreScan& scan, const Json& query, effect::StoreResult& result) const {
        const auto queue = maybe<std::string>(query, "queue");
        Page page(scan.limit);
        for (const auto& [id, entry] : outbox_) {
            if (!entry.dead_at || id <= scan.page || (queue && entry.queue != *queue)) continue;
            const Json item = {{"id", id},
                               {"queue", entry.queue},
                               {"payload", entry.payload},
                               {"attempts", entry.attempts},
                               {"reason", entry.reason},
                               {"at", *entry.dead_at}};
            if (!page.add(item.dump(), id)) break;
        }
        page.finish(result);
    }

    std::map<std::string, std::pair<std::int64_t, std::string>> checkpoints_;
    std::map<std::string, Lead> leads_;
    std::map<std::pair<std::string, std::string>, Row> rows_;  // (set, id)
    std::map<std::string, Entry> outbox_;
    std::map<std::string, Millis> marks_;
    std::vector<Audit> audit_;
    std::map<std::string, Raw> raw_;
};

}  // namespace

std::unique_ptr<Store> open_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace leadbridge::native
