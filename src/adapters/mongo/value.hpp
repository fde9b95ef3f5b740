#pragma once

// From BSON to text, tolerantly. Diallers disagree about types; a field that is not usable as text
// is empty, and nothing else of its document suffers.

#include <bson/bson.h>

#include <string>
#include <string_view>
#include <vector>

namespace wrapup::mongo {

// Strings as they are (valid UTF-8, trimmed, without NUL, at most 4 KiB); whole numbers in decimal;
// ObjectIds as 24 hex digits; dates as RFC 3339. Everything else is empty.
std::string text_of(const bson_iter_t& iter);

// The value at a dotted path, or at a key that is literally so written. Empty when it is missing.
std::string text_at(const bson_t& document, const std::string& path);

// Every value at the path by which a query for it finds the document: a list, at its end or on its
// way, stands for each of its elements, as in MongoDB. Empty texts are left out.
std::vector<std::string> texts_at(const bson_t& document, const std::string& path);

// Orders `_id`s as MongoDB does for the types that diallers use, by plain comparison of the keys.
// An ObjectId begins with the time it was made, so the greatest of several is the newest.
std::string order_key_of_id(const bson_t& document);

// Two texts mean the same campaign when their keys are equal: the hex digits of an ObjectId are
// written in either case.
std::string campaign_key(std::string_view id);

// Two numbers are the same when their keys are equal: separators, '+' and a leading 00 do not
// count.
std::string phone_key(std::string_view number);
// The forms in which a dialler may have stored the number, the given one first. No repetitions.
std::vector<std::string> phone_forms(std::string_view number);

// 24 hex digits.
bool is_object_id(std::string_view text);

}  // namespace wrapup::mongo
