#pragma once
// Pulls one source by time windows with a cursor (docs/decisions/008). Every page commits its leads
// together with the cursor of the page after it; a window is closed only when its list has come to its end.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/pull/pull_task.h"
#include "jobs/pull/window_walk_state.h"
#include "jobs/retry.h"
#include "lead/lead.h"
#include "platforms/window_source.h"

namespace leadbridge::jobs {

struct WindowWalkSettings {
    std::string name;  // key in the configuration
    std::string platform;
    std::int64_t page_size = 100;
    std::int64_t overlap_s = 1800;  // read again at every window's beginning: what became visible late
    std::int64_t window_days = 7;   // longest window, where the list has an upper bound
    std::int64_t backfill_days = 30;
    base::Millis since = 0;        // > 0: where the first window begins, instead of backfill_days
    std::int64_t retries = 2;      // after the first try of one page
    std::int64_t max_wait_s = 10;  // a longer ban parks the source
    std::int64_t lead_days = 730;  // retention
};

class WindowWalkTask final : public PullTask {
  public:
    WindowWalkTask(WindowWalkSettings settings, std::shared_ptr<const platforms::WindowSource> source,
                   std::shared_ptr<const lead::Vault> vault);

  private:
    void on_loaded(Context& context, const effect::StoreResult& result) override;
    void on_http(Context& context, const effect::HttpResult& result) override;
    void on_waited(Context& context) override;
    void on_committed(Context& context, const effect::StoreResult& result) override;
    void on_failure(Context& context, const wire::CallFailure& failure);

    // The next page: of the window that is open, else of the next one up to now, else the run is done.
    void advance(Context& context);
    bool open_window(Context& context);
    void close_window();
    void fetch(Context& context);
    std::string records_of(Context& context, const platforms::WindowPage& page, std::string& digest);
    void move_cursor(const platforms::WindowPage& page, const std::string& digest);

    [[nodiscard]] effect::CheckpointMove checkpoint() const override;
    RunNotes& notes() override { return state_; }

    WindowWalkSettings settings_;
    std::shared_ptr<const platforms::WindowSource> source_;
    std::shared_ptr<const lead::Vault> vault_;

    WindowWalkState state_;
    Retry retry_;
    platforms::WindowRequest asked_;
    base::Millis target_ = 0;  // the run is done when everything before it is stored
    bool resumed_ = false;     // the open window's cursor is from an earlier run and not yet proven good
    bool loop_ = false;        // the list goes round in a circle: the run ends after the commit
};

}  // namespace leadbridge::jobs
