#pragma once

// Phone numbers that people give (import, API), to E.164. What comes from Twilio does not pass
// here: it is E.164 already.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

class PhoneNumberLibrary;

// Google's libphonenumber, loaded when the first number is read: its tables cost 8 MB, and most
// servers never read one. From several threads at once.
class PhoneReader {
public:
    // `country`: two capital letters, how national numbers are read; empty: they are not.
    explicit PhoneReader(std::string country);
    ~PhoneReader();
    PhoneReader(const PhoneReader&) = delete;
    PhoneReader& operator=(const PhoneReader&) = delete;

    // "+61413052898"; a sip: or client: address as it is. invalid_input: it is no number that can
    // be called, in words that follow the field's name and never quote it. unavailable:
    // libphonenumber is not installed.
    Result<std::string> read(std::string_view text) const;

    // The countries (two capital letters) that a number in E.164 may belong to: mostly one. Empty:
    // none, as of a sip: address or an international freephone number. unavailable as above.
    Result<std::vector<std::string>> countries_of(std::string_view e164) const;

    // invalid_input: there is no such country (none at all is fine); unavailable as above.
    Result<void> check_country() const;

private:
    Result<const PhoneNumberLibrary*> library() const;
    Result<std::string> read_number(const PhoneNumberLibrary& library,
                                    const std::string& number) const;

    const std::string country_;
    mutable std::mutex mutex_;
    mutable std::unique_ptr<PhoneNumberLibrary> library_;  // Null until needed.
};

}  // namespace wrapup
