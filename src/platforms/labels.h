#pragma once
// Names for a platform's enumeration values, from the configuration: {"channel": {"0": "..."}}. The platforms
// publish none, so unknown values keep their raw form.
#include <map>
#include <string>
#include <string_view>

#include "codec/settings.h"
#include "lead/lead.h"

namespace leadbridge::platforms {

class Labels {
  public:
    static Labels read(codec::Settings settings);
    [[nodiscard]] lead::Labelled of(std::string_view field, std::string raw) const;

  private:
    std::map<std::string, std::map<std::string, std::string>, std::less<>> fields_;
};

}  // namespace leadbridge::platforms
