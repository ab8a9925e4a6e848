#include "jobs/pull/id_walk_task.h"

#include <algorithm>

#include "base/text.h"
#include "jobs/records.h"
#include "platforms/page_bounds.h"

namespace leadbridge::jobs {
namespace {

using platforms::Page;
using platforms::Row;
using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kLeastPageSize = 10;

Ids ids_as_they_came(const Page& page) {
    Ids ids;
    for (const auto& row : page.rows) {
        if (row.id) ids.push_back(*row.id);
    }
    return ids;
}

// A page may hold a row twice; two different ids show a direction.
bool ascending(const Ids& ids) {
    return ids.size() >= 2 && std::is_sorted(ids.begin(), ids.end()) && ids.front() != ids.back();
}

bool descending(const Ids& ids) {
    return ids.size() >= 2 && std::is_sorted(ids.rbegin(), ids.rend()) && ids.front() != ids.back();
}

std::string list_contradicts(const std::string& what) {
    return "the platform's list contradicts itself: " + what +
           "; the leads that came are stored, older ones cannot be reached until this is resolved. Set "
           "`offset_mode` if "
           "the list has a known order, otherwise report it to the platform";
}

}  // namespace

IdWalkTask::IdWalkTask(IdWalkSettings settings, std::shared_ptr<const platforms::IdPagedSource> source,
                       std::shared_ptr<const lead::Vault> vault)
    : Walk(settings, std::move(vault)), settings_(std::move(settings)), source_(std::move(source)) {}

void IdWalkTask::start(Context& context) {
    page_size_before_ = state_.page_size;
    stored_before_ = state_.stored;
    if (settings_.backfill_days > 0 && state_.backfill_since == 0) {
        state_.backfill_since =
            std::max<base::Millis>(1, context.now() - settings_.backfill_days * base::kDay);
    }
    fetch(context, {Ask::newest, std::nullopt});
}

std::int64_t IdWalkTask::page_size() const {
    return state_.page_size > 0 ? std::min(state_.page_size, settings_.page_size) : settings_.page_size;
}

void IdWalkTask::fetch(Context& context, Next next) {
    if (!may_call(context)) return;
    asked_ = next;
    call(context, source_->request({next.offset, page_size(), retry_.platform_now(context)}));
}

void IdWalkTask::on_http(Context& context, const effect::HttpResult& result) {
    auto answer = source_->read(result);
    if (const auto* failure = std::get_if<wire::CallFailure>(&answer)) {
        if (!failure->invalid_parameter || page_size() <= kLeastPageSize)
            return on_failure(context, *failure);
        // The page names no maximum: perhaps this page size is over it.
        state_.page_size = std::max(kLeastPageSize, page_size() / 2);
        return fetch(context, asked_);
    }
    const Page& page = std::get<Page>(answer);
    if (result.body.size() > platforms::kMostRowBytes) {
        for (const auto& row : page.rows) {
            if (platforms::text_size(row.fields) > platforms::kMostRowBytes)
                return on_failure(context, platforms::row_too_large());
        }
    }
    retry_.succeeded();
    ++report_.pages;
    std::vector<effect::LeadRecord> leads = leads_of(context, page);
    cover(page);
    state_.recent = recent_;
    store_page(context, std::move(leads));
}

// ---- rows to records --------------------------------------------------------------------------------------

void IdWalkTask::remember_recent(const Row& row, bool readable) {
    if (row.id && readable) recent_[*row.id] = row.version;
}

std::vector<effect::LeadRecord> IdWalkTask::leads_of(Context& context, const Page& page) {
    if (asked_.ask == Ask::newest) recent_.clear();
    const bool recent_page = newest_pages_ < settings_.reread_pages || asked_.ask == Ask::newest;

    // A page may hold an id twice: its newest form counts.
    std::map<std::int64_t, const Row*> newest;
    std::vector<const Row*> rows;
    for (const auto& row : page.rows) {
        if (!row.id) {
            rows.push_back(&row);
            continue;
        }
        const auto [place, first] = newest.emplace(*row.id, &row);
        if (!first && row.version > place->second->version) place->second = &row;
    }
    for (const auto& [id, row] : newest) rows.push_back(row);

    std::vector<effect::LeadRecord> leads;
    leads.reserve(rows.size());
    std::map<std::string, std::int64_t> drift_of_old_rows;
    platforms::Opening opening{context.random(), context.budget().decryptions};
    for (const Row* row : rows) {
        if (row->id) {
            const auto known = state_.recent.find(*row->id);
            if (known != state_.recent.end() && known->second == row->version) {
                ++report_.unchanged;
                if (recent_page) remember_recent(*row, true);
                continue;
            }
        }
        const bool old = row->id && state_.covered.contains(*row->id);
        const auto lead =
            source_->to_lead(*row, context.now(), opening, old ? drift_of_old_rows : state_.drift);
        const bool readable = lead::readable(lead);
        const bool put_off = note_put_off(opening, sort_time(lead, context.now()));
        if (!readable && !put_off) ++report_.unread;
        // One that was put off is not read here again: that is the sweep's.
        if (recent_page) remember_recent(*row, readable || put_off);

        leads.push_back(lead_record(lead, record_rules(), context.now(), *vault_));
    }
    context.budget().decryptions = opening.left;
    return leads;
}

// True when a phone of the lead just read was left closed.
bool IdWalkTask::note_put_off(platforms::Opening& opening, base::Millis sort_at) {
    const std::int64_t closed = std::exchange(opening.put_off, 0);
    if (closed == 0) return false;
    PutOff& put_off = state_.put_off;
    put_off.since = put_off.waiting() ? std::min(put_off.since, sort_at) : sort_at;
    put_off.count += closed;
    report_.put_off += closed;
    return true;
}

// ---- what a page says about the list ----------------------------------------------------------------------

void IdWalkTask::cover(const Page& page) {
    const Ids came = ids_as_they_came(page);
    Ids ids = came;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    full_page_ = static_cast<std::int64_t>(page.rows.size()) >= page_size();
    if (ids.empty() && !page.rows.empty()) {
        // Not the end of the list: nothing may be claimed from it.
        refusal_ = list_contradicts("a page of " + std::to_string(page.rows.size()) +
                                    " rows, none with a usable id");
        return;
    }
    switch (asked_.ask) {
        case Ask::newest:
            return cover_newest(came, ids);
        case Ask::below:
        case Ask::below_minus_one:
            return cover_below(page, came, ids);
        case Ask::probe_order:
            return cover_probe(ids);
        case Ask::above:
        case Ask::above_plus_one:
            return cover_above(ids, asked_.offset.value_or(0));
    }
}

// From `lo` to the largest id; the newest `overlap` rows are not settled yet.
Interval IdWalkTask::interval_of(const Ids& ids, std::int64_t lo) const {
    const auto overlap = static_cast<std::size_t>(settings_.overlap);
    const std::int64_t settled = ids.size() > overlap ? ids[ids.size() - 1 - overlap] : lo;
    return {lo, std::max(lo, settled), ids.back()};
}

// The same on the way up. With more rows behind this page at least half of it is settled, or pages smaller
// than the overlap would never get on.
Interval IdWalkTask::interval_upwards(const Ids& ids, std::int64_t lo) {
    const bool cut =
        std::exchange(more_beyond_, false) && ids.back() <= state_.covered.newest_first().front().hi;
    const bool more = full_page_ || cut;  // cut: not full, and yet it ends where it ended before
    auto overlap = static_cast<std::size_t>(settings_.overlap);
    if (more) overlap = std::min(overlap, (ids.size() - 1) / 2);
    const std::int64_t settled = ids.size() > overlap ? ids[ids.size() - 1 - overlap] : lo;
    return {lo, std::max(lo, settled), ids.back()};
}

// What a page without offset says against the order known so far: a list that ascends begins with its
// smallest id, one that descends with its newest.
bool IdWalkTask::order_has_changed(const Ids& ids) const {
    if (state_.covered.empty()) return false;
    const Interval& top = state_.covered.newest_first().front();
    if (state_.order == ListOrder::descending) return ids.back() < top.hi;
    return state_.order == ListOrder::ascending && ids.front() > (top.settled > 0 ? top.settled : top.hi);
}

void IdWalkTask::cover_newest(const Ids& came, const Ids& ids) {
    ++newest_pages_;
    if (ids.empty()) {
        done_ = true;
        return;
    }
    if (settings_.offset_mode == OffsetMode::descending) state_.order = ListOrder::descending;
    if (settings_.offset_mode == OffsetMode::ascending) state_.order = ListOrder::ascending;
    if (settings_.offset_mode == OffsetMode::automatic) {
        if (descending(came)) {
            state_.order = ListOrder::descending;
        } else if (ascending(came) && (state_.order == ListOrder::unknown || order_has_changed(ids))) {
            unproven_ = interval_of(ids, ids.front());
            next_ = {Ask::probe_order, ids.back()};
            return;
        } else if (order_has_changed(ids)) {
            state_.order = ListOrder::unknown;
        }
    }
    if (state_.order == ListOrder::ascending) {
        // Without an offset such a list begins with its smallest id. Upwards there is one interval, from 0.
        if (!state_.covered.complete()) state_.covered = {};
        state_.covered.add(interval_upwards(ids, 0));
        next_ = {Ask::above, state_.covered.newest_first().front().settled};
        return;
    }
    state_.covered.add(interval_of(ids, ids.front()));
    lowest_ = ids.front();
    continue_down();
}

void IdWalkTask::continue_down() {
    const Interval& top = state_.covered.newest_first().front();
    if (newest_pages_ < settings_.reread_pages && lowest_ > 0) {
        next_ = {Ask::below, lowest_};
    } else if (top.lo > 0) {
        next_ = {Ask::below, top.lo};
    } else {
        done_ = true;
    }
}

void IdWalkTask::cover_below(const Page& page, const Ids& came, const Ids& ids) {
    const std::int64_t offset = asked_.offset.value_or(0);
    const std::int64_t known = asked_.ask == Ask::below ? offset : offset + 1;  // smallest id seen so far
    if (!ids.empty() && ids.back() > offset) {
        const bool only_lead = ids.size() == 1 && !full_page_;
        if (settings_.offset_mode == OffsetMode::automatic && state_.order == ListOrder::unknown &&
            (ascending(came) || only_lead)) {
            // The newest page was too short to show that the list ascends.
            state_.order = ListOrder::ascending;
            state_.covered = {};
            next_ = {Ask::newest, std::nullopt};
            return;
        }
        refusal_ = list_contradicts("asked for ids up to " + std::to_string(offset) +
                                    ", it answered with id " + std::to_string(ids.back()));
        return;
    }
    const bool progress = !ids.empty() && ids.front() < known;
    if (newest_pages_ < settings_.reread_pages) ++newest_pages_;
    if (progress) {
        state_.covered.add({ids.front(), known, known});
        lowest_ = ids.front();
        bound_backfill(page, lowest_);
        return continue_down();
    }
    const bool reading_again = state_.covered.complete();
    if (asked_.ask == Ask::below && known > 1 && !reading_again) {
        // An inclusive offset shows only the known id: one step below it decides.
        next_ = {Ask::below_minus_one, known - 1};
        return;
    }
    state_.covered.add({0, known, known});
    lowest_ = 0;
    continue_down();
}

void IdWalkTask::bound_backfill(const Page& page, std::int64_t lowest) {
    // Something older lies below already: this was a gap, and the bound stays where the first backfill set it.
    if (state_.covered.newest_first().size() > 1 || state_.covered.complete()) return;
    base::Millis oldest = 0;
    for (const auto& row : page.rows) {
        if (row.created > 0 && (oldest == 0 || row.created < oldest)) oldest = row.created;
    }
    const bool by_time = state_.backfill_since > 0 && oldest > 0 && oldest < state_.backfill_since;
    const bool by_number =
        settings_.backfill_leads > 0 &&
        state_.stored + static_cast<std::int64_t>(page.rows.size()) >= settings_.backfill_leads;
    if (!by_time && !by_number) return;
    state_.backfill_floor = lowest;
    state_.covered.add({0, lowest, lowest});
}

void IdWalkTask::cover_probe(const Ids& ids) {
    const Interval first = *unproven_;
    unproven_.reset();
    const bool higher = !ids.empty() && ids.back() > first.hi;
    const bool lower = !ids.empty() && ids.front() < first.hi;
    if (higher && lower) {
        refusal_ = list_contradicts("an offset gives ids on both sides of it");
    } else if (lower) {
        state_.order = ListOrder::descending;  // windows go down, rows inside a window go up
        state_.covered.add(first);
        lowest_ = first.lo;
        continue_down();
    } else {
        state_.order = ListOrder::ascending;
        if (!state_.covered.complete()) state_.covered = {};
        state_.covered.add({0, first.settled, first.hi});
        const std::int64_t settled = state_.covered.newest_first().front().settled;
        if (settled > first.hi) {
            next_ = {Ask::above, settled};  // the list descended before, down to its beginning
        } else {
            cover_above(ids, first.hi);
        }
    }
}

void IdWalkTask::cover_above(const Ids& ids, std::int64_t offset) {
    if (!ids.empty() && ids.front() < offset) {
        state_.order = ListOrder::unknown;
        refusal_ = list_contradicts("asked for ids from " + std::to_string(offset) +
                                    " up, it answered with id " + std::to_string(ids.front()));
        return;
    }
    const Interval top = state_.covered.newest_first().front();
    const bool one_step = asked_.ask == Ask::above_plus_one;
    const bool progress = !ids.empty() && ids.back() > (one_step ? offset - 1 : offset);
    if (progress && offset != top.settled && !one_step) {
        // Asked behind the newest row, and there is more: the rows not settled are read again first, since
        // one may have become visible among them meanwhile.
        more_beyond_ = true;
        next_ = {Ask::above, top.settled};
        return;
    }
    if (progress) {
        state_.covered.add(interval_upwards(ids, top.settled));
        const std::int64_t settled = state_.covered.newest_first().front().settled;
        next_ = {Ask::above, settled > top.settled ? settled : ids.back()};
        return;
    }
    if (!one_step && page_size() < 2 && offset < INT64_MAX) {
        next_ = {Ask::above_plus_one, offset + 1};
        return;
    }
    done_ = true;
}

// ---- after the commit -------------------------------------------------------------------------------------

void IdWalkTask::go_on(Context& context) {
    state_.stored = stored_before_ + report_.inserted;
    if (!refusal_.empty()) return close(context, "failed", "list_contradiction", refusal_);
    if (done_) return close(context, "ok", "", "");
    fetch(context, next_);
}

}  // namespace leadbridge::jobs
