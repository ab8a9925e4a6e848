#include "platforms/tanma/clue_list.h"

#include "platforms/page_bounds.h"

namespace leadbridge::platforms::tanma {
namespace {

using codec::Json;

constexpr std::size_t kLongestCursor = 4096;  // it is kept in the checkpoint

wire::CallFailure unexpected(const std::string& what) {
    return wire::call_failure(wire::Remedy::retry, "unexpected_answer",
                              "the clue list came in a shape this version does not know (" + what +
                                  "); nothing of the page is stored, it is read again on the next run");
}

}  // namespace

effect::Http ClueList::request(const WindowRequest& page) const {
    Json body = codec::object({{"since", base::china_text(page.since)},
                               {"before", base::china_text(page.before)},
                               {"size", page.page_size}});
    if (!page.cursor.empty()) body["cursor"] = page.cursor;
    if (type_) body["type"] = *type_;
    return wire::tanma_request(client_, "/api/v3/clue/list-by-create-time-asc", codec::dump_json(body),
                               page.platform_now);
}

WindowAnswer ClueList::read(const WindowRequest&, const effect::HttpResult& result) const {
    auto answer = wire::tanma_answer(result);
    if (auto* failure = std::get_if<wire::CallFailure>(&answer)) return std::move(*failure);
    return clue_page(std::move(std::get<Json>(answer)));
}

WindowAnswer clue_page(Json data) {
    WindowPage page;
    const auto list = data.find("list");
    if (list == data.end()) return unexpected("`data` has no `list`");
    if (list->is_array()) {
        page.rows = std::move(list->get_ref<Json::array_t&>());
    } else if (!list->is_null()) {
        return unexpected("`list` is not a list");
    }
    if (page.rows.size() > kMostRows) return unexpected("more than " + std::to_string(kMostRows) + " rows");
    for (const auto& row : page.rows) {
        if (!row.is_object()) return unexpected("a row is not an object");
    }
    if (const Json& next = codec::member(data, "nextCursor"); !next.is_null()) {
        auto text = codec::scalar_text(next);
        if (!text || next.is_boolean()) return unexpected("`nextCursor` is not text");
        if (text->size() > kLongestCursor) return unexpected("`nextCursor` is longer than 4096 bytes");
        page.next = std::move(*text);
    }
    return page;
}

}  // namespace leadbridge::platforms::tanma
