#include "functions/native/store/dynamodb/items.h"

#include <algorithm>
#include <cstdio>

namespace leadbridge::native::dynamo {
namespace {

constexpr Millis kShift = Millis{1} << 53;  // integers of the contract are below it

}  // namespace

std::string order_text(Millis at) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%017lld",
                  static_cast<long long>(std::clamp(at, -kShift, kShift) + kShift));
    return digits;
}

Millis order_number(const std::string& text) { return std::stoll(text.substr(0, 17)) - kShift; }

std::string order_key(Millis at, const std::string& id) { return order_text(at) + ":" + id; }

bool expired(const Item& item, Millis now) {
    const auto at = number_in(item, "expMs");
    return at && *at <= now;
}

Request::Request(const char* operation, const ItemKey& key) : operation_(operation) {
    body_[operation_ == std::string_view("PutItem") ? "Item" : "Key"] = key_value(key);
}

void Request::set(const char* name, Item value) {
    if (!is_update()) {
        body_["Item"][name] = std::move(value);
        return;
    }
    const std::string number = std::to_string(values_++);
    body_["ExpressionAttributeNames"]["#n" + number] = name;
    body_["ExpressionAttributeValues"][":v" + number] = std::move(value);
    sets_.append(sets_.empty() ? "SET " : ", ").append("#n" + number + " = :v" + number);
}

Request& Request::text(const char* name, const std::string& value) {
    set(name, text_value(value));
    return *this;
}

Request& Request::number(const char* name, std::int64_t value) {
    set(name, number_value(value));
    return *this;
}

Request& Request::list(const char* name, const std::vector<std::string>& values) {
    Item all = Item::array();
    for (const std::string& value : values) all.push_back(text_value(value));
    Item value = Item::object();
    value["L"] = std::move(all);
    set(name, std::move(value));
    return *this;
}

Request& Request::remove(const char* name) {
    if (!is_update()) return *this;  // a put leaves out what it does not name
    const std::string number = std::to_string(values_++);
    body_["ExpressionAttributeNames"]["#n" + number] = name;
    removes_.append(removes_.empty() ? " REMOVE " : ", ").append("#n" + number);
    return *this;
}

Request& Request::expires(const std::optional<Millis>& at) {
    if (!at) return remove("expMs").remove("ttl");
    const Millis seconds = *at <= 0 ? 0 : *at / 1000 + (*at % 1000 == 0 ? 0 : 1);
    return number("expMs", *at).number("ttl", seconds);
}

Request& Request::order(const std::string& partition, const std::string& key) {
    return text("gpk", partition).text("gsk", key);
}

Request& Request::when(std::string condition) {
    body_["ConditionExpression"] = std::move(condition);
    return *this;
}

Request& Request::with(const char* placeholder, Item value) {
    body_["ExpressionAttributeValues"][placeholder] = std::move(value);
    return *this;
}

Request& Request::answer(const char* what) {
    body_["ReturnValues"] = what;
    return *this;
}

TableRequest Request::done() {
    if (is_update()) body_["UpdateExpression"] = sets_ + removes_;
    return {operation_, std::move(body_)};
}

}  // namespace leadbridge::native::dynamo
