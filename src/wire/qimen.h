#pragma once
// A call through the Qimen gateway: the request is TOP's with `target_app_key` (TopClient), the answer is
// flat (docs/protocols/qimen.md).
#include <variant>

#include "codec/json.h"
#include "effect/effect.h"
#include "wire/call.h"

namespace leadbridge::wire {

using QimenAnswer = std::variant<codec::Json, CallFailure>;

// The provider's object, from JSON or XML, with or without a `response` around it. The gateway's three ways
// to say no are failures: error_response, response.flag, flat flag / sub_code.
QimenAnswer qimen_answer(const effect::HttpResult& result);
// The same of the body once it is read: its object and, of XML, the name of its root.
QimenAnswer qimen_content(codec::Json answer, std::string root, const effect::HttpResult& result);

}  // namespace leadbridge::wire
