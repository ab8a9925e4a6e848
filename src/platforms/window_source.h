#pragma once
// A list that is asked for by a time window and read on with a token the platform hands out (a cursor) or
// that counts up (a page number). Beside IdPagedSource: there a list is walked by ids.
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "effect/effect.h"
#include "lead/lead.h"
#include "wire/call.h"

namespace leadbridge::platforms {

struct WindowRequest {
    base::Millis since = 0;   // inclusive, whole seconds
    base::Millis before = 0;  // exclusive, whole seconds; a list without an upper bound ignores it
    std::string cursor;       // empty = first page
    std::int64_t page_size = 100;
    base::Millis platform_now = 0;
};

struct WindowPage {
    std::vector<codec::Json> rows;
    std::string next;  // cursor of the page after; empty = the list ends here
};

using WindowAnswer = std::variant<WindowPage, wire::CallFailure>;

class WindowSource {
  public:
    virtual ~WindowSource() = default;
    // False: `before` has no effect, so a long span cannot be read in parts.
    [[nodiscard]] virtual bool has_upper_bound() const { return true; }
    virtual effect::Http request(const WindowRequest& page) const = 0;
    // `asked` is what `result` answers. Never a page for an answer that is not exactly the expected one.
    virtual WindowAnswer read(const WindowRequest& asked, const effect::HttpResult& result) const = 0;
    // `unknown` counts the fields this version does not know (drift). Total: no row makes it fail.
    virtual lead::Lead to_lead(const codec::Json& row, base::Millis received_at,
                               std::map<std::string, std::int64_t>& unknown) const = 0;
};

}  // namespace leadbridge::platforms
