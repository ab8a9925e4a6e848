#pragma once
// ETC new-house clue backflow, provider role (docs/protocols/etc.md): the platform asks
// for pages of the clue rows that were loaded here.
#include <string>

#include "platforms/spi_settings.h"

namespace leadbridge::platforms::etc {

struct ClueQuerySettings {
    std::string appid;             // empty = any
    std::int64_t page_size = 200;  // the page does not say one
    std::int64_t overlap_s =
        0;  // taken off queryTime: rows whose time was set a little before they were loaded
};

class ClueQuery final : public QueryEndpoint {
  public:
    ClueQuery(SpiDoor door, ClueQuerySettings settings)
        : door_(std::move(door)), settings_(std::move(settings)) {}

    std::variant<RowQuery, Refusal> read(const Incoming& incoming, base::Millis now) const override;
    Reply answer(const std::vector<std::string>& rows) const override;
    [[nodiscard]] std::int64_t most_bytes() const override { return door_.max_body_bytes(); }
    Reply not_available() const override {
        return door_.failure("isp.store-unavailable", "please ask again later");
    }

    Reply too_many() const override {
        return door_.failure("isv.invalid-parameter",
                             "filter: too many rows to look through; narrow queryTime");
    }

  private:
    SpiDoor door_;
    ClueQuerySettings settings_;
};

std::shared_ptr<const QueryEndpoint> make_query_endpoint(codec::Settings& settings, const Apps& apps);

}  // namespace leadbridge::platforms::etc
