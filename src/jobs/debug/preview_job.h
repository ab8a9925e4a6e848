#pragma once
// `preview`: a payload of any platform becomes leads, without a source and without a store (docs/preview.md).
// No effects: begin() is all.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/task.h"
#include "platforms/registry.h"

namespace leadbridge::jobs {

class PreviewJob final : public Job {
  public:
    // `body` is borrowed until begin() returns: it may be megabytes.
    PreviewJob(codec::Json event, std::string_view body) : event_(std::move(event)), body_(body) {}

    void begin(Context& context) override;
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return true; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] std::string summary_text() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

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
    void take_row(const Entry* entry, const codec::Json& row, std::int64_t line);
    void add_lead(std::int64_t line, const std::string& platform, codec::Json document,
                  const platforms::PreviewRecord& record, const codec::Json& row);
    void refuse(std::int64_t line, const base::Error& error);
    const Entry* entry_of(const codec::Json& row);
    [[nodiscard]] std::int64_t next_line(std::int64_t line);
    void check_size();
    void finish();

    codec::Json event_;
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
        void add(const codec::Json& item);
    };
    List leads_, rows_, problems_;
    base::Error error_, last_problem_;
    std::string summary_;
    int exit_ = 0;
};

}  // namespace leadbridge::jobs
