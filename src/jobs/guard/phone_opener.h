#pragma once
// Reads the phones of a stored lead that were closed when it came: with another key, or because the budget's
// decryptions were spent.
#include <map>
#include <memory>
#include <string>

#include "jobs/task.h"
#include "lead/lead.h"
#include "platforms/pull_source.h"

namespace leadbridge::jobs {

class PhoneOpener {
  public:
    using Sources = std::map<std::string, std::shared_ptr<const platforms::IdPagedSource>>;
    PhoneOpener(Sources sources, std::shared_ptr<const lead::Vault> vault, std::int64_t lead_days)
        : sources_(std::move(sources)), vault_(std::move(vault)), lead_days_(lead_days) {}

    // `item` of a scan of leads. The lead's record with readable phones, or null while any phone stays closed.
    codec::Json record(const std::string& item, base::Millis now, platforms::Opening& opening) const;

  private:
    Sources sources_;
    std::shared_ptr<const lead::Vault> vault_;
    std::int64_t lead_days_;
};

}  // namespace leadbridge::jobs
