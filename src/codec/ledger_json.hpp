#pragma once

// The ledger as JSON: what the API answers, and what a closed day's hash is made of
// (docs/ledger.md).

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/ledger.hpp"

namespace wrapup {

// {"date",…,"differences":[…]}: what is sealed.
std::string ledger_content(const LedgerDay& day);
// The same with "sealed_at", "hash", "previous_hash" and "corrections": of a day that is open; its
// previous_hash may be empty.
std::string open_day_json(const LedgerDay& day, std::string_view previous_hash);
// And of one that was closed, with its own corrections and what is unexplained of it now. Only when
// some are left out, there is "corrections_left_out" too.
std::string sealed_day_json(const SealedDay& day, std::span<const LedgerCorrection> corrections,
                            std::span<const LedgerDifference> unexplained,
                            std::int64_t corrections_left_out = 0);

// SHA-256, in hex, of three parts with a line feed behind each: the hash of the day before (empty
// for the first one), the content, and every correction that was made since the day before was
// closed, each as its JSON with a line feed.
std::string seal_hash(std::string_view previous_hash, std::string_view content,
                      std::span<const LedgerCorrection> corrections);

// The columns that a content states; those that it does not are 0. invalid_input.
struct SealedColumns {
    std::int64_t accepted = 0;
    std::map<ParkReason, std::int64_t> parked;
    std::int64_t in_flight = 0;
    std::int64_t out_of_scope = 0;
    bool has_twilio = false;

    bool operator==(const SealedColumns&) const = default;
};
Result<SealedColumns> parse_ledger_content(std::string_view content);
// How many sums of the day did not add up then; 0 where the content does not say.
std::int64_t wrong_sums_in(std::string_view content);

}  // namespace wrapup
