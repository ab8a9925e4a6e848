#pragma once
// A Tanma clue or customer, as the list shows it and as a push brings it, becomes a lead.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/json.h"
#include "lead/lead.h"
#include "platforms/labels.h"

namespace leadbridge::platforms::tanma {

bool known_field(std::string_view name);

class ClueReader {
  public:
    // `name` is the source's key in the configuration. `labels`: of option ids, by field.
    ClueReader(std::string name, std::string account, Labels labels)
        : name_(std::move(name)), account_(std::move(account)), labels_(std::move(labels)) {}

    // Total: what has no place in the lead is kept in `extra`, what is unknown is counted too.
    lead::Lead to_lead(const codec::Json& row, base::Millis received_at,
                       std::map<std::string, std::int64_t>& unknown) const;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    // False: not a field at all; it goes to `extra` as it is.
    bool read_field(const codec::Json& field, lead::Lead& lead,
                    std::map<std::string, std::int64_t>& unknown) const;

    std::string name_;
    std::string account_;
    Labels labels_;
};

}  // namespace leadbridge::platforms::tanma
