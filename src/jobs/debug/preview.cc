#include "jobs/debug/preview.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/serial_day.h"
#include "base/text.h"
#include "codec/settings.h"
#include "codec/table.h"
#include "codec/xml.h"
#include "crypto/digest.h"
#include "jobs/backflow/row_intake.h"
#include "lead/personal.h"
#include "platforms/page_bounds.h"
#include "platforms/registry.h"
#include "wire/call.h"
#include "wire/qimen.h"
#include "wire/top_call.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

// What one call may hold, so that 64 MB of memory are enough for everything that comes of it.
constexpr std::size_t kMostBytes = 8U << 20U;
constexpr std::size_t kMostRecords = platforms::kMostRows;
constexpr std::ptrdiff_t kMostFields = 10'000;  // of a form
constexpr std::size_t kMostText = 6U << 20U;    // of what comes out
constexpr int kMostDepth = 4;                   // of lists and wrappers around rows

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t\r\n";

// Whole numbers that a JavaScript host would round become text.
void widen(Json& value) {
    constexpr std::int64_t kSafe = (std::int64_t{1} << 53) - 1;
    if (value.is_number_unsigned()) {
        if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(kSafe))
            value = std::to_string(value.get<std::uint64_t>());
    } else if (value.is_number_integer()) {
        if (value.get<std::int64_t>() < -kSafe) value = std::to_string(value.get<std::int64_t>());
    } else if (value.is_structured()) {
        for (auto& inner : value) widen(inner);
    }
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find_first_of("\r\n")); }

bool blank(std::string_view text) { return text.find_first_not_of(kBlank) == std::string_view::npos; }

std::string_view stripped(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(kBlank), text.size());
    const auto end = text.find_last_not_of(kBlank);
    return end == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

// Name and value before anything a table's header would have.
bool looks_like_form(std::string_view line) {
    const auto equals = line.find('=');
    return equals != std::string_view::npos && equals > 0 &&
           line.substr(0, equals).find_first_of(",;\t \"{[<") == std::string_view::npos;
}

// Nothing but base64, and enough of it.
bool looks_like_push(std::string_view text) {
    constexpr std::size_t kShortest = 24;
    if (text.size() < kShortest || text.size() % 4 != 0) return false;
    const auto end = text.find_last_not_of('=');
    return end != std::string_view::npos && end + 3 >= text.size() &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '+' || c == '/';
           });
}

base::Result<Json> read_form(std::string_view text) {
    Json out = Json::object();
    for (const auto& pair : base::split(text, '&')) {
        if (pair.empty()) continue;
        const auto field = base::form_pair(pair);
        if (!field)
            return base::fail("form_escape", "a % in the form is not followed by two hexadecimal digits");
        if (!base::valid_utf8(field->first) || !base::valid_utf8(field->second)) {
            return base::fail("form_not_utf8",
                              "the form is not UTF-8 (it may be GBK): send it as UTF-8, or as JSON");
        }
        out[field->first] = field->second;
    }
    return out;
}

// A table's dates may be what a spreadsheet keeps: day numbers.
void read_day_numbers(lead::Lead& lead) {
    for (lead::Moment* moment : {&lead.submitted, &lead.created, &lead.modified, &lead.appointment}) {
        if (!moment->utc) moment->utc = base::parse_serial_day(moment->raw);
    }
    if (lead.source.version == 0) lead.source.version = lead.modified.utc.value_or(0);
}

base::Error too_many_values() {
    return base::fail("too_many_values",
                      "more than 420,000 values in one document, or 50,000 fields in one record: "
                      "cut it into pieces");
}

base::Error not_text(std::string_view bytes) {
    if (bytes.substr(0, 4) == "PK\x03\x04") {
        return base::fail("not_text",
                          "a ZIP or Excel file, not text: save the sheet as \"CSV UTF-8\" and open that");
    }
    if (bytes.substr(0, 2) == "\x1F\x8B")
        return base::fail("not_text", "a gzip file, not text: unpack it first");
    if (bytes.find('\0') != std::string_view::npos)
        return base::fail("not_text", "not text but binary data (or UTF-16: save it as UTF-8)");
    return base::fail("not_utf8",
                      "not UTF-8 text (spreadsheet programs often write GBK): save it as \"CSV UTF-8\"");
}

class Preview {
  public:
    // `body` is borrowed: it may be megabytes.
    Preview(Json event, std::string_view body) : event_(std::move(event)), body_(body) {}
    Outcome run(base::Millis now, crypto::RandomStream& random);

  private:
    using Entry = platforms::PreviewEntry;
    // What a text turned out to be.
    enum class Form { json, xml, form, push, none };

    base::Status read(std::string_view text);
    base::Status read_table();
    void read_lines(std::string_view text);
    void read_text(std::string_view text, std::int64_t line);
    static Form form_of(std::string_view text);
    static base::Result<platforms::PreviewDocument> parse(std::string_view text, Form form);
    void take(platforms::PreviewDocument document, std::int64_t line, int depth);
    void take_rows(const Entry& entry, platforms::PreviewRows rows, std::int64_t line);
    void take_row(const Entry* entry, const Json& row, std::int64_t line);
    void add_lead(std::int64_t line, const std::string& platform, Json document,
                  const platforms::PreviewRecord& record, const Json& row);
    void refuse(std::int64_t line, const base::Error& error);
    const Entry* entry_of(const Json& row);
    [[nodiscard]] std::int64_t next_line(std::int64_t line);
    void check_size();
    void finish();

    Json event_;
    std::string_view body_;
    std::optional<platforms::PreviewOptions> options_;
    lead::Vault vault_;
    bool reveal_ = false, raw_ = false;
    const Entry* forced_ = nullptr;
    std::map<std::string_view, std::unique_ptr<platforms::PreviewReader>> readers_;
    // Rows of one file are alike: the names of the last one that was looked at, and whose they are.
    std::vector<std::string> last_names_;
    const Entry* last_entry_ = nullptr;
    bool whole_ = false;  // one document: its records are counted instead of lines
    std::int64_t counted_ = 0;

    std::string format_, platform_;
    std::int64_t records_ = 0, unread_ = 0;
    bool needs_key_ = false, needs_push_key_ = false;
    // JSON texts, written as the records come: as values they would need several times the memory.
    struct List {
        std::string text;
        std::size_t size = 0;
        void add(const Json& item);
    };
    List leads_, rows_, problems_;
    base::Error error_, last_problem_;
    std::string summary_;
    int exit_ = 0;
};

Outcome Preview::run(base::Millis now, crypto::RandomStream& random) {
    codec::Problems ignored;
    options_.emplace(platforms::PreviewOptions{
        event_, now, random, platforms::Labels::read(codec::Settings(event_, "", ignored).child("labels"))});
    reveal_ = codec::member_bool(event_, "reveal").value_or(false);
    raw_ = codec::member_bool(event_, "raw").value_or(false);
    vault_.pepper = crypto::Secret(member_text(event_, "pepper").value_or(""));
    const std::string platform = member_text(event_, "platform").value_or("auto");
    forced_ = platforms::preview_of(platform);
    if (forced_ == nullptr && platform != "auto" && !platform.empty()) {
        error_ = base::fail("bad_event", "`platform` must be auto or one that is known, not " +
                                             base::printable(platform, 40));
        finish();
        return {exit_, std::move(summary_), std::nullopt};
    }
    std::string_view text = body_;
    if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
    base::Status status = base::Ok{};
    if (body_.size() > kMostBytes) {
        status = base::fail("too_large", std::to_string(body_.size()) + " bytes at once, at most " +
                                             std::to_string(kMostBytes) + " are read: cut it into pieces");
    } else if (blank(text)) {
        status = base::fail("empty", "there is nothing in it");
    } else if (text.find('\0') != std::string_view::npos || !base::valid_utf8(text)) {
        status = not_text(text);
    } else {
        status = read(text);
    }
    if (!status) error_ = status.error();
    finish();
    return {exit_, std::move(summary_), std::nullopt};
}

Preview::Form Preview::form_of(std::string_view text) {
    const char first = text.empty() ? ' ' : text[0];
    if (first == '{' || first == '[') return Form::json;
    if (first == '<') return Form::xml;
    if (looks_like_push(text)) return Form::push;
    return looks_like_form(text) ? Form::form : Form::none;
}

base::Result<platforms::PreviewDocument> Preview::parse(std::string_view text, Form form) {
    if (form == Form::form && std::count(text.begin(), text.end(), '&') > kMostFields)
        return base::fail("too_many_values", "more than 10,000 fields in one form: cut it into pieces");
    platforms::PreviewDocument out;
    if (form == Form::xml) {
        if (wire::shape_of(text) == "an HTML page")
            return base::fail("html", "an HTML page, no answer of a platform's API");
        auto xml = codec::parse_xml(text);
        if (!xml) return xml.error().code == "xml_too_many" ? too_many_values() : xml.error();
        out.root = std::move(xml.value().root);
        out.value = std::move(xml.value().value);
        return out;
    }
    auto value = form == Form::form ? read_form(text) : codec::parse_json(text);
    if (!value) return value.error().code == "json_too_many" ? too_many_values() : value.error();
    out.value = std::move(value).value();
    return out;
}

base::Status Preview::read(std::string_view text) {
    const std::string format = member_text(event_, "format").value_or("auto");
    const auto known = codec::table_format(format);
    if (!known) return base::fail("bad_event", "`format` must be auto, ndjson or csv");
    text = stripped(text);
    const std::string_view line = stripped(first_line(text));
    const Form form = form_of(line);
    const bool several = line.size() < text.size();
    if (*known == codec::TableFormat::csv || (*known == codec::TableFormat::automatic && form == Form::none))
        return read_table();
    // Lines that stand alone, or one document over several lines?
    const bool lines = *known == codec::TableFormat::json ||
                       (several && (form == Form::form || form == Form::push || parse(line, form)));
    static constexpr std::string_view kNames[] = {"json", "xml", "form", "push", "ndjson"};
    format_ = lines && form != Form::push ? "ndjson" : kNames[static_cast<std::size_t>(form)];
    if (lines) {
        read_lines(text);
    } else {
        whole_ = true;
        read_text(text, codec::member_int(event_, "line").value_or(1));
    }
    return base::Ok{};
}

void Preview::read_lines(std::string_view text) {
    std::int64_t line = codec::member_int(event_, "line").value_or(1);
    // Blank lines before the first one count too.
    const std::string_view whole = body_;
    line += std::count(whole.begin(), whole.begin() + (text.data() - whole.data()), '\n');
    for (; !text.empty() && error_.code.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view one = stripped(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!one.empty()) read_text(one, line);
    }
}

void Preview::read_text(std::string_view text, std::int64_t line) {
    const Form form = form_of(text);
    if (form == Form::none)
        return refuse(line, base::fail("not_recognised", "neither JSON, XML, a form nor an encrypted push"));
    if (form == Form::push) {
        for (const auto& entry : platforms::previews()) {
            if (entry.open_text != nullptr) take_rows(entry, entry.open_text(text, *options_), line);
        }
        return;
    }
    auto document = parse(text, form);
    if (!document) return refuse(line, document.error());
    take(std::move(document).value(), line, 0);
}

base::Status Preview::read_table() {
    auto reader = codec::TableReader::open(std::string(body_), codec::TableFormat::csv);
    if (!reader) return reader.error();
    format_ = "csv";
    const std::int64_t offset = codec::member_int(event_, "line").value_or(1) - 1;
    Json header = Json::object();
    for (const auto& name : reader.value().header()) header[name] = nullptr;
    const Entry* entry = forced_ != nullptr ? forced_ : platforms::recognise(header);
    if (entry == nullptr) {
        return base::fail("not_recognised",
                          "neither JSON nor XML, and read as a table no column of it belongs to a platform "
                          "that is known: choose the platform, or check the header (first line)");
    }
    platform_ = entry->platform;
    while (error_.code.empty()) {
        const auto row = reader.value().next();
        if (!row) break;
        if (row->problem.empty()) {
            take_row(entry, row->fields, row->line + offset);
        } else {
            refuse(row->line + offset, base::fail("table_row", "the line " + row->problem));
        }
    }
    return base::Ok{};
}

// A row in a whole document has no line: its number stands for it.
std::int64_t Preview::next_line(std::int64_t line) { return whole_ ? line + counted_++ : line; }

void Preview::take(platforms::PreviewDocument document, std::int64_t line, int depth) {
    Json& value = document.value;
    if (depth > kMostDepth)
        return refuse(next_line(line), base::fail("too_deep", "lists within lists hold no rows"));
    if (value.is_array()) {
        for (auto& item : value) {
            if (!error_.code.empty()) return;
            take({std::move(item), "", false}, line, depth + 1);
        }
        return;
    }
    if (!value.is_object())
        return refuse(next_line(line), base::fail("not_an_object", "a record must be an object of fields"));

    const auto failed = [](const wire::CallFailure& failure) {
        return base::Error{failure.code, failure.reason};
    };
    if (const Json* error = platforms::envelope(document, "error_response"))
        return refuse(next_line(line), failed(wire::classify_top_error(*error)));
    for (const auto& entry : platforms::previews()) {
        auto rows = entry.open(document);
        if (!rows) continue;
        if (document.simplified && format_ == "json") format_ = "json_simplified";
        return take_rows(entry, std::move(*rows), line);
    }
    // The gateway's own ways to say no.
    if (member(value, "flag").is_string() || member(value, "response").contains("flag")) {
        effect::HttpResult ok;
        ok.status = 200;
        const auto answer = wire::qimen_content(value, document.root, ok);
        if (const auto* failure = std::get_if<wire::CallFailure>(&answer))
            return refuse(next_line(line), failed(*failure));
    }
    if (forced_ != nullptr || entry_of(value) != nullptr)
        return take_row(entry_of(value), value, next_line(line));
    // Rows that somebody wrapped: in the only member that may hold any.
    Json* inner = nullptr;
    std::size_t holders = 0;
    for (auto& item : value) {
        if (!item.is_object() && !(item.is_array() && !item.empty() && item.front().is_object())) continue;
        ++holders;
        inner = &item;
    }
    if (holders == 1) {
        Json content = std::move(*inner);
        return take({std::move(content), "", false}, line, depth + 1);
    }
    take_row(nullptr, value, next_line(line));
}

void Preview::take_rows(const Entry& entry, platforms::PreviewRows rows, std::int64_t line) {
    const auto* list = std::get_if<std::vector<Json>>(&rows);
    if (platform_.empty() && (list == nullptr || list->empty())) platform_ = entry.platform;
    if (const auto* error = std::get_if<base::Error>(&rows)) {
        if (error->code == "push_sealed" || error->code == "push_unreadable") {
            needs_push_key_ = true;
            ++unread_;
        }
        return refuse(next_line(line), *error);
    }
    for (const auto& row : *list) {
        if (!error_.code.empty()) return;
        take_row(&entry, row, next_line(line));
    }
}

const Preview::Entry* Preview::entry_of(const Json& row) {
    if (forced_ != nullptr) return forced_;
    bool same = row.size() == last_names_.size() && last_entry_ != nullptr;
    if (same) {
        auto name = last_names_.begin();
        for (const auto& item : row.items()) same = same && item.key() == *name++;
    }
    if (!same) {
        last_names_.clear();
        for (const auto& item : row.items()) last_names_.push_back(item.key());
        last_entry_ = platforms::recognise(row);
    }
    return last_entry_;
}

void Preview::take_row(const Entry* entry, const Json& row, std::int64_t line) {
    if (!row.is_object())
        return refuse(line, base::fail("not_an_object", "a record must be an object of fields"));
    if (entry == nullptr) {
        return refuse(line,
                      base::fail("not_recognised",
                                 "its fields belong to no platform that is known: choose the platform"));
    }
    if (body_.size() > platforms::kMostRowBytes && platforms::text_size(row) > platforms::kMostRowBytes) {
        return refuse(line,
                      base::fail("record_too_large", "one record of more than 1 MB: no lead is that large"));
    }
    auto& reader = readers_[entry->platform];
    if (!reader) reader = entry->make(*options_);
    if (platform_.empty()) platform_ = entry->platform;
    if (platform_ != entry->platform) platform_ = "mixed";
    platforms::PreviewRecord record = reader->read(row);
    std::string platform(entry->platform);
    if (!record.error.code.empty()) return refuse(line, record.error);
    if (!record.row.is_null()) {
        ++records_;
        Json problems = Json::array();
        for (const auto& problem : record.problems)
            problems.push_back(codec::object({{"column", problem.column}, {"problem", problem.problem}}));
        widen(record.row);
        Json out = codec::object(
            {{"line", line}, {"row", std::move(record.row)}, {"problems", std::move(problems)}});
        if (record.type != 0) out["type"] = record.type;
        rows_.add(out);
    }
    if (!record.document.is_null()) {
        const std::string source = member_text(member(record.document, "source"), "platform").value_or("");
        if (!source.empty()) platform = source;
        add_lead(line, platform, std::move(record.document), record, row);
    }
    for (auto& lead : record.leads) {
        if (lead.source.platform.empty()) lead.source.platform = platform;
        if (lead.source.name.empty()) lead.source.name = lead.source.platform;
        if (format_ == "csv") read_day_numbers(lead);
        add_lead(line, lead.source.platform, lead::to_document(lead, vault_), record, row);
    }
    check_size();
}

void Preview::check_size() {
    const bool large = leads_.text.size() + rows_.text.size() + problems_.text.size() > kMostText;
    if (static_cast<std::size_t>(records_) > kMostRecords || large) {
        error_ =
            base::fail("too_many_records", "more than " + std::to_string(kMostRecords) +
                                               " records (or very large ones) at once: cut it into pieces");
    }
}

void Preview::List::add(const Json& item) {
    text += size++ == 0 ? "" : ",";
    text += codec::dump_json(item);
}

void Preview::add_lead(std::int64_t line, const std::string& platform, Json document,
                       const platforms::PreviewRecord& record, const Json& row) {
    ++records_;
    Json out = codec::object({{"line", line}, {"platform", platform}});
    if (const auto person = member_text(document, "person_key")) out["person"] = *person;
    for (const auto& phone : member(document, "phones")) {
        if (member_text(phone, "class") != "encrypted") continue;
        ++unread_;
        needs_key_ = true;
        break;
    }
    Json view = lead::view(document, vault_, reveal_);
    // Sealed is sealed, whoever looks: it comes back as it was.
    if (const Json& phones = member(document, "phones"); phones.is_array()) {
        for (std::size_t i = 0; i < phones.size(); ++i) {
            const Json& sealed = member(phones[i], "sealed");
            if (!sealed.is_null()) view["phones"][i]["sealed"] = sealed;
        }
    }
    widen(view);
    out["lead"] = std::move(view);
    if (raw_) {
        Json copy = reveal_ ? row : lead::redacted(row);
        widen(copy);
        out["raw"] = std::move(copy);
    }
    Json unknown = Json::array();
    for (const auto& [name, count] : record.unknown) unknown.push_back(reveal_ ? name : lead::redact(name));
    out["unknown"] = std::move(unknown);
    leads_.add(out);
}

void Preview::refuse(std::int64_t line, const base::Error& error) {
    ++records_;
    const std::string reason = reveal_ ? error.reason : lead::redact(error.reason);
    problems_.add(codec::object({{"line", line}, {"code", error.code}, {"problem", reason}}));
    last_problem_ = error;
    check_size();
}

void Preview::finish() {
    // One document that gives nothing else: that is the whole answer.
    if (whole_ && leads_.size == 0 && rows_.size == 0 && problems_.size == 1 && error_.code.empty())
        error_ = last_problem_;
    if (!error_.code.empty()) {
        records_ = 0;
        leads_ = rows_ = problems_ = {};
    }
    if (!error_.code.empty() || problems_.size > 0) exit_ = 2;
    Json needs = Json::array();
    if (needs_key_) needs.push_back("mobile_key");
    if (needs_push_key_) needs.push_back("tanma_app_key");
    Json out = codec::object({{"job", "preview"},
                              {"platform", platform_},
                              {"format", format_},
                              {"records", records_},
                              {"unread", unread_},
                              {"needs", std::move(needs)}});
    base::Error key = options_ ? options_->key_problem : base::Error{};
    if (key.code.empty() && needs_key_ && !member_text(event_, "mobile_key").value_or("").empty()) {
        key = base::fail(
            "wrong_key",
            "phones stayed encrypted under this key and cipher: check that the key is the one given "
            "to the platform for this app, and try the other ciphers");
    }
    if (!key.code.empty()) out["key_problem"] = error_json(key);
    if (!error_.code.empty()) out["error"] = error_json(error_);
    summary_ = codec::dump_json(out);
    summary_.pop_back();
    for (const auto& [name, list] : {std::pair{"leads", &leads_}, {"rows", &rows_}, {"problems", &problems_}})
        summary_.append(",\"").append(name).append("\":[").append(list->text).append("]");
    summary_ += '}';
}

}  // namespace

Outcome preview(Json event, std::string_view body, base::Millis now, crypto::RandomStream& random) {
    return Preview(std::move(event), body).run(now, random);
}

}  // namespace leadbridge::jobs
