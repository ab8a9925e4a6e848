#pragma once
// What a push of Tanma says once it is decrypted, and the leads in it.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platforms/tanma/clue.h"
#include "wire/tanma.h"

namespace leadbridge::platforms::tanma {

// `body`: base64 as it came. Error: unreadable, with what to check. The object has `type` and `noise`.
base::Result<codec::Json> open_push(const wire::TanmaApp& app, std::string_view body);
bool is_push_message(const codec::Json& message);

struct PushContent {
    std::vector<lead::Lead> leads;
    bool whole = true;  // everything in the content is in `leads`
};
// None for registrations and other events that bring no customer.
PushContent push_content(const ClueReader& reader, const codec::Json& message, base::Millis sent,
                         base::Millis now, std::map<std::string, std::int64_t>& unknown);

}  // namespace leadbridge::platforms::tanma
