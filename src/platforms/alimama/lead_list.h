#pragma once
// taobao.mama.crm.lead.list (docs/protocols/alimama.md): newest leads first, pages at an id, phones encrypted.
#include <map>
#include <string>

#include "platforms/alimama/lead_rows.h"

namespace leadbridge::platforms::alimama {

class LeadList final : public IdPagedSource {
  public:
    // `name` is the source's key in the configuration; `account` stands in where the page names no seller.
    LeadList(wire::TopClient client, PhoneCipher cipher, std::string name, std::string account)
        : client_(std::move(client)), reader_(std::move(cipher), std::move(name), std::move(account)) {}

    effect::Http request(const PageRequest& page) const override;
    PageAnswer read(const effect::HttpResult& result) const override;
    lead::Lead to_lead(const Row& row, base::Millis received_at, Opening& opening,
                       std::map<std::string, std::int64_t>& unknown) const override {
        return reader_.to_lead(row, received_at, opening, unknown);
    }
    std::vector<lead::Phone> read_phone(std::string_view raw, Opening& opening) const override {
        return reader_.cipher().read(raw, opening);
    }

  private:
    wire::TopClient client_;
    LeadReader reader_;
};

}  // namespace leadbridge::platforms::alimama
