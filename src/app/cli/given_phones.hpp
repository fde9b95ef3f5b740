#pragma once

// Numbers as people give them at a shell and in files, with --country for those without +.

#include <memory>
#include <string>

#include "adapters/phone/phone_reader.hpp"

namespace wrapup {

// "au" of --country is AU.
Result<std::string> read_country(const std::string& given);
// A country that is none would make every national number a bad line.
Result<std::unique_ptr<PhoneReader>> open_phones(const std::string& country);

}  // namespace wrapup
