#pragma once
// JSON written as it comes, in one pass, without a tree: names and values are appended to a text, each string is
// escaped once. Who writes keeps names unique; nothing is checked.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"

namespace leadbridge::codec {

class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    // Of a member; its value follows. A word of ours: nothing in it is escaped.
    void name(std::string_view plain) {
        separate();
        out_.append("\"", 1).append(plain).append("\":", 2);
        comma_ = false;
    }

    void escaped_name(std::string_view any) {
        text(any);
        out_ += ':';
        comma_ = false;
    }

    // Invalid UTF-8 becomes U+FFFD.
    void text(std::string_view value);
    void number(std::int64_t value);
    void boolean(bool value) { json(value ? "true" : "false"); }
    void null() { json("null"); }
    void value(const Json& value);
    // A value that is JSON text already.
    void json(std::string_view text) {
        separate();
        out_.append(text);
        comma_ = true;
    }

    void text(std::string_view member, std::string_view value) {
        name(member);
        text(value);
    }
    void number(std::string_view member, std::int64_t value) {
        name(member);
        number(value);
    }
    void boolean(std::string_view member, bool value) {
        name(member);
        boolean(value);
    }
    void text_or_null(std::string_view member, const std::optional<std::string>& value) {
        name(member);
        value ? text(*value) : null();
    }
    void number_or_null(std::string_view member, const std::optional<std::int64_t>& value) {
        name(member);
        value ? number(*value) : null();
    }

  private:
    void separate() {
        if (comma_) out_ += ',';
    }
    void open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
    }
    void close(char bracket) {
        out_ += bracket;
        comma_ = true;
    }

    std::string& out_;
    bool comma_ = false;  // before what comes next
};

}  // namespace leadbridge::codec
