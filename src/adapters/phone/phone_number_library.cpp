#include "adapters/phone/phone_number_library.hpp"

#include <dlfcn.h>

#include <array>
#include <cstddef>

namespace wrapup {
namespace {

// The soname names the ABI: another one does not load.
constexpr const char* file_name = "libphonenumber.so.8";
// i18n::phonenumbers::PhoneNumber has 72 bytes in 8.12.
constexpr std::size_t number_bytes = 512;
// PhoneNumberUtil::ErrorType, ValidationResult and PhoneNumberFormat.
constexpr int parse_done = 0;
constexpr int parse_no_country = 1;
constexpr int parse_not_a_number = 2;
constexpr int parse_too_long = 5;
constexpr int length_possible = 0;
constexpr int length_no_country = 2;
constexpr int length_too_long = 5;
constexpr int format_e164 = 0;

// Mangled: PhoneNumber(Arena*, bool), ~PhoneNumber(), and of PhoneNumberUtil GetInstance(),
// Parse(), IsValidNumber(), IsPossibleNumberWithReason(), Format(), GetCountryCodeForRegion().
constexpr const char* number_constructor =
    "_ZN4i18n12phonenumbers11PhoneNumberC1EPN6google8protobuf5ArenaEb";
constexpr const char* number_destructor = "_ZN4i18n12phonenumbers11PhoneNumberD1Ev";
constexpr const char* get_instance = "_ZN4i18n12phonenumbers15PhoneNumberUtil11GetInstanceEv";
constexpr const char* util_parse =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil5ParseERKNSt7__cxx1112basic_stringIc"
    "St11char_traitsIcESaIcEEES9_PNS0_11PhoneNumberE";
constexpr const char* util_is_valid =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil13IsValidNumberERKNS0_11PhoneNumberE";
constexpr const char* util_is_possible =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil26IsPossibleNumberWithReasonERKNS0_11PhoneNumberE";
constexpr const char* util_format =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil6FormatERKNS0_11PhoneNumberENS1_17PhoneNumberFormatE"
    "PNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
constexpr const char* util_country_code =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil23GetCountryCodeForRegionERKNSt7__cxx1112"
    "basic_stringIcSt11char_traitsIcESaIcEEE";

template <class Function>
bool bind(void* library, const char* symbol, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, symbol));
    return function != nullptr;
}

// A PhoneNumber, whose type we do not know.
class Number {
public:
    template <class Construct, class Destroy>
    Number(Construct construct, Destroy destroy) : destroy_(destroy) {
        construct(bytes_.data(), nullptr, false);
    }
    ~Number() { destroy_(bytes_.data()); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;

    void* get() { return bytes_.data(); }

private:
    alignas(std::max_align_t) std::array<std::byte, number_bytes> bytes_{};
    void (*destroy_)(void*);
};

}  // namespace

Result<std::unique_ptr<PhoneNumberLibrary>> PhoneNumberLibrary::load() {
    const Error missing{Errc::unavailable,
                        "cannot be read: libphonenumber 8 is not installed (apt-get install "
                        "libphonenumber8)"};
    // Never closed: what it hands out lives as long as the process.
    void* file = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
    if (file == nullptr) return missing;
    std::unique_ptr<PhoneNumberLibrary> library{new PhoneNumberLibrary};
    PhoneNumberLibrary& l = *library;
    Instance instance = nullptr;
    const bool is_bound =
        bind(file, get_instance, instance) && bind(file, number_constructor, l.construct_) &&
        bind(file, number_destructor, l.destroy_) && bind(file, util_parse, l.parse_) &&
        bind(file, util_is_valid, l.is_valid_) && bind(file, util_is_possible, l.is_possible_) &&
        bind(file, util_format, l.format_) && bind(file, util_country_code, l.country_code_);
    if (!is_bound) return missing;
    l.util_ = instance();
    if (l.util_ == nullptr) return missing;
    return library;
}

PhoneNumberLibrary::Parsed PhoneNumberLibrary::parse(const std::string& number,
                                                     const std::string& country) const {
    Number parsed(construct_, destroy_);
    const int fault = parse_(util_, &number, &country, parsed.get());
    if (fault == parse_no_country) return {Verdict::no_country, {}};
    if (fault == parse_not_a_number) return {Verdict::no_number, {}};
    if (fault == parse_too_long) return {Verdict::too_long, {}};
    if (fault != parse_done) return {Verdict::too_short, {}};
    Parsed result;
    if (is_valid_(util_, parsed.get())) {
        result.verdict = Verdict::valid;
    } else {
        const int length = is_possible_(util_, parsed.get());
        if (length == length_no_country) return {Verdict::no_country, {}};
        if (length == length_too_long) return {Verdict::too_long, {}};
        if (length != length_possible) return {Verdict::too_short, {}};
        result.verdict = Verdict::possible;
    }
    format_(util_, parsed.get(), format_e164, &result.e164);
    return result;
}

bool PhoneNumberLibrary::knows_country(const std::string& country) const {
    return country_code_(util_, &country) != 0;
}

}  // namespace wrapup
