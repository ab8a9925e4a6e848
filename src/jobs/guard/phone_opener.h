#pragma once
// Reads the phones of a stored lead that were closed when it came: with another key, or because the budget's
// decryptions were spent.
#include <map>
#include <memory>
#include <optional>
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

    // The lead's record with readable phones, or nothing while any phone stays closed.
    std::optional<effect::LeadRecord> record(const effect::StoredLead& stored,
                                             platforms::Opening& opening) const;

  private:
    Sources sources_;
    std::shared_ptr<const lead::Vault> vault_;
    std::int64_t lead_days_;
};

}  // namespace leadbridge::jobs
