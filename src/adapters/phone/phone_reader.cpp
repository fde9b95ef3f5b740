#include "adapters/phone/phone_reader.hpp"

#include <algorithm>

#include "adapters/phone/phone_number_library.hpp"
#include "adapters/phone/spelling.hpp"
#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

using Parsed = PhoneNumberLibrary::Parsed;
using Verdict = PhoneNumberLibrary::Verdict;

constexpr const char* no_country = "ZZ";  // As libphonenumber calls it.

Error wrong(std::string why) { return {Errc::invalid_input, std::move(why)}; }

std::string digits_of(const std::string& number) {
    std::string digits;
    for (const char c : number) {
        if (c >= '0' && c <= '9') digits += c;
    }
    return digits;
}

// Said with its country, a number counts even where the tables, which are of some year, do not know
// its range yet.
Result<std::string> judge_international(const Parsed& parsed) {
    switch (parsed.verdict) {
        case Verdict::valid:
        case Verdict::possible: return parsed.e164;
        case Verdict::no_number: return wrong("is no phone number");
        case Verdict::no_country: return wrong("begins with no country's code");
        case Verdict::too_short: return wrong("is too short for its country");
        case Verdict::too_long: return wrong("is too long for its country");
    }
    return wrong("is no phone number");
}

}  // namespace

PhoneReader::PhoneReader(std::string country) : country_(std::move(country)) {}

PhoneReader::~PhoneReader() = default;

Result<const PhoneNumberLibrary*> PhoneReader::library() const {
    const std::scoped_lock lock{mutex_};
    if (!library_) {
        WRAPUP_TRY(library_, PhoneNumberLibrary::load());
    }
    return static_cast<const PhoneNumberLibrary*>(library_.get());
}

Result<void> PhoneReader::check_country() const {
    WRAPUP_TRY(const PhoneNumberLibrary* loaded, library());
    if (country_.empty() || loaded->knows_country(country_)) return {};
    return wrong("is no country's two letters, such as AU");
}

Result<std::vector<std::string>> PhoneReader::countries_of(std::string_view e164) const {
    if (!e164.starts_with('+')) return std::vector<std::string>{};
    WRAPUP_TRY(const PhoneNumberLibrary* loaded, library());
    return loaded->countries_of(std::string(e164));
}

Result<std::string> PhoneReader::read(std::string_view text) const {
    WRAPUP_TRY(const std::string number, plain_phone_text(text));
    if (is_voice_address(number)) return number;
    WRAPUP_TRY(const PhoneNumberLibrary* loaded, library());
    return read_number(*loaded, number);
}

Result<std::string> PhoneReader::read_number(const PhoneNumberLibrary& loaded,
                                             const std::string& number) const {
    const std::size_t first = number.find_first_not_of(" (");
    if (number[first] == '+') return judge_international(loaded.parse(number, no_country));
    const std::string digits = digits_of(number);
    if (!country_.empty()) {
        const Parsed national = loaded.parse(number, country_);
        if (national.verdict == Verdict::valid) return national.e164;
        if (!loaded.knows_country(country_))
            return wrong("cannot be read: WRAPUP_COUNTRY names no country");
    }
    if (digits.starts_with("00")) {
        return judge_international(loaded.parse("+" + digits.substr(2), no_country));
    }
    // Without '+' it counts as international only where that makes a number in use.
    if (!digits.starts_with('0')) {
        const Parsed international = loaded.parse("+" + digits, no_country);
        if (international.verdict == Verdict::valid) return international.e164;
    }
    if (!country_.empty()) return wrong("is no number of " + country_ + ", and has no '+'");
    return wrong("has no country: write +…, or set WRAPUP_COUNTRY, such as AU");
}

}  // namespace wrapup
