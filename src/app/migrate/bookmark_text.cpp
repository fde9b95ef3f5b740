#include "app/migrate/bookmark_text.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"

namespace wrapup::migrate {
namespace {

constexpr std::string_view table_prefix = "table ";

Error not_ours() {
    return {Errc::corrupt, "the bookmark of the unfinished migration cannot be read"};
}

Result<Bookmark> parse_bookmark(std::string_view text) {
    Bookmark bookmark;
    int place = 0;
    for (const std::string& word : split_list(text, ' ')) {
        const auto number = parse_int(word);
        if (place == 0) {
            if (!number) return not_ours();
            bookmark.rows_count = *number;
        } else if (place == 1) {
            bookmark.is_whole = word == "whole";
        } else if (word.starts_with('x')) {
            auto bytes = from_hex(std::string_view(word).substr(1));
            if (!bytes) return not_ours();
            bookmark.after.emplace_back(*std::move(bytes));
        } else {
            if (!number) return not_ours();
            bookmark.after.emplace_back(*number);
        }
        place += 1;
    }
    return bookmark;
}

}  // namespace

std::string bookmark_key(const std::string& table) { return std::string(table_prefix) + table; }

// "1500 more 17 x6162": rows, whether there are more, the key; a text in hexadecimal, for it may
// hold any bytes. Keys are never null.
std::string to_text(const Bookmark& bookmark) {
    std::string text =
        std::to_string(bookmark.rows_count) + (bookmark.is_whole ? " whole" : " more");
    for (const Cell& cell : bookmark.after) {
        if (const auto* number = std::get_if<std::int64_t>(&cell)) {
            text += " " + std::to_string(*number);
        } else if (const auto* bytes = std::get_if<std::string>(&cell)) {
            text += " x" + to_hex(*bytes);
        }
    }
    return text;
}

std::map<std::string, std::string> texts_of(const BegunMigration& migration) {
    std::map<std::string, std::string> texts{{"source", migration.source},
                                             {"commits", std::to_string(migration.commits_count)}};
    for (const auto& [table, bookmark] : migration.tables) {
        texts.emplace(bookmark_key(table), to_text(bookmark));
    }
    return texts;
}

Result<BegunMigration> parse_begun(const std::map<std::string, std::string>& texts) {
    BegunMigration begun;
    const auto source = texts.find("source");
    const auto commits = texts.find("commits");
    if (source == texts.end() || commits == texts.end()) return not_ours();
    begun.source = source->second;
    const auto commits_count = parse_int(commits->second);
    if (!commits_count) return not_ours();
    begun.commits_count = *commits_count;
    for (const auto& [key, value] : texts) {
        if (!key.starts_with(table_prefix)) continue;
        WRAPUP_TRY(Bookmark bookmark, parse_bookmark(value));
        begun.tables.emplace(key.substr(table_prefix.size()), std::move(bookmark));
    }
    return begun;
}

}  // namespace wrapup::migrate
