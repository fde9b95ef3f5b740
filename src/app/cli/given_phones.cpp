#include "app/cli/given_phones.hpp"

#include "app/config/setting_values.hpp"

namespace wrapup {

Result<std::string> read_country(const std::string& given) {
    auto country = parse_country(given);
    if (!country) return Error{Errc::invalid_input, "--country " + country.error().detail};
    return country;
}

Result<std::unique_ptr<PhoneReader>> open_phones(const std::string& country) {
    auto phones = std::make_unique<PhoneReader>(country);
    const auto checked = phones->check_country();
    if (!checked) {
        const bool is_country = checked.error().code == Errc::invalid_input;
        return Error{checked.error().code,
                     (is_country ? "the country " : "phone numbers ") + checked.error().detail};
    }
    return phones;
}

}  // namespace wrapup
