#pragma once
// What is stored, what is covered, what went wrong last, and what to do about it.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/pull/checkpoint.h"
#include "jobs/task.h"
#include "lead/lead.h"

namespace leadbridge::jobs {

inline constexpr std::int64_t kMostLeads = 1000;  // of one page

// For an HTTP caller who waits. Summaries are logged: what is answered, which may hold plain phones, is not in them.
struct HttpAnswer {
    effect::Headers headers;  // beside the content type
    std::string query;        // what page tokens are good for
    std::string reveals;      // subject of the audit entry before plain phones leave; empty = they are masked
};

class StatusJob final : public Job {
  public:
    struct Source {
        std::string name;
        std::string platform;
        bool pushed = false;  // it calls us; there is no list to be complete about
    };
    // `leads` > 0: that many of the newest leads, masked, come with it.
    StatusJob(std::string tenant, std::vector<Source> sources, std::shared_ptr<const lead::Vault> vault,
              std::int64_t leads, std::optional<HttpAnswer> answer = {})
        : tenant_(std::move(tenant)),
          sources_(std::move(sources)),
          vault_(std::move(vault)),
          leads_(leads),
          answer_(std::move(answer)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void ask(Context& context, effect::Query query, std::int64_t limit);
    void take(Context& context, const effect::StoreResult& result, const std::string& set);
    void compose(Context& context);
    void finish(Context& context);
    codec::Json source_summary(Context& context, const Source& source) const;

    std::string tenant_;
    std::vector<Source> sources_;
    std::shared_ptr<const lead::Vault> vault_;
    std::int64_t leads_;
    std::optional<HttpAnswer> answer_;
    std::map<effect::Id, std::string> asked_;  // outstanding; of a scan of rows the set
    std::vector<effect::Record> checkpoints_;
    std::map<std::string, effect::SourceCount> counts_;
    std::vector<effect::SetCount> sets_;
    std::vector<effect::QueueCount> queues_;
    std::map<std::string, std::vector<std::string>> drift_;  // by set: names of unknown fields
    std::vector<effect::StoredLead> newest_;
    bool finished_ = false;
    codec::Json summary_;
    int exit_ = 0;
};

// Stored leads, newest first, one page. For an HTTP caller a page is read in parts and ends early before it
// is too large for a host.
class LeadsJob final : public Job {
  public:
    struct Query {
        std::int64_t limit = 50;
        std::string page, source, person_key;
        std::optional<std::int64_t> since, until;
        bool reveal = false;
    };
    LeadsJob(Query query, std::shared_ptr<const lead::Vault> vault, std::optional<HttpAnswer> answer = {})
        : query_(std::move(query)), vault_(std::move(vault)), answer_(std::move(answer)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void scan(Context& context);
    void take(Context& context, const effect::StoreResult& result);
    void finish(Context& context);

    Query query_;
    std::shared_ptr<const lead::Vault> vault_;
    std::optional<HttpAnswer> answer_;
    std::string text_;  // of the leads so far, when an HTTP caller waits
    std::int64_t count_ = 0;
    bool auditing_ = false;
    bool finished_ = false;
    codec::Json summary_;
    int exit_ = 0;
};

}  // namespace leadbridge::jobs
