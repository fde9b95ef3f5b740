#pragma once

// The few functions of libphonenumber that we call, bound when it is loaded. Its headers are not
// used: Debian's libphonenumber-dev wants Boost 1.74's headers, which exclude those of the Boost
// 1.81 that we build with.

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

class PhoneNumberLibrary {
public:
    // unavailable: it is not installed, or is not the libphonenumber 8 that we know.
    static Result<std::unique_ptr<PhoneNumberLibrary>> load();

    enum class Verdict {
        valid,      // In a range that is in use.
        possible,   // Of a length that its country has.
        no_number,  // Not one at all.
        no_country,
        too_short,
        too_long,
    };
    struct Parsed {
        Verdict verdict = Verdict::no_number;
        std::string e164;  // Of valid and possible ones.
    };
    // `country`: two capital letters, or "ZZ" for none.
    Parsed parse(const std::string& number, const std::string& country) const;
    bool knows_country(const std::string& country) const;
    // The country of a number in E.164; where its plan is shared and the number fits none of it,
    // every country of the plan. Empty: it has none.
    std::vector<std::string> countries_of(const std::string& e164) const;

private:
    PhoneNumberLibrary() = default;

    // The functions as the Itanium C++ ABI calls them: members take their object first, references
    // are pointers.
    using Construct = void (*)(void* number, void* arena, bool is_message_owned);
    using Destroy = void (*)(void* number);
    using Instance = void* (*)();
    using Parse = int (*)(const void* util, const std::string* text, const std::string* country,
                          void* number);
    using Judge = bool (*)(const void* util, const void* number);
    using Measure = int (*)(const void* util, const void* number);
    using Format = void (*)(const void* util, const void* number, int format, std::string* text);
    using Region = void (*)(const void* util, const void* number, std::string* region);
    using Regions = void (*)(const void* util, int country_code, std::list<std::string>* regions);
    using CountryCode = int (*)(const void* util, const std::string* country);

    const void* util_ = nullptr;
    Construct construct_ = nullptr;
    Destroy destroy_ = nullptr;
    Parse parse_ = nullptr;
    Judge is_valid_ = nullptr;
    Measure is_possible_ = nullptr;
    Format format_ = nullptr;
    CountryCode country_code_ = nullptr;
    Region region_ = nullptr;
    Regions regions_ = nullptr;
};

}  // namespace wrapup
