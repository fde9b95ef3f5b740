#include "import/import_file.hpp"

#include <algorithm>
#include <fstream>

#include "base/console_text.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::uintmax_t file_size_max = 1ULL << 30U;
// Well below what the server takes in one request.
constexpr std::size_t batch_bytes_max = 1U << 20U;

Error wrong(const std::string& path, const std::string& why) {
    return {Errc::invalid_input, path + ": " + why};
}

struct Content {
    std::string identity;
    std::unique_ptr<std::string> text;
};

Result<Content> read_content(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return wrong(path, "there is no such file");
    }
    if (!std::filesystem::is_regular_file(status)) return wrong(path, "is not a plain file");
    const auto size = std::filesystem::file_size(path, error);
    if (error) return wrong(path, "cannot be read");
    if (size > file_size_max) return wrong(path, "is larger than 1 GiB; split it");
    const auto changed_at = std::filesystem::last_write_time(path, error);
    Content content;
    content.identity = std::filesystem::absolute(path, error).lexically_normal().string() + "|" +
                       std::to_string(size) + "|" +
                       std::to_string(changed_at.time_since_epoch().count());
    content.text = std::make_unique<std::string>(static_cast<std::size_t>(size), '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(content.text->data(), static_cast<std::streamsize>(size));
    if (!file) return wrong(path, "cannot be read");
    return content;
}

std::vector<std::string> columns_of(const std::vector<ColumnRule>& rules) {
    std::vector<std::string> columns;
    for (const auto& rule : rules) columns.push_back(rule.column);
    return columns;
}

}  // namespace

Result<ImportFile> ImportFile::open(const std::string& path, const ImportPlanning& planning) {
    WRAPUP_TRY(Content content, read_content(path));
    ImportFile file;
    file.name_ = terminal_text(std::filesystem::path(path).filename().string());
    file.identity_ = std::move(content.identity);
    file.text_ = std::move(content.text);
    auto table = ImportTable::open(*file.text_, columns_of(planning.rules));
    if (!table) return wrong(path, table.error().detail);
    file.table_.emplace(*std::move(table));
    auto map = map_columns(file.table_->columns(), planning.kind, planning.rules);
    if (!map) return wrong(path, map.error().detail);
    file.map_ = *std::move(map);
    return file;
}

std::string ImportFile::render_preview(bool has_colour) const {
    std::vector<std::string> taken_as;
    for (const auto& field : map_.fields) {
        taken_as.emplace_back(field ? to_string(*field) : std::string_view("-"));
    }
    return painted(name_ + ": " + std::string(to_string(map_.kind)), Paint::bold, has_colour) +
           ", " + render_columns(*table_, taken_as);
}

std::string ImportFile::progress_key(const std::string& target) const {
    std::string key = identity_ + "|" + target + "|" + std::string(to_string(map_.kind));
    for (std::size_t i = 0; i < map_.fields.size(); ++i) {
        if (!map_.fields[i]) continue;
        key += "|" + std::to_string(i) + "=" + std::string(to_string(*map_.fields[i]));
    }
    return key;
}

Result<ImportProgress> ImportRun::run(const ImportProgress& from, bool is_dry_run,
                                      const std::function<void(const ImportProgress&)>& keep) {
    progress_ = from;
    if (from.at.offset > 0) file_.table_->seek(from.at);
    bool is_over = false;
    while (!is_over) {
        auto row = file_.table_->next();
        is_over = !row.has_value();
        if (row) take_row(*std::move(row));
        const bool is_full =
            batch_.size() == ImportTarget::batch_max || batch_bytes_ >= batch_bytes_max;
        if (!is_full && !is_over) continue;
        WRAPUP_CHECK(write_batch(is_dry_run));
        progress_.at = file_.table_->position();
        keep(progress_);
        listener_.on_progress(progress_.at.offset, file_.text_->size());
    }
    return progress_;
}

void ImportRun::take_row(ImportRow row) {
    progress_.lines_count += 1;
    if (!row.problem.empty()) {
        refuse(row.line, row.problem);
        return;
    }
    for (const auto& cell : row.cells) batch_bytes_ += cell.size();
    auto item = read_import_item(file_.map_, row.cells, read_phone_);
    if (!item) {
        refuse(row.line, item.error().detail);
        return;
    }
    batch_.push_back(*std::move(item));
    batch_lines_.push_back(row.line);
}

void ImportRun::refuse(std::size_t line, const std::string& reason) {
    progress_.bad_count += 1;
    listener_.on_bad_line(line, reason);
}

Result<void> ImportRun::write_batch(bool is_dry_run) {
    if (!batch_.empty()) {
        WRAPUP_TRY(const ImportOutcome outcome, target_.write(file_.map_.kind, batch_, is_dry_run));
        progress_.changed_count += outcome.changed_count;
        progress_.unchanged_count += outcome.unchanged_count;
        for (const auto& [index, reason] : outcome.refused) refuse(batch_lines_[index], reason);
    }
    batch_.clear();
    batch_lines_.clear();
    batch_bytes_ = 0;
    return {};
}

}  // namespace wrapup
