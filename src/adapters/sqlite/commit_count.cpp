#include "adapters/sqlite/commit_count.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "domain/lost_commits.hpp"

namespace wrapup::sqlite {
namespace {

// Two numbers, a blank and a line's end: always as long, so that it is never cut.
constexpr std::size_t number_size = 18;
constexpr std::size_t text_size = 2 * number_size + 2;

std::string padded(std::int64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(number_size - std::min(number_size, digits.size()), '0') + digits;
}

struct Counted {
    std::int64_t count = 0;
    std::int64_t at_s = 0;
};

std::optional<Counted> read_file(int descriptor) {
    std::array<char, text_size> text{};
    if (::pread(descriptor, text.data(), text_size, 0) != ssize_t{text_size}) return std::nullopt;
    const std::string_view all{text.data(), text_size};
    const auto count = parse_int(all.substr(0, number_size));
    const auto at_s = parse_int(all.substr(number_size + 1, number_size));
    if (!count || !at_s) return std::nullopt;
    return Counted{*count, *at_s};
}

Counted read_row(Connection& writer) {
    Query query = writer.query("SELECT count, at_s FROM commits");
    if (!query.next()) return {};
    return {query.integer(0), query.integer(1)};
}

void keep_loss(Connection& writer, const LostCommits& lost) {
    writer.run("INSERT OR REPLACE INTO kept_values (key, value) VALUES (?1, ?2)", lost_commits_key,
               std::string_view(encode(lost)));
}

LostCommits loss_between(const Counted& stored, const Counted& told, UtcTime now) {
    LostCommits lost;
    lost.count = told.count - stored.count;
    lost.from = from_unix_s(stored.at_s);
    lost.until = from_unix_s(told.at_s);
    lost.found_at = std::max(now, lost.until);
    return lost;
}

}  // namespace

Result<CommitCount> CommitCount::open(Connection& writer, Beside beside, UtcTime now) {
    CommitCount commits;
    const std::string path = writer.path() + "-commits";
    commits.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const Counted stored = read_row(writer);
    WRAPUP_CHECK(writer.take_failure());
    commits.count_ = stored.count;
    commits.at_s_ = stored.at_s;
    const auto told = beside == Beside::older || commits.descriptor_ < 0
                          ? std::nullopt
                          : read_file(commits.descriptor_);
    if (told && told->count > stored.count) {
        commits.count_ = told->count;
        commits.at_s_ = told->at_s;
        writer.execute("BEGIN IMMEDIATE");
        keep_loss(writer, loss_between(stored, *told, now));
        writer.run("UPDATE commits SET count = ?1, at_s = ?2", told->count, told->at_s);
        writer.execute("COMMIT");
    } else if (!told && beside == Beside::its_own && stored.count > 0) {
        keep_loss(writer, {lost_count_unknown, from_unix_s(stored.at_s), now, now});
    }
    WRAPUP_CHECK(writer.take_failure());
    commits.note();
    // From here on it is there: a power cut leaves it older, and not empty.
    if (!told && commits.descriptor_ >= 0) ::fdatasync(commits.descriptor_);
    return commits;
}

void CommitCount::count(Connection& writer, UtcTime now) {
    count_ += 1;  // Of a transaction that fails too: the next one may skip a number.
    at_s_ = to_unix_s(now);
    writer.run("UPDATE commits SET count = ?1, at_s = ?2", count_, at_s_);
}

void CommitCount::note() const {
    if (descriptor_ < 0) return;
    const std::string text = padded(count_) + " " + padded(at_s_) + "\n";
    [[maybe_unused]] const auto written = ::pwrite(descriptor_, text.data(), text.size(), 0);
}

CommitCount::CommitCount(CommitCount&& other) noexcept
    : count_(other.count_), at_s_(other.at_s_), descriptor_(std::exchange(other.descriptor_, -1)) {}

CommitCount& CommitCount::operator=(CommitCount&& other) noexcept {
    std::swap(count_, other.count_);
    std::swap(at_s_, other.at_s_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

CommitCount::~CommitCount() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace wrapup::sqlite
