#pragma once
// Pulls one source by time windows with a cursor (docs/decisions/008). Every page commits its leads
// together with the cursor of the page after it; a window is closed only when its list has come to its end.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/pull/pull_task.h"
#include "platforms/window_source.h"

namespace leadbridge::jobs {

struct WindowWalkSettings : WalkSettings {
    std::int64_t overlap_s = 1800;  // read again at every window's beginning: what became visible late
    std::int64_t window_days = 7;   // longest window, where the list has an upper bound
    std::int64_t backfill_days = 30;
    base::Millis since = 0;  // > 0: where the first window begins, instead of backfill_days
};

class WindowWalkTask final : public Walk<WindowWalkState> {
  public:
    WindowWalkTask(WindowWalkSettings settings, std::shared_ptr<const platforms::WindowSource> source,
                   std::shared_ptr<const lead::Vault> vault);

  private:
    void start(Context& context) override;
    void on_http(Context& context, const effect::HttpResult& result) override;
    void fetch_again(Context& context) override { fetch(context); }
    void on_clock_corrected(Context& context) override;
    void go_on(Context& context) override;

    // The next page: of the window that is open, else of the next one up to now, else the run is done.
    void advance(Context& context);
    // Of a page's rows. A row that is changed while pages are read moves to a later one: its id comes twice, and that is no loop.
    struct PageDigests {
        std::string ids, versions;
    };

    bool open_window(Context& context);
    void close_window();
    void fetch(Context& context);
    std::vector<effect::LeadRecord> leads_of(Context& context, const platforms::WindowPage& page,
                                             PageDigests& digests);
    void move_cursor(const platforms::WindowPage& page, const PageDigests& digests);

    WindowWalkSettings settings_;
    std::shared_ptr<const platforms::WindowSource> source_;

    platforms::WindowRequest asked_;
    base::Millis target_ = 0;  // the run is done when everything before it is stored
    bool resumed_ = false;     // the open window's cursor is from an earlier run and not yet proven good
    bool loop_ = false;        // the list goes round in a circle: the run ends after the commit
};

}  // namespace leadbridge::jobs
