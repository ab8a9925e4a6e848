#pragma once
// The store contract (docs/store.md) as the native hosts see it. Calls are synchronous and never throw:
// trouble is outcome "error" with a reason an operator can act on. The host copies `id` from the effect into
// the result. One store serves one thread; several stores (threads, processes) may share one SQLite file.
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
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

// Shared by the implementations: empty = fine, else the reason.
std::string_view bad_scan(const effect::StoreScan& scan);
std::string_view bad_query(const effect::StoreScan& scan, const nlohmann::json& query);
std::string_view bad_settle(const effect::StoreSettle& settle);
effect::StoreResult store_error(std::string_view reason);

// Collects one item more than the limit: that one says that there is a next page.
class Page {
  public:
    explicit Page(std::int64_t limit);
    bool add(std::string item, std::string token);  // false: enough
    void finish(effect::StoreResult& result);

  private:
    std::size_t limit_;
    std::vector<std::string> items_, tokens_;
};

}  // namespace leadbridge::native
