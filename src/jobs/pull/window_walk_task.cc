#include "jobs/pull/window_walk_task.h"

#include <algorithm>

#include "base/text.h"
#include "jobs/records.h"
#include "platforms/page_bounds.h"

namespace leadbridge::jobs {
namespace {

using platforms::WindowPage;

std::string digest_of(const std::string& text) { return base::hex_lower(crypto::sha256(text)).substr(0, 32); }

base::Millis whole_seconds(base::Millis at) { return at / base::kSecond * base::kSecond; }

}  // namespace

WindowWalkTask::WindowWalkTask(WindowWalkSettings settings,
                               std::shared_ptr<const platforms::WindowSource> source,
                               std::shared_ptr<const lead::Vault> vault)
    : Walk(settings, std::move(vault)), settings_(std::move(settings)), source_(std::move(source)) {}

void WindowWalkTask::start(Context& context) {
    if (state_.open && state_.open->pages == 0) state_.open.reset();  // not begun: "now" has moved on
    resumed_ = state_.open.has_value();
    if (settings_.since > 0 && state_.from > settings_.since) {
        // An earlier beginning was configured since: everything from there on is read once more.
        state_.from = state_.closed_until = whole_seconds(settings_.since);
        state_.open.reset();
    }
    advance(context);
}

// ---- windows ----------------------------------------------------------------------------------------------

void WindowWalkTask::advance(Context& context) {
    if (state_.open || open_window(context)) return fetch(context);
    close(context, "ok", "", "");
}

bool WindowWalkTask::open_window(Context& context) {
    const base::Millis now = whole_seconds(retry_.platform_now(context));
    if (target_ == 0) target_ = now;
    if (state_.from == 0) {
        const base::Millis begin =
            settings_.since > 0 ? settings_.since : now - settings_.backfill_days * base::kDay;
        if (begin >= now) {
            if (settings_.since > 0)
                state_.warning = "`since` lies in the future: nothing is read until then";
            return false;
        }
        state_.from = state_.closed_until = std::max<base::Millis>(1000, whole_seconds(begin));
    } else if (state_.closed_until >= target_ && report_.pages > 0) {
        return false;
    }
    // A clock that has been set back must not leave anything out.
    const base::Millis closed = std::min(state_.closed_until, now);
    OpenWindow window;
    window.since = std::max(state_.from, closed - settings_.overlap_s * base::kSecond);
    window.before = now;
    if (source_->has_upper_bound())
        window.before = std::min(now, closed + settings_.window_days * base::kDay);
    if (window.since >= window.before) return false;
    state_.open = std::move(window);
    return true;
}

void WindowWalkTask::close_window() {
    state_.closed_until = std::max(state_.from, state_.open->before);
    state_.open.reset();
}

// ---- pages ------------------------------------------------------------------------------------------------

void WindowWalkTask::fetch(Context& context) {
    if (!may_call(context)) return;
    const OpenWindow& window = *state_.open;
    asked_ = {window.since, window.before, window.cursor, settings_.page_size, retry_.platform_now(context)};
    call(context, source_->request(asked_));
}

void WindowWalkTask::on_http(Context& context, const effect::HttpResult& result) {
    auto answer = source_->read(asked_, result);
    if (const auto* failure = std::get_if<wire::CallFailure>(&answer)) {
        if (!resumed_ || failure->code != "refused") return on_failure(context, *failure);
        // Perhaps it no longer knows the cursor: the window is read again from its beginning.
        resumed_ = false;
        state_.open.reset();
        context.log("warn", "cursor_refused", settings_.name + ": " + failure->reason);
        return advance(context);
    }
    const WindowPage& page = std::get<WindowPage>(answer);
    if (result.body.size() > platforms::kMostRowBytes) {
        for (const auto& row : page.rows) {
            if (platforms::text_size(row) > platforms::kMostRowBytes)
                return on_failure(context, platforms::row_too_large());
        }
    }
    retry_.succeeded();
    resumed_ = false;
    ++report_.pages;
    if (page.rows.empty()) {
        // Nothing to store: the closed window is saved with what comes next.
        close_window();
        return advance(context);
    }
    PageDigests digests;
    std::vector<effect::LeadRecord> leads = leads_of(context, page, digests);
    move_cursor(page, digests);
    store_page(context, std::move(leads));
}

std::vector<effect::LeadRecord> WindowWalkTask::leads_of(Context& context, const WindowPage& page,
                                                         PageDigests& digests) {
    std::vector<effect::LeadRecord> leads;
    leads.reserve(page.rows.size());
    std::vector<std::pair<std::string, std::int64_t>> rows;
    for (const auto& row : page.rows) {
        const auto lead = source_->to_lead(row, context.now(), state_.drift);
        if (!lead::readable(lead)) ++report_.unread;
        rows.emplace_back(lead.source.lead_id, lead.source.version);
        leads.push_back(lead_record(lead, record_rules(), context.now(), *vault_));
    }
    std::sort(rows.begin(), rows.end());
    std::string ids, versions;
    for (const auto& [id, version] : rows) {
        ids += id + "\n";
        versions += id + " " + std::to_string(version) + "\n";
    }
    digests = {digest_of(ids), digest_of(versions)};
    return leads;
}

void WindowWalkTask::move_cursor(const WindowPage& page, const PageDigests& digests) {
    OpenWindow& window = *state_.open;
    // An unchanged cursor is an end, unless the very page came again that led to it.
    const bool unchanged = page.next == window.cursor;
    if (page.next.empty() || (unchanged && digests.ids != window.rows)) return close_window();
    if (unchanged || window.trail.seen_before(page.next, digests.versions)) {
        // Where the list really ends cannot be told: the window stays unread.
        state_.open.reset();
        loop_ = true;
        return;
    }
    window.cursor = page.next;
    window.rows = digests.ids;
    ++window.pages;
}

void WindowWalkTask::on_clock_corrected(Context& context) {
    // A window that was just opened ends at the wrong "now".
    if (state_.open->pages == 0) {
        if (state_.closed_until == state_.from) state_.from = state_.closed_until = 0;
        state_.open.reset();
        target_ = 0;
    }
    advance(context);
}

void WindowWalkTask::go_on(Context& context) {
    if (loop_) {
        return close(context, "failed", "cursor_loop",
                     "the platform's list from " + base::china_text(asked_.since) + " to " +
                         base::china_text(asked_.before) +
                         " (+08:00) comes round to pages that were read before and never ends; what came is "
                         "stored, the next run begins this time span again. Report it to the platform");
    }
    advance(context);
}

}  // namespace leadbridge::jobs
