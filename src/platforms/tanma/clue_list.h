#pragma once
// /api/v3/clue/list-by-create-time-asc: a window of creation times, oldest first, read on with a cursor.
#include <map>
#include <optional>
#include <string>

#include "platforms/tanma/clue.h"
#include "platforms/window_source.h"
#include "wire/tanma.h"

namespace leadbridge::platforms::tanma {

// The rows and the cursor in `data` of an answer.
WindowAnswer clue_page(codec::Json data);

class ClueList final : public WindowSource {
  public:
    // `type`: 1 persons, 2 companies, nothing = all.
    ClueList(wire::TanmaClient client, ClueReader reader, std::optional<std::int64_t> type)
        : client_(std::move(client)), reader_(std::move(reader)), type_(type) {}

    effect::Http request(const WindowRequest& page) const override;
    WindowAnswer read(const WindowRequest& asked, const effect::HttpResult& result) const override;
    lead::Lead to_lead(const codec::Json& row, base::Millis received_at,
                       std::map<std::string, std::int64_t>& unknown) const override {
        return reader_.to_lead(row, received_at, unknown);
    }

  private:
    wire::TanmaClient client_;
    ClueReader reader_;
    std::optional<std::int64_t> type_;
};

}  // namespace leadbridge::platforms::tanma
