#include "functions/native/store/memory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace leadbridge::native {
namespace {

using base::Millis;

// Which commits wrote a record, for the counts of a commit.
struct Written {
    Millis received_at = 0, updated_at = 0;
    std::string first_commit, last_commit;
};

struct Lead {
    effect::LeadRecord record;
    Written written;
};

struct Row {
    effect::Row row;
    Written written;
};

struct Entry {
    effect::OutboxEntry entry;
    std::int64_t attempts = 0;
    std::optional<std::string> lease;
    Millis lease_until = 0;
    std::string reason;
    std::optional<Millis> dead_at;
};

class MemoryStore final : public Store {
  public:
    effect::StoreResult load(const effect::StoreLoad& load) override {
        effect::StoreResult result = fine();
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
        return result;
    }

    effect::StoreResult commit(const effect::StoreCommit& commit) override {
        for (const effect::CheckpointMove& move : commit.checkpoints) {
            const auto found = checkpoints_.find(move.key);
            if ((found == checkpoints_.end() ? 0 : found->second.first) != move.expected) {
                return store_conflict();
            }
        }
        for (const effect::Mark& mark : commit.records.marks) {
            const auto found = marks_.find(mark.key);
            if (mark.once && found != marks_.end() && found->second > commit.records.now) {
                return store_conflict();
            }
        }
        for (const effect::CheckpointMove& move : commit.checkpoints) {
            checkpoints_[move.key] = {move.expected + 1, move.value};
        }
        effect::StoreResult result = fine();
        apply(commit.records, result);
        return result;
    }

    effect::StoreResult scan(const effect::StoreScan& scan) override {
        if (const std::string_view bad = bad_scan(scan); !bad.empty()) return store_error(bad);
        effect::StoreResult result = fine();
        std::visit([&](const auto& query) { find(query, scan, result); }, scan.query);
        return result;
    }

    effect::StoreResult claim(const effect::StoreClaim& claim) override {
        effect::StoreResult result = fine();
        std::vector<Entry*> due;
        for (auto& [id, stored] : outbox_) {
            if (stored.entry.queue == claim.queue && !stored.dead_at && stored.entry.due_at <= claim.now &&
                (!stored.lease || stored.lease_until <= claim.now)) {
                due.push_back(&stored);
            }
        }
        std::stable_sort(due.begin(), due.end(),
                         [](const Entry* a, const Entry* b) { return a->entry.due_at < b->entry.due_at; });
        const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(claim.limit, 0, kPageLimit));
        for (Entry* stored : due) {
            if (result.entries.size() >= limit) break;
            stored->attempts += 1;
            stored->lease = claim.lease;
            stored->lease_until = claim.now + claim.lease_ms;
            result.entries.push_back(
                {stored->entry.id, stored->entry.payload, stored->attempts, claim.lease});
        }
        return result;
    }

    effect::StoreResult settle(const effect::StoreSettle& settle) override {
        for (const effect::Settlement& settled : settle.entries) {
            const auto found = outbox_.find(settled.id);
            if (found == outbox_.end()) continue;
            Entry& stored = found->second;
            if (stored.entry.queue != settle.queue || stored.dead_at || stored.lease != settled.lease)
                continue;
            if (settled.outcome == effect::Settled::done) {
                outbox_.erase(found);
                continue;
            }
            stored.lease.reset();
            stored.reason = settled.reason;
            if (settled.outcome == effect::Settled::retry) stored.entry.due_at = settled.retry_at;
            if (settled.outcome == effect::Settled::dead) stored.dead_at = settle.now;
        }
        return fine();
    }

    base::Result<Purged> purge(Millis now) override {
        const auto expired = [now](const std::optional<Millis>& at) { return at && *at <= now; };
        Purged purged;
        std::vector<std::string> gone;
        for (const auto& [id, lead] : leads_) {
            if (expired(lead.record.expires_at) && static_cast<std::int64_t>(gone.size()) < kPurgeLimit)
                gone.push_back(id);
        }
        const std::set<std::string> leads(gone.begin(), gone.end());
        purged.outbox = static_cast<std::int64_t>(std::erase_if(outbox_, [&](const auto& e) {
            return e.second.entry.lead && leads.count(*e.second.entry.lead) != 0;
        }));
        for (const std::string& id : gone) leads_.erase(id);
        purged.leads = static_cast<std::int64_t>(gone.size());
        purged.rows = static_cast<std::int64_t>(
            std::erase_if(rows_, [&](const auto& r) { return expired(r.second.row.expires_at); }));
        purged.marks =
            static_cast<std::int64_t>(std::erase_if(marks_, [&](const auto& m) { return m.second <= now; }));
        purged.raw = static_cast<std::int64_t>(
            std::erase_if(raw_, [&](const auto& r) { return expired(r.second.expires_at); }));
        return purged;
    }

  private:
    static effect::StoreResult fine() {
        effect::StoreResult result;
        result.outcome = effect::Outcome::ok;
        return result;
    }

    void apply(const effect::Records& records, effect::StoreResult& result) {
        const Written fresh{records.now, records.now, records.commit, records.commit};
        const auto replace = [&](Written& written) {
            written.updated_at = records.now;
            written.last_commit = records.commit;
        };
        std::set<std::string> given;
        for (const effect::LeadRecord& lead : records.leads) {
            given.insert(lead.id);
            const auto [at, first] = leads_.try_emplace(lead.id, Lead{lead, fresh});
            effect::LeadRecord& stored = at->second.record;
            if (first || std::tie(lead.version, lead.revision) <= std::tie(stored.version, stored.revision))
                continue;
            stored = lead;
            replace(at->second.written);
        }
        std::set<RowKey> given_rows;
        for (const effect::Row& row : records.rows) {
            const RowKey key{row.set, row.id};
            given_rows.insert(key);
            const auto [at, first] = rows_.try_emplace(key, Row{row, fresh});
            effect::Row& stored = at->second.row;
            if (first || row.at < stored.at || (row.at == stored.at && row.doc == stored.doc)) continue;
            stored = row;
            replace(at->second.written);
        }
        const auto count = [&](const Written& written) {
            if (written.last_commit != records.commit) {
                result.unchanged += 1;
            } else if (written.first_commit == records.commit) {
                result.inserted += 1;
            } else {
                result.updated += 1;
            }
        };
        for (const std::string& id : given) count(leads_.at(id).written);
        for (const RowKey& key : given_rows) count(rows_.at(key).written);
        for (const effect::OutboxEntry& entry : records.outbox) {
            const auto lead = entry.lead ? leads_.find(*entry.lead) : leads_.end();
            if (entry.lead && (lead == leads_.end() || lead->second.written.last_commit != records.commit))
                continue;
            Entry fresh_entry;
            fresh_entry.entry = entry;
            outbox_.try_emplace(entry.id, std::move(fresh_entry));
        }
        for (const effect::Mark& mark : records.marks) {
            const auto [at, first] = marks_.try_emplace(mark.key, mark.expires_at);
            if (!first && at->second <= records.now) at->second = mark.expires_at;
        }
        audit_.insert(audit_.end(), records.audit.begin(), records.audit.end());
        for (const effect::RawBody& raw : records.raw) raw_.try_emplace(raw.id, raw);
    }

    void find(const effect::LeadQuery& query, const effect::StoreScan& scan,
              effect::StoreResult& result) const {
        const Millis since = query.since.value_or(std::numeric_limits<Millis>::min());
        LeadToken below{query.until.value_or(std::numeric_limits<Millis>::max()), ""};
        if (!scan.page.empty()) below = read_lead_token(scan.page);
        std::vector<const Lead*> found;
        for (const auto& [id, lead] : leads_) {
            const effect::LeadRecord& record = lead.record;
            if (query.source && record.source != *query.source) continue;
            if (query.person_key && record.person_key != query.person_key) continue;
            if (query.revision && record.revision != *query.revision) continue;
            if (record.sort_at < since || std::tie(record.sort_at, id) >= std::tie(below.sort_at, below.id))
                continue;
            found.push_back(&lead);
        }
        std::sort(found.begin(), found.end(), [](const Lead* a, const Lead* b) {
            return std::tie(a->record.sort_at, a->record.id) > std::tie(b->record.sort_at, b->record.id);
        });
        Page<effect::StoredLead> page(scan.limit);
        for (const Lead* lead : found) {
            const auto& [record, written] = *lead;
            effect::StoredLead item{record.id,           record.source,      record.version, record.revision,
                                    written.received_at, written.updated_at, record.doc};
            if (!page.add(std::move(item), lead_token(record.sort_at, record.id))) break;
        }
        page.finish(result);
    }

    void find(const effect::CountQuery&, const effect::StoreScan& scan, effect::StoreResult& result) const {
        std::map<std::string, effect::SourceCount> counts;
        for (const auto& [id, lead] : leads_) {
            const effect::LeadRecord& record = lead.record;
            const auto [at, first] = counts.try_emplace(record.source);
            effect::SourceCount& count = at->second;
            count.source = record.source;
            count.leads += 1;
            count.unread += record.revision == 0 ? 1 : 0;
            count.newest = first ? record.sort_at : std::max(count.newest, record.sort_at);
        }
        give(counts, scan, result);
    }

    void find(const effect::RowQuery& query, const effect::StoreScan& scan,
              effect::StoreResult& result) const {
        std::int64_t skip = scan.page.empty() ? query.offset : 0;
        Page<effect::StoredRow> page(scan.limit);
        for (auto at = rows_.upper_bound({query.set, scan.page}); at != rows_.end(); ++at) {
            const auto& [row, written] = at->second;
            if (row.set != query.set) break;
            if ((query.since && row.at < *query.since) || skip-- > 0) continue;
            if (!page.add({row.id, row.at, row.doc, written.updated_at}, row.id)) break;
        }
        page.finish(result);
    }

    void find(const effect::RowCountQuery&, const effect::StoreScan& scan,
              effect::StoreResult& result) const {
        std::map<std::string, effect::SetCount> counts;
        for (const auto& [key, stored] : rows_) {
            const auto [at, first] = counts.try_emplace(key.first);
            effect::SetCount& count = at->second;
            count.set = key.first;
            count.rows += 1;
            count.newest = first ? stored.row.at : std::max(count.newest, stored.row.at);
        }
        give(counts, scan, result);
    }

    void find(const effect::QueueQuery&, const effect::StoreScan& scan, effect::StoreResult& result) const {
        std::map<std::string, effect::QueueCount> queues;
        for (const auto& [id, stored] : outbox_) {
            const Millis due_at = stored.entry.due_at;
            effect::QueueCount& count = queues[stored.entry.queue];
            count.queue = stored.entry.queue;
            (stored.dead_at ? count.dead : count.waiting) += 1;
            if (!stored.dead_at) count.next_at = std::min(count.next_at.value_or(due_at), due_at);
        }
        give(queues, scan, result);
    }

    void find(const effect::DeadQuery& query, const effect::StoreScan& scan,
              effect::StoreResult& result) const {
        Page<effect::DeadLetter> page(scan.limit);
        for (const auto& [id, stored] : outbox_) {
            if (!stored.dead_at || id <= scan.page || (query.queue && stored.entry.queue != *query.queue))
                continue;
            if (!page.add({id, stored.entry.queue, stored.entry.payload, stored.attempts, stored.reason,
                           *stored.dead_at},
                          id))
                break;
        }
        page.finish(result);
    }

    // Counts are few: the page is cut from all of them.
    template <typename Item>
    static void give(const std::map<std::string, Item>& all, const effect::StoreScan& scan,
                     effect::StoreResult& result) {
        Page<Item> page(scan.limit);
        for (auto at = all.upper_bound(scan.page); at != all.end(); ++at) {
            if (!page.add(at->second, at->first)) break;
        }
        page.finish(result);
    }

    using RowKey = std::pair<std::string, std::string>;  // set, id
    std::map<std::string, std::pair<std::int64_t, std::string>> checkpoints_;
    std::map<std::string, Lead> leads_;
    std::map<RowKey, Row> rows_;
    std::map<std::string, Entry> outbox_;
    std::map<std::string, Millis> marks_;
    std::vector<effect::AuditEntry> audit_;
    std::map<std::string, effect::RawBody> raw_;
};

}  // namespace

std::unique_ptr<Store> open_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace leadbridge::native
