#include "app/migrate/migration.hpp"

#include <algorithm>
#include <charconv>

#include "codec/bytes/digest.hpp"

namespace wrapup::migrate {
namespace {

constexpr int slice_rows_min = 16;
constexpr int slice_rows_max = 1024;

std::int64_t size_of(const Row& row) {
    std::int64_t bytes = 0;
    for (const Cell& cell : row) {
        const auto* text = std::get_if<std::string>(&cell);
        bytes += text == nullptr ? 8 : std::ssize(*text);
    }
    return bytes;
}

// How many rows the next slice has: payloads may be a few bytes or a megabyte.
class SliceSize {
public:
    explicit SliceSize(std::int64_t bytes) : bytes_(bytes) {}
    int rows() const { return rows_; }
    void learn(const std::vector<Row>& slice) {
        std::int64_t bytes = 0;
        for (const Row& row : slice) bytes += size_of(row);
        if (bytes > bytes_) rows_ = std::max(slice_rows_min, rows_ / 2);
        if (bytes < bytes_ / 2) rows_ = std::min(slice_rows_max, rows_ * 2);
    }

private:
    std::int64_t bytes_;
    int rows_ = slice_rows_min;
};

// The sum of the digests of all rows.
class Checksum {
public:
    void add(const Row& row) {
        std::string text;
        for (const Cell& cell : row) {
            if (const auto* number = std::get_if<std::int64_t>(&cell)) {
                text += "i" + std::to_string(*number) + ";";
            } else if (const auto* bytes = std::get_if<std::string>(&cell)) {
                text += "t" + std::to_string(bytes->size()) + ":" + *bytes;
            } else {
                text += "n";
            }
        }
        const std::string digest = sha256_hex(text);
        high_ += word_of(std::string_view(digest).substr(0, 16));
        low_ += word_of(std::string_view(digest).substr(16, 16));
        rows_count_ += 1;
    }
    std::int64_t rows_count() const { return rows_count_; }
    std::string text() const { return digits_of(high_) + digits_of(low_); }
    bool operator==(const Checksum&) const = default;

private:
    static std::uint64_t word_of(std::string_view digits) {
        std::uint64_t word = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), word, 16);
        return word;
    }
    static std::string digits_of(std::uint64_t word) {
        std::string text(16, '0');
        for (auto at = text.rbegin(); at != text.rend(); ++at, word >>= 4U) {
            *at = "0123456789abcdef"[word & 0xfU];
        }
        return text;
    }

    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
    std::int64_t rows_count_ = 0;
};

class Migration {
public:
    Migration(StateSide& source, StateSide& target, const MigrationOptions& options)
        : source_(source), target_(target), options_(options) {}

    Result<MigrationReport> run() {
        WRAPUP_TRY(tables_, plan_migration(source_, target_));
        WRAPUP_CHECK(take_target());
        for (const Table& table : tables_) {
            WRAPUP_TRY(const std::int64_t count, source_.count_rows(table));
            report_.rows_count += count;
            report_.found_count += begun_.tables[table.name].rows_count;
        }
        report_.copied_count = report_.found_count;
        for (const Table& table : tables_) {
            WRAPUP_CHECK(copy(table));
        }
        for (const Table& table : tables_) {
            WRAPUP_CHECK(compare(table));
        }
        if (!report_.is_interrupted) {
            // In this order: cut off in between, neither can be started on, and not both.
            WRAPUP_CHECK(source_.note_moved_to(target_.name()));
            WRAPUP_CHECK(target_.finish());
        }
        return std::move(report_);
    }

private:
    // Makes the target ours, or finds that it is.
    Result<void> take_target() {
        WRAPUP_TRY(auto begun, target_.find_begun());
        if (begun && options_.restarts) {
            WRAPUP_CHECK(target_.undo(tables_));
            begun.reset();
        }
        WRAPUP_TRY(const std::int64_t commits_count, source_.count_commits());
        if (begun) {
            begun_ = *std::move(begun);
            return check_source(commits_count);
        }
        for (const Table& table : tables_) {
            WRAPUP_TRY(const auto rows, target_.read(table, {}, 1));
            // What counts nothing is there from the start.
            if (rows.empty() || table.name == "counters") continue;
            return Error{Errc::conflict, target_.name() + ": holds a state already: its table " +
                                             table.name + " has rows"};
        }
        begun_ = {source_.name(), commits_count, {}};
        return target_.begin(begun_);
    }
    Result<void> check_source(std::int64_t commits_count) const {
        const std::string anew = "; --restart takes back what was copied, and begins anew";
        if (begun_.source != source_.name()) {
            return Error{Errc::conflict, target_.name() + ": holds half of the state of " +
                                             begun_.source + ", not of " + source_.name() + anew};
        }
        if (begun_.commits_count == commits_count) return {};
        return Error{Errc::conflict,
                     source_.name() + ": was written to since the migration began" + anew};
    }

    Result<void> copy(const Table& table) {
        Bookmark bookmark = begun_.tables[table.name];
        SliceSize size(options_.slice_bytes);
        while (!bookmark.is_whole) {
            if (is_stopped()) return {};
            WRAPUP_TRY(const auto rows, source_.read(table, bookmark.after, size.rows()));
            bookmark.is_whole = std::ssize(rows) < size.rows();
            bookmark.rows_count += std::ssize(rows);
            if (!rows.empty()) bookmark.after = key_of(table, rows.back());
            WRAPUP_CHECK(target_.write(table, rows, bookmark));
            size.learn(rows);
            report_.copied_count += std::ssize(rows);
            options_.tell({false, table.name, report_.copied_count, report_.rows_count});
        }
        return {};
    }

    Result<void> compare(const Table& table) {
        WRAPUP_TRY(const Checksum sent, sum_of(source_, table));
        WRAPUP_TRY(const Checksum received, sum_of(target_, table));
        if (report_.is_interrupted) return {};
        if (sent != received) {
            return Error{Errc::conflict,
                         "table " + table.name +
                             " is not the same in both: " + std::to_string(sent.rows_count()) +
                             " rows, checksum " + sent.text() + ", in " + source_.name() + "; " +
                             std::to_string(received.rows_count()) + " rows, checksum " +
                             received.text() + ", in " + target_.name() +
                             "; --restart takes back what was copied, and begins anew"};
        }
        report_.tables.push_back({table.name, sent.rows_count(), sent.text()});
        return {};
    }
    Result<Checksum> sum_of(StateSide& side, const Table& table) {
        Checksum sum;
        Row after;
        SliceSize size(options_.slice_bytes);
        for (bool is_whole = false; !is_whole && !is_stopped();) {
            WRAPUP_TRY(const auto rows, side.read(table, after, size.rows()));
            is_whole = std::ssize(rows) < size.rows();
            for (const Row& row : rows) sum.add(row);
            if (!rows.empty()) after = key_of(table, rows.back());
            size.learn(rows);
            compared_count_ += std::ssize(rows);
            options_.tell({true, table.name, compared_count_, 2 * report_.rows_count});
        }
        return sum;
    }

    bool is_stopped() {
        report_.is_interrupted = report_.is_interrupted || options_.is_interrupted();
        return report_.is_interrupted;
    }

    StateSide& source_;
    StateSide& target_;
    const MigrationOptions& options_;
    std::vector<Table> tables_;
    BegunMigration begun_;
    std::int64_t compared_count_ = 0;
    MigrationReport report_;
};

// What `a` has and `b` has not, in words; empty: nothing.
std::string lacks(const std::vector<Table>& a, const std::vector<Table>& b) {
    for (const Table& table : a) {
        const auto twin = std::ranges::find(b, table.name, &Table::name);
        if (twin == b.end()) return "table " + table.name;
        for (const Column& column : table.columns) {
            if (std::ranges::find(twin->columns, column) == twin->columns.end()) {
                return "column " + table.name + "." + column.name +
                       (column.is_text ? " (text)" : "");
            }
        }
        if (table.key.empty() || table.key != twin->key) return "the same key of " + table.name;
    }
    return {};
}

}  // namespace

Result<std::vector<Table>> plan_migration(StateSide& source, StateSide& target) {
    WRAPUP_TRY(auto from, source.tables());
    WRAPUP_TRY(const auto to, target.tables());
    const auto refuse = [](const StateSide& side, const std::string& what) {
        return Error{Errc::conflict, side.name() + ": has no place for " + what +
                                         " of the other one: nothing is copied"};
    };
    if (const std::string what = lacks(from, to); !what.empty()) return refuse(target, what);
    if (const std::string what = lacks(to, from); !what.empty()) return refuse(source, what);
    return from;
}

Result<MigrationReport> run_migration(StateSide& source, StateSide& target,
                                      const MigrationOptions& options) {
    return Migration(source, target, options).run();
}

}  // namespace wrapup::migrate
