#pragma once
// What an ETC partner answers (docs/protocols/etc.md): the clue rows, and the lead a row becomes.
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "lead/lead.h"
#include "wire/call.h"

namespace leadbridge::platforms::etc {

// `reply`: the provider's object ({"qmCode", "data", ...}).
using ClueRows = std::variant<std::vector<codec::Json>, wire::CallFailure>;
ClueRows clue_rows(const codec::Json& reply);
bool known_field(std::string_view name);

class ClueReader {
  public:
    ClueReader(std::string name, std::string account)
        : name_(std::move(name)), account_(std::move(account)) {}
    lead::Lead to_lead(const codec::Json& row, base::Millis received_at,
                       std::map<std::string, std::int64_t>& unknown) const;

  private:
    std::string name_;     // of the source in the configuration
    std::string account_;  // of the leads
};

}  // namespace leadbridge::platforms::etc
