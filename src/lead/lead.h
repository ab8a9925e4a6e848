#pragma once
// The canonical lead, schema v1 (docs/lead.md). Platforms fill the struct; the store holds its document;
// people and other systems get a view of the document, masked unless they may see phones.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "lead/mask.h"
#include "lead/phone.h"
#include "lead/region.h"

namespace leadbridge::lead {

struct Labelled {
    std::string raw;
    std::string label;  // empty = no label known
};

struct Named {
    std::string id;
    std::string name;
};

struct OpenId {
    std::string system;  // whose identifier: taobao_openid, buyer_open_uid, ...
    std::string value;
};

struct Moment {
    std::optional<base::Millis> utc;
    std::string raw;
};
Moment moment(std::string_view platform_text);

struct Answer {
    std::string code;
    std::string label;
    std::string value;
};

struct Source {
    std::string platform;
    std::string name;  // key of the source in the configuration
    std::string account;
    std::string lead_id;
    std::int64_t version = 0;  // grows when the platform changes the lead
    base::Millis received_at = 0;
};

// What the person wants, in the source's own terms: category, budget, stage, style, purchase, ...
struct Intent {
    std::string name;
    Labelled value;
};

struct Lead {
    Source source;
    std::string kind = "person";  // person | company
    bool is_test = false;
    Labelled status;
    std::string person_name;
    Labelled gender;
    std::string nick, email, wechat, birthday;
    std::vector<OpenId> open_ids;
    std::vector<Phone> phones;  // primary first
    Named company;
    Region region;
    Named campaign, page, form, store, activity;
    Labelled channel;
    std::vector<Intent> intent;
    Named owner;  // who takes care of the lead on the merchant's side
    std::vector<Phone> owner_phones;
    std::vector<std::string> tags;
    std::string remark;
    Moment submitted, created, modified, appointment;
    std::vector<Answer> answers;
    codec::Json extra = codec::Json::object();  // source fields that have no place above, unchanged
};

// What protects a lead at rest and in views.
struct Vault {
    std::optional<crypto::SealKey> data_key;  // phones sealed when present
    crypto::Secret pepper;                    // person_key only when present
    MaskStyle mask = MaskStyle::first3_last4;
};

// Deterministic: the same platform lead has the same id for ever. "alimama:999999999:221985"
std::string lead_id(const Source& source);

// HMAC-SHA256 of the E.164 number under the pepper, hex; empty without pepper or for a phone that does not
// identify a person (masked, privacy, service numbers).
std::string person_key(const Phone& phone, const Vault& vault);

// Lead v1 as stored: JSON text, members in the order of their names.
struct Document {
    std::string text;
    std::string person_key;  // empty when no phone identifies a person
};
Document document_of(const Lead& lead, const Vault& vault);
// The same, to look into.
codec::Json to_document(const Lead& lead, const Vault& vault);
// One phone of a document; `context` is the lead id.
codec::Json phone_document(const Phone& phone, const std::string& context, const Vault& vault);

// False while any phone is unreadable (class encrypted): then the stored revision is 0, otherwise 1.
bool readable(const Lead& lead);

// For people: phones masked, everything personal redacted (lead/personal.h); with `reveal` all of it, unsealed.
codec::Json view(const codec::Json& document, const Vault& vault, bool reveal);

}  // namespace leadbridge::lead
