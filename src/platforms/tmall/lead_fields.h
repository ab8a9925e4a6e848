#pragma once
// The fields of a Tmall customer lead (docs/protocols/tmall.md) and the lead they become; every field is optional.
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/json.h"
#include "lead/lead.h"
#include "platforms/labels.h"

namespace leadbridge::platforms::tmall {

bool known_field(std::string_view name);

class LeadReader {
  public:
    // `source`: under which the leads are stored; `account` stands in where a push names no seller.
    LeadReader(std::string source, std::string account, Labels labels)
        : source_(std::move(source)), account_(std::move(account)), labels_(std::move(labels)) {}

    // `sent_at`: the version of a lead that does not say when it was modified.
    lead::Lead to_lead(const codec::Json& fields, base::Millis sent_at, base::Millis now,
                       std::map<std::string, std::int64_t>& unknown) const;

  private:
    std::string source_;
    std::string account_;
    Labels labels_;
};

}  // namespace leadbridge::platforms::tmall
