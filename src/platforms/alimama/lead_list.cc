#include "platforms/alimama/lead_list.h"

namespace leadbridge::platforms::alimama {
namespace {

constexpr std::string_view kMethod = "taobao.mama.crm.lead.list";

}  // namespace

effect::Http LeadList::request(const PageRequest& page) const {
    codec::Json query = {{"page_size", page.page_size}};
    if (page.offset) query["offset"] = *page.offset;
    return wire::top_request(client_, kMethod, {{"lead_external_query_dto", codec::dump_json(query)}},
                             page.platform_now);
}

PageAnswer LeadList::read(const effect::HttpResult& result) const {
    auto answer = wire::top_answer(client_, kMethod, result);
    if (auto* f = std::get_if<wire::CallFailure>(&answer)) return std::move(*f);
    return read_page(std::move(std::get<wire::TopPayload>(answer).value));
}

}  // namespace leadbridge::platforms::alimama
