#pragma once
// What may be shown of personal data in logs, status and preview (docs/protocols/phones-and-regions.md).
// Nothing here can be reversed, and nothing depends on what the text was meant to be.
#include <optional>
#include <string>
#include <string_view>

#include "lead/phone.h"

namespace leadbridge::lead {

enum class MaskStyle {
    first3_last4,  // 138****8911 (Douyin, Alibaba)
    first3_last2,  // 138******11 (Alipay)
};
std::optional<MaskStyle> mask_style(std::string_view text);  // "3-4", "3-2"

// Never more than the first 3 and last 4 digits; at least 4 digits are hidden, so short numbers show less
// (5 digits: the first). Extensions become `-***`, a foreign number keeps its `+`, a ciphertext is `******`,
// text without digits is `***`. A masked number is shown as it came when it hides enough, otherwise masked again.
std::string mask_phone(const Phone& phone, MaskStyle style = MaskStyle::first3_last4);

// First character, then stars, at most 7 of them; one character is hidden whole. A name that is masked
// already (`**三`, at most two characters visible) stays. Characters are what people see: an emoji
// sequence is one.
std::string mask_name(std::string_view name);
// u***@example.com; anything that is no address becomes `***`.
std::string mask_email(std::string_view email);
// First two characters, `***`, last one; short ids show less; an id that is a phone is masked like one.
std::string mask_wechat(std::string_view id);

// Any text for people who may not see persons. Hidden are: what parse_phones reads as a mobile, landline or relay
// number, and such numbers inside of other text (3-4), whatever digits they are written in and with whatever between
// them; identity cards (check digit or date of birth), bank cards (issuer and Luhn), e-mail addresses, and WeChat ids
// behind their label. Other digits (ids, amounts, times, IP addresses, service numbers) stay. An 11-digit id that
// reads like a mobile is masked: better than a leak. Linear in time.
std::string redact(std::string_view text);

}  // namespace leadbridge::lead
