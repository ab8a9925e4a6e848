#pragma once
// Reading what no source asked for: a payload that somebody pastes, drops or recorded. The registry knows
// whose a document is by its shape; every platform reads its rows with the readers of its doors.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "lead/lead.h"
#include "platforms/columns.h"
#include "platforms/labels.h"

namespace leadbridge::platforms {

struct PreviewOptions {
    const codec::Json& event;  // mobile_cipher, mobile_key, tanma_app_id, tanma_app_key, corpid, account
    base::Millis now = 0;
    crypto::RandomStream& random;
    Labels labels;
    base::Error key_problem{};  // set by a reader that was given a key it cannot use
};

// An object from JSON, XML or a form.
struct PreviewDocument {
    codec::Json value;
    std::string root;         // of XML
    bool simplified = false;  // set by `open`: TOP's flat form
};
// Rows, or why there are none: a platform's error answer explains itself.
using PreviewRows = std::variant<std::vector<codec::Json>, base::Error>;

// What a row says: one of leads, document, row, error.
struct PreviewRecord {
    std::vector<lead::Lead> leads;
    codec::Json document;  // of an exported lead, as it came
    codec::Json row;       // statistics; with `problems` when the platform would refuse it
    std::int64_t type = 0;
    std::vector<RowProblem> problems;
    base::Error error;
    std::map<std::string, std::int64_t> unknown;  // fields this version does not know
};

class PreviewReader {
  public:
    virtual ~PreviewReader() = default;
    // `row` is an object. Total.
    virtual PreviewRecord read(const codec::Json& row) = 0;
};

struct PreviewEntry {
    std::string_view platform;
    // Is this the name of a column of its rows?
    bool (*knows)(std::string_view name);
    // Nothing when the document is no answer, push or request of this platform.
    std::optional<PreviewRows> (*open)(PreviewDocument& document);
    // The same of base64 text; null for platforms that send none.
    PreviewRows (*open_text)(std::string_view text, const PreviewOptions& options);
    std::unique_ptr<PreviewReader> (*make)(PreviewOptions& options);
};

// ---- for the platforms
// The content of the envelope `name`: the XML root, or the only member of a JSON object. Null when it is not there.
codec::Json* envelope(PreviewDocument& document, std::string_view name);
// Cells that hold JSON (`extend_list` of a CSV) become what they say.
codec::Json unfolded(const codec::Json& row, std::initializer_list<std::string_view> columns);

}  // namespace leadbridge::platforms
