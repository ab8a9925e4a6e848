#include "platforms/etc/clue_query.h"

#include "base/text.h"
#include "platforms/columns.h"

namespace leadbridge::platforms::etc {
namespace {

using codec::Json;

constexpr std::string_view kIllegal =
    R"({"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"0"})";
constexpr std::string_view kFailure =
    R"({"qmMessage":"{message}","data":"[]","qmCode":"{code}","status":"0"})";
constexpr std::int64_t kMostPage = 1'000'000'000'000;

// The sample writes "nothing" as two quotation marks.
std::string text_of(const Json& fields, std::string_view key) {
    std::string text = base::trim(codec::member_text(fields, key).value_or(""));
    return text == "\"\"" ? "" : text;
}

// The page types it as text; an object is what a JSON body might hold instead.
bool structured(const Json& fields, std::string_view key) {
    return codec::member(fields, key).is_structured();
}

}  // namespace

std::variant<RowQuery, Refusal> ClueQuery::read(const Incoming& incoming, base::Millis now) const {
    auto checked = door_.check(incoming, now);
    if (auto* refusal = std::get_if<Refusal>(&checked)) return std::move(*refusal);

    const auto wrong = [this](std::string_view field, const std::string& what) {
        return Refusal{"bad_query", "a signed query with a bad " + std::string(field) + ": " + what,
                       door_.failure("isv.invalid-parameter", std::string(field) + ": " + what), true};
    };
    std::string problem;
    const auto fields = spi_fields(std::get<wire::SpiCheck>(checked), problem);
    if (!fields) return wrong("body", problem);

    const auto data_type = base::parse_int64(text_of(*fields, "dataType"));
    if (!data_type) return wrong("dataType", "a number is required");
    const std::string query_time = text_of(*fields, "queryTime");
    const auto since = base::parse_int64(query_time);
    if (!since || *since < 0 || *since > 253402271999)  // the year 9999
        return wrong("queryTime", "epoch seconds are required, 0 or more");
    const std::string page_text = text_of(*fields, "page");
    const auto page = page_text.empty() ? std::optional<std::int64_t>(1) : base::parse_int64(page_text);
    if (structured(*fields, "page") || !page || *page < 1 || *page > kMostPage)
        return wrong("page", "pages count from 1");
    RowQuery query;
    if (const std::string filter = text_of(*fields, "filter");
        !filter.empty() || structured(*fields, "filter")) {
        const auto condition = filter.empty() ? base::Result<Json>(codec::member(*fields, "filter"))
                                              : codec::parse_json(filter, {16 << 10, 4});
        if (!condition || !condition.value().is_object())
            return wrong("filter", "an object of columns and values is expected, or nothing");
        for (const auto& [column, value] : condition.value().items()) {
            const auto text = codec::scalar_text(value);
            if (!text) return wrong("filter", "a column is compared with one value");
            query.where.emplace_back(column, *text);
        }
    }
    if (!settings_.appid.empty() && text_of(*fields, "appid") != settings_.appid)
        return wrong("appid", "not the agreed one");

    query.set = row_set(*data_type);
    query.since = (*since - std::min(*since, settings_.overlap_s)) * base::kSecond;
    query.limit = settings_.page_size;
    query.offset = (*page - 1) * settings_.page_size;
    return query;
}

Reply ClueQuery::answer(const std::vector<std::string>& rows) const {
    std::string data = "[";
    for (const auto& row : rows) {
        if (data.size() > 1) data += ',';
        data += row;
    }
    data += ']';
    Reply reply;
    reply.body = R"({"qmMessage":"Success","data":)" + codec::dump_json(Json(std::move(data))) +
                 R"(,"qmCode":"200","status":"1"})";
    return reply;
}

std::shared_ptr<const QueryEndpoint> make_query_endpoint(codec::Settings& settings, const Apps& apps) {
    auto door = SpiDoor::read(settings, apps, {"", std::string(kIllegal), std::string(kFailure)});
    ClueQuerySettings query;
    query.appid = settings.text("appid", "");
    query.page_size = settings.integer("page_size", 200, 1, 1000);
    query.overlap_s = settings.integer("overlap_s", 0, 0, 366 * 86'400);
    return std::make_shared<ClueQuery>(std::move(door), std::move(query));
}

}  // namespace leadbridge::platforms::etc
