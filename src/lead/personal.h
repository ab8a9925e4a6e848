#pragma once
// The one list of what is personal, for every view, preview, export and log: what may be shown of a document or of
// a platform's row to somebody who may not see persons.
#include "codec/json.h"

namespace leadbridge::lead {

// Any JSON: phones, card and identity numbers, e-mail addresses and WeChat ids are hidden in texts, numbers and
// names of members, at every depth. Ids that are digits only stay, unless they are mobiles.
codec::Json redacted(const codec::Json& value);

// A lead document whose phones are shown already: all of it is redacted but what names the lead and says where it
// came from (`id`, `source`, `v`, `kind`, `is_test`) and the phones themselves.
void redact_document(codec::Json& document);

}  // namespace leadbridge::lead
