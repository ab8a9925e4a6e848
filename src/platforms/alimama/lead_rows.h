#pragma once
// What taobao.mama.crm.lead.list brings: the rows of a page, and the lead a row becomes. Needs no configured
// source: a preview reads the same.
#include <map>
#include <string>
#include <string_view>

#include "platforms/alimama/phone_cipher.h"
#include "platforms/pull_source.h"

namespace leadbridge::platforms::alimama {

// `payload`: the content of the envelope, or the flat object of a simplified answer.
PageAnswer read_page(codec::Json payload);
Row row_of(codec::Json fields);
bool known_field(std::string_view name);

class LeadReader {
  public:
    // `name` is the source's key in the configuration; `account` stands in where a row names no seller.
    LeadReader(PhoneCipher cipher, std::string name, std::string account)
        : cipher_(std::move(cipher)), name_(std::move(name)), account_(std::move(account)) {}

    lead::Lead to_lead(const Row& row, base::Millis received_at, Opening& opening,
                       std::map<std::string, std::int64_t>& unknown) const;
    [[nodiscard]] const PhoneCipher& cipher() const noexcept { return cipher_; }

  private:
    PhoneCipher cipher_;
    std::string name_;
    std::string account_;
};

}  // namespace leadbridge::platforms::alimama
