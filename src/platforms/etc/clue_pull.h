#pragma once
// ETC new-house clue backflow, caller role (docs/protocols/etc.md): pages of clue rows
// through the Qimen gateway, from a time on.
#include <map>
#include <string>

#include "platforms/etc/clue.h"
#include "platforms/window_source.h"
#include "wire/top_call.h"

namespace leadbridge::platforms::etc {

struct CluePullSettings {
    std::string name;     // of the source in the configuration
    std::string account;  // of the leads
    std::string method = "qimen.tmall.alihouse.newhome.clue.backflow";
    std::string filter = "\"\"";  // two quotation marks, as the page's sample
    std::string appid = "\"\"";
    std::int64_t data_type = 4;
};

class CluePull final : public WindowSource {
  public:
    CluePull(wire::TopClient client, CluePullSettings settings)
        : client_(std::move(client)), settings_(std::move(settings)) {}

    // The cursor is the page's number; the list has no upper bound and ends with an empty page.
    [[nodiscard]] bool has_upper_bound() const override { return false; }
    effect::Http request(const WindowRequest& page) const override;
    WindowAnswer read(const WindowRequest& asked, const effect::HttpResult& result) const override;
    lead::Lead to_lead(const codec::Json& row, base::Millis received_at,
                       std::map<std::string, std::int64_t>& unknown) const override {
        return ClueReader(settings_.name, settings_.account).to_lead(row, received_at, unknown);
    }

  private:
    wire::TopClient client_;
    CluePullSettings settings_;
};

}  // namespace leadbridge::platforms::etc
