#pragma once

#include <string>
#include <string_view>

namespace wrapup {

// Some countries write one subscriber's number in two ways, both of them E.164: with a digit that
// says "mobile" or "area" and without. "+541123456789" -> "+5491123456789", and back. Empty: there
// is no other way. Which of the two rings is the network's affair, so that neither is rewritten.
std::string other_spelling_of(std::string_view number);

}  // namespace wrapup
