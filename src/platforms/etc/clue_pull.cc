#include "platforms/etc/clue_pull.h"

#include <algorithm>

#include "base/text.h"
#include "wire/qimen.h"

namespace leadbridge::platforms::etc {
namespace {

std::int64_t page_number(const std::string& cursor) {
    return std::max<std::int64_t>(1, base::parse_int64(cursor).value_or(1));
}

}  // namespace

effect::Http CluePull::request(const WindowRequest& page) const {
    return wire::top_request(client_, settings_.method,
                             {{"filter", settings_.filter},
                              {"appid", settings_.appid},
                              {"dataType", std::to_string(settings_.data_type)},
                              {"page", std::to_string(page_number(page.cursor))},
                              {"queryTime", std::to_string(page.since / base::kSecond)}},
                             page.platform_now);
}

WindowAnswer CluePull::read(const WindowRequest& asked, const effect::HttpResult& result) const {
    auto answer = wire::qimen_answer(result);
    if (auto* failure = std::get_if<wire::CallFailure>(&answer)) return std::move(*failure);
    auto rows = clue_rows(std::get<codec::Json>(answer));
    if (auto* failure = std::get_if<wire::CallFailure>(&rows)) return std::move(*failure);
    WindowPage page;
    page.rows = std::move(std::get<std::vector<codec::Json>>(rows));
    if (!page.rows.empty()) page.next = std::to_string(page_number(asked.cursor) + 1);
    return page;
}

}  // namespace leadbridge::platforms::etc
