#include "codec/elevenlabs/agent_twiml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t depth_max = 8;
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";
// <Dial>, <Redirect>, <Refer>, <Enqueue> and the like take the call away from the agent.
constexpr std::array<std::string_view, 6> verbs{"Connect", "Start", "Say",
                                                "Play",    "Pause", "Hangup"};
// What may stand inside them, besides SSML, which is written small.
constexpr std::array<std::string_view, 6> nouns{"Stream", "Parameter", "Transcription",
                                                "Siprec", "Recording", "Config"};

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// XML's `Char`.
bool is_character(std::uint32_t code) {
    if (code < 0x20) return code == 0x09 || code == 0x0A || code == 0x0D;
    return code < 0xD800 || (code >= 0xE000 && code < 0xFFFE) ||
           (code >= 0x10000 && code <= 0x10FFFF);
}

bool is_character_number(std::string_view text) {
    const bool is_hex = text.starts_with('x');
    if (is_hex) text.remove_prefix(1);
    std::uint32_t code = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, code, is_hex ? 16 : 10);
    return read.ec == std::errc{} && read.ptr == end && is_character(code);
}

bool is_entity(std::string_view name) {
    constexpr std::array<std::string_view, 5> known{"amp", "lt", "gt", "quot", "apos"};
    if (name.starts_with('#')) return is_character_number(name.substr(1));
    return std::ranges::find(known, name) != known.end();
}

bool has_whole_entities(std::string_view text) {
    std::size_t at = 0;
    while ((at = text.find('&', at)) != std::string_view::npos) {
        const std::size_t end = text.find(';', at);
        if (end == std::string_view::npos || !is_entity(text.substr(at + 1, end - at - 1))) {
            return false;
        }
        at = end;
    }
    return true;
}

bool is_xml_text(std::string_view text) {
    const bool is_plain = std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= ' ' || is_one_of(c, blanks); });
    return is_plain && to_valid_utf8(text) == text;
}

// Stops at the first fault.
class AgentTwiml {
public:
    explicit AgentTwiml(std::string_view text)
        : rest_(text), is_ascii_(std::ranges::all_of(text, [](char c) {
              return static_cast<unsigned char>(c) < 0x80;
          })) {}

    bool read() {
        if (rest_.starts_with("<?xml ") && !take_declaration()) return false;
        while (!rest_.empty()) {
            const std::string_view text = rest_.substr(0, rest_.find('<'));
            rest_.remove_prefix(text.size());
            const bool is_blank = text.find_first_not_of(blanks) == std::string_view::npos;
            if (open_.empty() ? !is_blank : !has_whole_entities(text)) return false;
            if (rest_.empty()) break;
            const bool is_read = rest_.starts_with("<!--") ? skip_comment() : take_tag();
            if (!is_read) return false;
        }
        return open_.empty() && is_given_;
    }

private:
    bool skip(std::string_view mark) {
        if (!rest_.starts_with(mark)) return false;
        rest_.remove_prefix(mark.size());
        return true;
    }
    bool skip_behind(std::string_view mark) {
        const std::size_t at = rest_.find(mark);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + mark.size());
        return true;
    }
    bool skip_comment() {
        skip("<!--");
        return skip_behind("--") && skip(">");
    }
    bool skip_blanks() {
        const std::size_t size = std::min(rest_.find_first_not_of(blanks), rest_.size());
        rest_.remove_prefix(size);
        return size > 0;
    }
    std::string_view take_name() {
        std::size_t size = 0;
        while (size < rest_.size() &&
               (is_one_of(rest_[size], letters) || rest_[size] == '_' ||
                (size > 0 && (is_one_of(rest_[size], digits) || is_one_of(rest_[size], "-.:"))))) {
            ++size;
        }
        const std::string_view name = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return name;
    }

    std::optional<std::string_view> take_value() {
        skip_blanks();
        if (!skip("=")) return std::nullopt;
        skip_blanks();
        if (rest_.empty() || !is_one_of(rest_.front(), "\"'")) return std::nullopt;
        const std::size_t end = rest_.find(rest_.front(), 1);
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view value = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        const bool is_whole = value.find('<') == std::string_view::npos;
        return is_whole && has_whole_entities(value) ? std::optional(value) : std::nullopt;
    }

    // It has to name the encoding in which the text is.
    bool take_declaration() {
        constexpr std::array<std::string_view, 3> names{"version", "encoding", "standalone"};
        skip("<?xml");
        std::size_t next = 0;  // They stand in this order, the first one always.
        for (;;) {
            const bool is_apart = skip_blanks();
            if (skip("?>")) return next > 0;
            const std::size_t found = std::size_t(
                std::ranges::find(names.begin() + std::ptrdiff_t(next), names.end(), take_name()) -
                names.begin());
            const bool is_known = found < names.size() && (found == 0) == (next == 0);
            const auto value = take_value();
            if (!is_apart || !is_known || !value) return false;
            if (found == 1 && !is_encoding(*value)) return false;
            next = found + 1;
        }
    }

    bool is_encoding(std::string_view name) const {
        const std::string lower = to_lower(name);
        return lower == "utf-8" || (is_ascii_ && (lower == "us-ascii" || lower == "iso-8859-1"));
    }

    bool take_tag() {
        skip("<");
        if (skip("/")) {
            const std::string_view name = take_name();
            skip_blanks();
            if (!skip(">") || open_.empty() || open_.back() != name) return false;
            open_.pop_back();
            return true;
        }
        const std::string_view name = take_name();
        if (name.empty()) return false;
        bool has_url = false;
        bool has_action = false;
        std::set<std::string_view> known;
        for (;;) {
            const bool is_apart = skip_blanks();
            const bool stays_open = rest_.starts_with('>');
            if (skip("/>") || skip(">")) {
                // Twilio goes on with what it finds there.
                const bool leads_on = name == "Connect" && has_action;
                return !leads_on && open(name, has_url, stays_open);
            }
            const std::string_view attribute = take_name();
            if (!is_apart || attribute.empty() || !known.insert(attribute).second) return false;
            const auto value = take_value();
            if (!value) return false;
            if (attribute == "url" && !value->empty()) has_url = true;
            if (attribute == "action") has_action = true;
        }
    }

    bool open(std::string_view name, bool has_url, bool stays_open) {
        if (open_.empty()) {
            if (has_root_ || name != "Response") return false;
            has_root_ = true;
        }
        const bool is_verb = open_.size() == 1;
        if (is_verb && std::ranges::find(verbs, name) == verbs.end()) return false;
        const bool is_nested = open_.size() > 1;
        const bool is_large = name.front() >= 'A' && name.front() <= 'Z';
        if (is_nested && is_large && std::ranges::find(nouns, name) == nouns.end()) return false;
        const bool is_in_connect = open_.size() == 2 && open_.back() == "Connect";
        if (is_in_connect && name == "Stream" && has_url) is_given_ = true;
        if (stays_open) open_.push_back(name);
        return open_.size() <= depth_max;
    }

    std::string_view rest_;
    bool is_ascii_;
    std::vector<std::string_view> open_;
    bool has_root_ = false;
    bool is_given_ = false;
};

}  // namespace

bool leads_to_agent(std::string_view twiml) {
    return is_xml_text(twiml) && AgentTwiml(twiml).read();
}

}  // namespace wrapup
