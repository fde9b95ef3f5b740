#include "adapters/postgres/commit_count.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/fnv.hpp"
#include "base/text.hpp"

namespace wrapup::postgres {
namespace {

// Always as long, so that the file is never cut.
constexpr std::size_t field_size = 20;
constexpr std::size_t fields_count = 6;
constexpr std::size_t text_size = fields_count * (field_size + 1);

constexpr std::int64_t turns_max = 2'048;  // More than a slot has.
// What nodes find within it is one incident.
constexpr std::chrono::hours incident{1};

std::string padded(std::string_view text) {
    return std::string(field_size - std::min(field_size, text.size()), ' ').append(text);
}
std::string padded(std::int64_t number) { return padded(std::to_string(number)); }

// Where a node's rows begin, above all slots.
std::int64_t first_row_of(const std::string& node_id) {
    if (node_id.empty()) return 0;
    const std::uint64_t hash = std::stoull(fnv_hex(node_id).substr(0, 12), nullptr, 16);
    return static_cast<std::int64_t>(hash | (1ULL << 47U)) * turns_max;
}

}  // namespace

CommitCount::CommitCount(const std::string& node_id, const std::string& file)
    : first_row_(first_row_of(node_id)) {
    if (first_row_ == 0 || file.empty()) return;
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (auto known = read_file()) mark_ = *std::move(known);
    count_ = mark_.count;
}

CommitCount::~CommitCount() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

// Nothing of what another node left in a folder that was copied.
std::optional<CommitCount::Mark> CommitCount::read_file() const {
    std::array<char, text_size> text{};
    if (descriptor_ < 0) return std::nullopt;
    if (::pread(descriptor_, text.data(), text_size, 0) != ssize_t{text_size}) return std::nullopt;
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < fields_count; ++i) {
        const std::string_view field{text.data() + i * (field_size + 1), field_size};
        const std::size_t begin = field.find_first_not_of(' ');
        fields.emplace_back(begin == field.npos ? std::string_view{} : field.substr(begin));
    }
    std::array<std::int64_t, fields_count - 1> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto number = parse_int(fields[i]);
        if (!number) return std::nullopt;
        numbers[i] = *number;
    }
    if (numbers[0] != first_row_) return std::nullopt;
    return Mark{
        numbers[1], from_unix_s(numbers[2]), from_unix_s(numbers[3]), {fields.back(), numbers[4]}};
}

void CommitCount::put(Connection& connection, std::int64_t row, std::int64_t count,
                      UtcTime at) const {
    // Never backwards: two processes count in one row where a data folder was copied.
    connection.run(
        "INSERT INTO commits (no, count, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT (no) DO UPDATE"
        " SET count = greatest(commits.count + 1, excluded.count), at_ms = excluded.at_ms",
        row, count, at);
}

void CommitCount::count(Connection& connection, std::int64_t slot, std::int64_t turn, UtcTime now) {
    count_ += 1;
    counted_at_ = now;
    put(connection, first_row_ == 0 ? slot : first_row_ + turn, count_, now);
}

void CommitCount::note(const Timeline& timeline) {
    if (first_row_ == 0) return;
    if (mark_.count == 0) mark_.first_at = counted_at_;
    mark_ = {count_, mark_.first_at, counted_at_, timeline};
    if (descriptor_ < 0) return;
    const std::int64_t until_s = to_unix_s(std::chrono::ceil<seconds>(mark_.at));
    const std::string text = padded(first_row_) + " " + padded(mark_.count) + " " +
                             padded(to_unix_s(mark_.first_at)) + " " + padded(until_s) + " " +
                             padded(timeline.number) + " " + padded(timeline.system) + "\n";
    [[maybe_unused]] const auto written = ::pwrite(descriptor_, text.data(), text.size(), 0);
}

std::optional<LostCommits> CommitCount::compare(Connection& connection) {
    if (first_row_ == 0) return std::nullopt;
    auto row = connection.query(
        "SELECT count, at_ms FROM commits"
        " WHERE no >= ?1 AND no < ?2 ORDER BY count DESC LIMIT 1",
        first_row_, first_row_ + turns_max);
    const bool is_known = row.next();
    if (connection.has_failed()) return std::nullopt;
    const std::int64_t known = is_known ? row.integer(0) : 0;
    count_ = std::max({count_, known, mark_.count});
    // One of the same history that never heard of us is another database of that server.
    const bool is_ours = is_known || (mark_.timeline.system == connection.timeline().system &&
                                      mark_.timeline.number != connection.timeline().number);
    if (known >= mark_.count || !is_ours) return std::nullopt;
    connection.run("SELECT pg_advisory_xact_lock(6513003)");  // Nodes find it at once.
    LostCommits lost;
    lost.count = mark_.count - known;
    lost.from = is_known ? row.time(1) : mark_.first_at;
    lost.until = std::chrono::ceil<seconds>(mark_.at);  // Kept in seconds.
    lost.found_at = lost.until;
    auto now = connection.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
    if (now.next()) lost.found_at = std::max(lost.found_at, now.time(0));
    auto kept = connection.query("SELECT value FROM kept_values WHERE key = ?1", lost_commits_key);
    std::optional<LostCommits> before;
    if (kept.next()) before = decode_lost_commits(kept.view(0));
    const bool is_same = before && lost.found_at - before->found_at < incident;
    connection.run(
        "INSERT INTO kept_values (key, value) VALUES (?1, ?2)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        lost_commits_key, std::string_view(encode(is_same ? lost + *before : lost)));
    put(connection, first_row_, mark_.count, mark_.at);
    return lost;
}

}  // namespace wrapup::postgres
