#include "jobs/backflow/row_intake.h"

#include <utility>

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::size_t kMostProblems = 50;
constexpr std::size_t kMostUnknown = 300;

}  // namespace

base::Status RowIntake::open(std::string body, std::string_view format) {
    const auto known = codec::table_format(format);
    if (!known) return base::fail("table_format", "the format must be auto, csv or ndjson");
    auto reader = codec::TableReader::open(std::move(body), *known);
    if (!reader) return reader.error();
    reader_ = std::move(reader).value();
    return base::Ok{};
}

bool RowIntake::at_end() {
    if (!ahead_) ahead_ = next();
    return !ahead_;
}

std::optional<codec::TableRow> RowIntake::next() {
    if (ahead_) return std::exchange(ahead_, std::nullopt);
    while (reader_) {
        auto row = reader_->next();
        if (!row) {
            reader_.reset();  // its text is not needed any more
            break;
        }
        ++rows_;
        if (row->problem.empty()) return row;
        refuse(*row, {{"", row->problem}});
    }
    return std::nullopt;
}

void RowIntake::refuse(const codec::TableRow& row, const std::vector<platforms::RowProblem>& problems) {
    ++refused_;
    for (const auto& p : problems)
        add_problem(codec::object({{"line", row.line}, {"column", p.column}, {"problem", p.problem}}));
}

void RowIntake::problem_of(const std::string& key, const std::string& problem) {
    add_problem(codec::object({{"key", key}, {"problem", problem}}));
}

void RowIntake::add_problem(Json problem) {
    if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
}

void RowIntake::unknown(const std::vector<std::string>& columns) {
    for (const auto& name : columns) {
        if (unknown_.size() < kMostUnknown || unknown_.count(name) != 0) ++unknown_[name];
    }
}

void RowIntake::describe(Json& summary) const {
    summary["rows"] = rows_;
    summary["problems"] = problems_;
    Json unknown = Json::object();
    for (const auto& [name, count] : unknown_) unknown[lead::redact(name)] = count;
    summary["unknown_columns"] = std::move(unknown);
}

Json error_json(const base::Error& error) {
    return codec::object({{"code", error.code}, {"reason", lead::redact(error.reason)}});
}

void respond_text(Context& context, int status, std::string json, effect::Headers headers) {
    headers.push_back({"content-type", "application/json; charset=utf-8"});
    context.emit(effect::Respond{status, std::move(headers), std::move(json)});
}

effect::Respond json_response(int status, const Json& body, effect::Headers headers) {
    headers.push_back({"content-type", "application/json; charset=utf-8"});
    return {status, std::move(headers), codec::dump_json(body) + "\n"};
}

void respond_json(Context& context, int status, const Json& body, effect::Headers headers) {
    context.emit(json_response(status, body, std::move(headers)));
}

}  // namespace leadbridge::jobs
