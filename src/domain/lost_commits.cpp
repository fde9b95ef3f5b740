#include "domain/lost_commits.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace wrapup {

LostCommits operator+(const LostCommits& one, const LostCommits& other) {
    return {one.count + other.count, std::min(one.from, other.from),
            std::max(one.until, other.until), std::max(one.found_at, other.found_at)};
}

std::string encode(const LostCommits& lost) {
    return std::to_string(lost.count) + "," + std::to_string(to_unix_s(lost.from)) + "," +
           std::to_string(to_unix_s(lost.until)) + "," + std::to_string(to_unix_s(lost.found_at));
}

std::optional<LostCommits> decode_lost_commits(std::string_view text) {
    const std::vector<std::string> parts = split_list(text);
    if (parts.size() != 4) return std::nullopt;
    std::int64_t numbers[4]{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = parse_int(parts[i]);
        if (!number) return std::nullopt;
        numbers[i] = *number;
    }
    return LostCommits{numbers[0], from_unix_s(numbers[1]), from_unix_s(numbers[2]),
                       from_unix_s(numbers[3])};
}

std::string words_of(const LostCommits& lost, std::string_view why) {
    std::string span = "until " + format_rfc3339(lost.until);
    if (to_unix_s(lost.from) > 0) span = "from " + format_rfc3339(lost.from) + " " + span;
    if (lost.count == lost_count_unknown) {
        return "whether the store has all that was acknowledged cannot be told: its count "
               "(-commits) is missing or damaged. Calls " +
               span + " may be missing";
    }
    return "the store is " + std::to_string(lost.count) +
           (lost.count == 1 ? " commit" : " commits") + " behind what was acknowledged, " + span +
           ": " + std::string(why) + ". Calls of that time may be missing";
}

}  // namespace wrapup
