#pragma once
// The store contract (docs/store.md) as the native hosts see it. Calls are synchronous and never throw:
// trouble is outcome "error" with a reason an operator can act on. The host copies `id` from the effect into
// the result. One store serves one thread; several stores (threads, processes) may share one SQLite file.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::native {

// Rows removed because they had expired, at most kPurgeLimit of each kind a call.
struct Purged {
    std::int64_t leads = 0;
    std::int64_t outbox = 0;  // entries and dead letters of those leads
    std::int64_t rows = 0;
    std::int64_t marks = 0;
    std::int64_t raw = 0;
};

inline constexpr std::int64_t kPurgeLimit = 1000;
inline constexpr std::int64_t kPageLimit = 1000;  // a larger `limit` of scan or claim means this many

class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    virtual effect::StoreResult load(const effect::StoreLoad& load) = 0;
    virtual effect::StoreResult commit(const effect::StoreCommit& commit) = 0;
    virtual effect::StoreResult scan(const effect::StoreScan& scan) = 0;
    virtual effect::StoreResult claim(const effect::StoreClaim& claim) = 0;
    virtual effect::StoreResult settle(const effect::StoreSettle& settle) = 0;

    // Not part of the contract. An operation gives up at this time of the steady clock; 0 = its own limits only.
    virtual void end_by(base::Millis /*steady*/) {}
    // Not part of the contract: hosts call it after a run.
    virtual base::Result<Purged> purge(base::Millis now) = 0;
};

// Shared by the implementations. Empty = fine, else the reason.
std::string_view bad_scan(const effect::StoreScan& scan);
effect::StoreResult store_error(std::string_view reason);
effect::StoreResult store_conflict();
std::size_t page_limit(std::int64_t asked);

// Where a page of leads goes on: behind the lead with that sort_at and id.
struct LeadToken {
    base::Millis sort_at = 0;
    std::string id;
};
std::string lead_token(base::Millis sort_at, const std::string& id);
LeadToken read_lead_token(const std::string& page);  // of a page that `bad_scan` let pass

// Collects one item more than the limit: that one says that there is a next page.
template <typename Item>
class Page {
  public:
    explicit Page(std::int64_t limit) : limit_(page_limit(limit)) {}

    bool add(Item item, std::string token) {  // false: enough
        items_.push_back(std::move(item));
        if (items_.size() > limit_) return false;
        token_ = std::move(token);
        return true;
    }

    void finish(effect::StoreResult& result) {
        if (items_.size() > limit_) {
            items_.pop_back();
            result.next = std::move(token_);
        }
        result.items = std::move(items_);
    }

  private:
    std::size_t limit_;
    std::vector<Item> items_;
    std::string token_;  // of the last item that fits
};

}  // namespace leadbridge::native
