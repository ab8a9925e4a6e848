#include "jobs/backflow/load_rows_job.h"

#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::size_t kCommitRows = 200;

}  // namespace

void LoadRowsJob::begin(Context& context) {
    if (auto opened = intake_.open(std::move(body_), load_.format); !opened)
        return finish(context, 1, 400, opened.error());
    commit_some(context);
}

void LoadRowsJob::commit_some(Context& context) {
    const std::string set = platforms::row_set(load_.data_type);
    effect::Records records = new_records(context);
    while (records.rows.size() < kCommitRows) {
        const auto row = intake_.next();
        if (!row) break;
        auto checked = load_.check(row->fields);
        if (const auto* problems = std::get_if<std::vector<platforms::RowProblem>>(&checked)) {
            intake_.refuse(*row, *problems);
            continue;
        }
        auto& good = std::get<platforms::StoredRow>(checked);
        intake_.unknown(good.unknown_columns);
        records.rows.push_back({set, std::move(good.id), good.at, std::move(good.doc), std::nullopt});
    }
    if (records.rows.empty())
        return finish(context, intake_.refused() > 0 ? 2 : 0, intake_.refused() > 0 ? 422 : 200);
    context.emit(effect::StoreCommit{{}, std::move(records)});
}

void LoadRowsJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (!result->ok()) {
        return finish(
            context, 2, 503,
            base::fail("store_failed", "the store cannot be written: " + result->reason +
                                           "; load the file again, rows that are stored stay as they "
                                           "are"));
    }
    inserted_ += result->inserted;
    updated_ += result->updated;
    unchanged_ += result->unchanged;
    // Requests are not what a load spends.
    const bool time_is_up = context.budget().cpu_warned || context.now() >= context.budget().deadline;
    if (time_is_up && !intake_.at_end()) {
        return finish(context, 3, 503,
                      base::fail("budget", std::to_string(inserted_ + updated_ + unchanged_) +
                                               " rows are stored, then the time of this run was up: raise "
                                               "`budget.seconds` or split the file, and load it again"));
    }
    commit_some(context);
}

void LoadRowsJob::finish(Context& context, int exit, int status, base::Error error) {
    finished_ = true;
    exit_ = exit;
    error_ = std::move(error);
    if (load_.respond) respond_json(context, status, summary());
}

Json LoadRowsJob::summary() const {
    Json out = codec::object({{"job", "backflow"},
                              {"name", load_.name},
                              {"action", "load"},
                              {"data_type", load_.data_type},
                              {"inserted", inserted_},
                              {"updated", updated_},
                              {"unchanged", unchanged_},
                              {"refused", intake_.refused()}});
    intake_.describe(out);
    if (!error_.code.empty()) out["error"] = error_json(error_);
    return out;
}

}  // namespace leadbridge::jobs
