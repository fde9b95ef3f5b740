#include "adapters/phone/phone_number_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
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
// Parse(), IsValidNumber(), IsPossibleNumberWithReason(), Format(), GetCountryCodeForRegion(),
// GetRegionCodeForNumber(), GetRegionCodesForCountryCallingCode().
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

constexpr const char* util_region =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil22GetRegionCodeForNumberERKNS0_11PhoneNumberE"
    "PNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
constexpr const char* util_regions =
    "_ZNK4i18n12phonenumbers15PhoneNumberUtil35GetRegionCodesForCountryCallingCodeEi"
    "PNSt7__cxx114listINS2_12basic_stringIcSt11char_traitsIcESaIcEEESaIS8_EEE";

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
        bind(file, util_format, l.format_) && bind(file, util_country_code, l.country_code_) &&
        bind(file, util_region, l.region_) && bind(file, util_regions, l.regions_);
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

std::vector<std::string> PhoneNumberLibrary::countries_of(const std::string& e164) const {
    const auto is_country = [](const std::string& region) {
        return region.size() == 2 && region != "ZZ";
    };
    Number parsed(construct_, destroy_);
    const std::string none = "ZZ";
    if (parse_(util_, &e164, &none, parsed.get()) != parse_done) return {};
    std::string region;
    region_(util_, parsed.get(), &region);
    if (is_country(region)) return {region};
    std::vector<std::string> countries;
    // Codes are prefix-free and have at most three digits.
    for (std::size_t digits = 1; digits <= 3 && countries.empty(); ++digits) {
        int code = 0;
        const auto end = e164.data() + std::min(e164.size(), 1 + digits);
        std::from_chars(e164.data() + 1, end, code);
        std::list<std::string> regions;
        regions_(util_, code, &regions);
        for (const std::string& one : regions) {
            if (is_country(one)) countries.push_back(one);
        }
    }
    return countries;
}

bool PhoneNumberLibrary::knows_country(const std::string& country) const {
    return country_code_(util_, &country) != 0;
}

}  // namespace wrapup
