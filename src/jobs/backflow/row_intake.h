#pragma once
// Reads the rows of a loaded file for a job, and keeps what there is to say about them.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/table.h"
#include "jobs/task.h"
#include "platforms/columns.h"

namespace leadbridge::jobs {

class RowIntake {
  public:
    // `format`: auto | csv | ndjson.
    base::Status open(std::string body, std::string_view format);
    // The next row that could be read; those that could not are counted as refused.
    std::optional<codec::TableRow> next();

    void refuse(const codec::TableRow& row, const std::vector<platforms::RowProblem>& problems);
    // What is not about a line of the file: names the row instead.
    void problem_of(const std::string& key, const std::string& problem);
    void unknown(const std::vector<std::string>& columns);

    bool at_end();  // looks ahead: a row that cannot be read may be counted
    [[nodiscard]] std::int64_t rows() const { return rows_; }
    [[nodiscard]] std::int64_t refused() const { return refused_; }
    void describe(codec::Json& summary) const;  // rows, problems, unknown_columns

  private:
    void add_problem(codec::Json problem);

    std::optional<codec::TableReader> reader_;
    std::optional<codec::TableRow> ahead_;
    std::int64_t rows_ = 0, refused_ = 0;
    codec::Json problems_ = codec::Json::array();
    std::map<std::string, std::int64_t> unknown_;
};

// {"code", "reason"} as summaries show it.
codec::Json error_json(const base::Error& error);
effect::Respond json_response(int status, const codec::Json& body, effect::Headers headers);
void respond_text(Context& context, int status, std::string json, effect::Headers headers);
void respond_json(Context& context, int status, const codec::Json& body, effect::Headers headers = {});

}  // namespace leadbridge::jobs
