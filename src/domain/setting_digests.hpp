#pragma once

// Short digests of what all nodes on a database have to be told alike, by the setting's name:
// enough to see that two differ, too short to find a value by. And where a node sends to.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

using SettingDigests = std::map<std::string, std::string>;

// "CRM_WEBHOOK_URL=91be TWILIO_AUTH_TOKEN=07c4"
std::string to_text(const SettingDigests& digests);
// The opposite; what is none is left out.
SettingDigests parse_setting_digests(std::string_view text);

// Destinations that a node sends to, by name.
using SentTo = std::set<std::string, std::less<>>;
// "sends_to:crm,sales", one more word of the text above, which programs leave out that know none.
std::string to_text(const SentTo& destinations);
// Nothing: the text does not say.
std::optional<SentTo> parse_sent_to(std::string_view text);

// The names of what only one of the two has, or has otherwise. Nothing where one of them is not
// known.
std::vector<std::string> differing_settings(const SettingDigests& ours,
                                            const SettingDigests& theirs);

}  // namespace wrapup
