#pragma once
// Pulls one source: covered-interval walk over pages at an id (docs/decisions/002). Every page commits its leads
// together with the intervals it covers, so a stop anywhere leaves no hole that is not known.
#include <memory>
#include <string>

#include "jobs/pull/id_walk_state.h"
#include "jobs/pull/pull_task.h"
#include "platforms/pull_source.h"

namespace leadbridge::jobs {

enum class OffsetMode { automatic, descending, ascending };

struct IdWalkSettings : WalkSettings {
    std::int64_t reread_pages = 1;    // newest pages read on every run, for changed and late rows
    std::int64_t overlap = 20;        // newest rows (of one page) that are not taken for settled
    std::int64_t backfill_days = 0;   // 0 = everything
    std::int64_t backfill_leads = 0;  // 0 = everything
    OffsetMode offset_mode = OffsetMode::automatic;
};

class IdWalkTask final : public Walk<IdWalkState> {
  public:
    IdWalkTask(IdWalkSettings settings, std::shared_ptr<const platforms::IdPagedSource> source,
               std::shared_ptr<const lead::Vault> vault);

  private:
    // Why the present page was asked for; decides what its rows say about the ids around them.
    enum class Ask { newest, below, below_minus_one, probe_order, above, above_plus_one };

    struct Next {
        Ask ask = Ask::newest;
        std::optional<std::int64_t> offset;
    };

    void start(Context& context) override;
    void on_http(Context& context, const effect::HttpResult& result) override;
    void fetch_again(Context& context) override { fetch(context, asked_); }
    void on_giving_up() override { state_.page_size = page_size_before_; }  // smaller pages did not help
    void go_on(Context& context) override;

    void fetch(Context& context, Next next);
    std::vector<effect::LeadRecord> leads_of(Context& context, const platforms::Page& page);
    bool note_put_off(platforms::Opening& opening, base::Millis sort_at);
    void remember_recent(const platforms::Row& row, bool readable);

    // What the page says about the list; each sets next_, done_ or refusal_.
    void cover(const platforms::Page& page);
    void cover_newest(const std::vector<std::int64_t>& came, const std::vector<std::int64_t>& ids);
    void cover_below(const platforms::Page& page, const std::vector<std::int64_t>& came,
                     const std::vector<std::int64_t>& ids);
    void cover_probe(const std::vector<std::int64_t>& ids);
    void cover_above(const std::vector<std::int64_t>& ids, std::int64_t offset);
    void continue_down();
    void bound_backfill(const platforms::Page& page, std::int64_t lowest);
    [[nodiscard]] Interval interval_of(const std::vector<std::int64_t>& ids, std::int64_t lo) const;
    Interval interval_upwards(const std::vector<std::int64_t>& ids, std::int64_t lo);
    [[nodiscard]] bool order_has_changed(const std::vector<std::int64_t>& ids) const;

    [[nodiscard]] std::int64_t page_size() const;

    IdWalkSettings settings_;
    std::shared_ptr<const platforms::IdPagedSource> source_;

    Next asked_;         // the page on its way
    Next next_;          // the page after it
    bool done_ = false;  // the walk has met what was covered, down to the beginning
    bool full_page_ = false;
    bool more_beyond_ = false;  // upwards: rows are known to follow the page asked for
    std::string refusal_;       // the list contradicts itself: the run ends with this after the commit
    std::optional<Interval> unproven_;             // the newest page, until a probe has told the list's order
    std::int64_t newest_pages_ = 0;                // of the re-read, in this run
    std::int64_t lowest_ = 0;                      // smallest id of the page before
    std::map<std::int64_t, std::int64_t> recent_;  // becomes state_.recent

    std::int64_t page_size_before_ = 0, stored_before_ = 0;  // as the checkpoint had them
};

}  // namespace leadbridge::jobs
