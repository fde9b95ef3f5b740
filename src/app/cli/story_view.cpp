#include "app/cli/story_view.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "app/cli/calls_view.hpp"
#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t text_columns = 76;
constexpr std::size_t answer_bytes_shown = 300;

struct Moment {
    std::optional<UtcTime> at;
    std::string what;
    std::string detail;
    std::optional<Paint> paint;
    std::string below = {};  // A line of its own under it.
};

std::string text_of(const json::value& object, Names names) {
    return terminal_text(text_member(object, names));
}

Paint paint_of(std::string_view word) {
    if (word == "delivered" || word == "accepted") return Paint::green;
    if (word == "parked" || word == "refused") return Paint::red;
    return Paint::yellow;
}

std::string joined(const std::vector<std::string>& pieces) {
    std::string line;
    for (const auto& piece : pieces) {
        if (piece.empty()) continue;
        if (!line.empty()) line += " · ";
        line += piece;
    }
    return line;
}

std::string with_unit(std::string number, std::string_view unit) {
    return number.empty() ? number : number + " " + std::string(unit);
}

// The few words of an event that decide anything, under the names their senders use.
std::string event_detail(const json::value& event) {
    const json::value& said = member(event, {"payload", "data"});
    std::vector<std::string> words = {
        text_of(said, {"CallStatus", "data.status", "status", "action"}),
        with_unit(text_of(said, {"CallDuration", "duration", "data.metadata.call_duration_secs",
                                 "metadata.call_duration_secs"}),
                  "s"),
        text_of(said, {"AnsweredBy", "answered_by"}),
        text_of(said, {"data.failure_reason", "failure_reason", "reason"}),
    };
    const auto summary =
        text_member(said, {"data.analysis.transcript_summary", "analysis.transcript_summary"});
    if (!summary.empty()) words.emplace_back("with summary");
    if (flag_member(event, {"is_late", "late"})) words.emplace_back("late");
    return joined(words);
}

void add_events(const json::value& story, std::vector<Moment>& moments) {
    for (const auto& event : list_member(story, {"events"})) {
        moments.push_back({time_member(event, {"received_at", "at"}),
                           text_of(event, {"kind"}),
                           event_detail(event),
                           {}});
    }
}

void add_settling(const json::value& story, std::vector<Moment>& moments) {
    const json::value& call = member(story, {"call"}).is_object() ? member(story, {"call"}) : story;
    const auto ended_at = time_member(call, {"ended_at", "facts.ended_at"});
    if (ended_at) moments.push_back({ended_at, "call ended", "", Paint::dim});
    const auto settled_at = time_member(call, {"settled_at"});
    if (!settled_at) return;
    moments.push_back({settled_at, "settled",
                       joined({text_of(call, {"status", "outcome"}), text_of(call, {"note"})}),
                       Paint::bold});
}

std::string attempt_detail(const json::value& attempt) {
    const std::string status = text_of(attempt, {"http_status", "status"});
    return joined({text_of(attempt, {"outcome"}),
                   status.empty() || status == "0" ? "" : "HTTP " + status,
                   with_unit(text_of(attempt, {"elapsed_ms"}), "ms"), text_of(attempt, {"error"}),
                   flag_member(attempt, {"is_again", "again"}) ? "sent again" : ""});
}

void add_delivery(const json::value& delivery, std::vector<Moment>& moments) {
    const std::string destination = text_of(delivery, {"destination"});
    for (const auto& attempt : list_member(delivery, {"attempts"})) {
        const std::string number = text_of(attempt, {"number"});
        // A record that moved leaves its attempts where they were made.
        const std::string made_at = text_of(attempt, {"destination"});
        Moment moment{time_member(attempt, {"started_at", "at"}),
                      "attempt " + number + " to " + (made_at.empty() ? destination : made_at),
                      attempt_detail(attempt), paint_of(text_member(attempt, {"outcome"}))};
        const std::string answer = text_member(attempt, {"answer"});
        if (!answer.empty()) {
            moment.below = "the CRM's answer: " + terminal_excerpt(answer, answer_bytes_shown);
        }
        moments.push_back(std::move(moment));
    }
    const std::string state = text_of(delivery, {"state"});
    const auto due_at = time_member(delivery, {"due_at"});
    if (state == "pending" && due_at) {
        moments.push_back({due_at, "next attempt", "to " + destination, Paint::yellow});
    }
    if (state == "parked") {
        const std::string reason = text_of(delivery, {"parked", "reason"});
        const bool is_given_up = reason == "given_up";
        moments.push_back({{},
                           (is_given_up ? "given up for " : "parked for ") + destination,
                           is_given_up ? "" : reason,
                           is_given_up ? Paint::dim : Paint::red});
    }
}

// What has no time stands at the end.
bool is_earlier(const Moment& a, const Moment& b) {
    if (a.at && b.at) return *a.at < *b.at;
    return a.at.has_value() && !b.at.has_value();
}

std::vector<Moment> moments_of(const json::value& story) {
    std::vector<Moment> moments;
    add_events(story, moments);
    add_settling(story, moments);
    for (const auto& delivery : list_member(story, {"deliveries"})) add_delivery(delivery, moments);
    std::stable_sort(moments.begin(), moments.end(), is_earlier);
    return moments;
}

std::string render_timeline(const std::vector<Moment>& moments, bool has_colour,
                            const ListTimes& times) {
    if (moments.empty()) return "  nothing happened yet\n";
    const auto first_at = moments.front().at;
    std::size_t what_columns = 0;
    for (const auto& moment : moments) {
        what_columns = std::max(what_columns, column_count(moment.what));
    }
    std::string lines;
    if (first_at) lines += painted("  " + times.whole(*first_at), Paint::dim, has_colour) + "\n";
    for (const auto& moment : moments) {
        const std::string offset =
            moment.at && first_at ? format_offset(*moment.at - *first_at) : "";
        const std::string indent(offset.size() < 12 ? 12 - offset.size() : 0, ' ');
        std::string what = padded(moment.what, moment.detail.empty() ? 0 : what_columns);
        if (moment.paint) what = painted(what, *moment.paint, has_colour);
        lines += "  " + indent + offset + "  " + what;
        const std::size_t begin = 16 + what_columns;
        if (!moment.detail.empty()) {
            lines +=
                "  " + wrapped(moment.detail, std::max<std::size_t>(80, begin + 30) - begin, begin);
        }
        lines += "\n";
        if (!moment.below.empty()) lines += std::string(16, ' ') + moment.below + "\n";
    }
    return lines;
}

std::string field(std::string_view name, const std::string& value) {
    if (value.empty()) return {};
    return "  " + padded(name, 14) + wrapped(value, text_columns - 16, 16) + "\n";
}

// What the record says, and why it says no more: `known` are the fields that could have told.
std::string with_reason(const std::string& value, std::string_view stand_in, std::string_view what,
                        const json::value& call, Names known) {
    if (value != stand_in || !text_member(call, known).empty()) return value;
    const auto* metadata = member(call, {"metadata"}).if_object();
    const bool has_any =
        metadata != nullptr && std::any_of(metadata->begin(), metadata->end(),
                                           [](const auto& one) { return !one.value().is_null(); });
    return value + (has_any ? " (the metadata has no " + std::string(what) + ")"
                            : std::string(" (no metadata)"));
}

// When a call took place of which we heard long after its end, as of one that only the comparison
// with Twilio found: else that is in its events.
std::string ended_before_heard(const json::value& call, const ListTimes& times) {
    const auto ended_at = time_member(call, {"ended_at"});
    const auto heard_at = time_member(call, {"first_event_at"});
    if (!ended_at || !heard_at || *heard_at - *ended_at < heard_late) return {};
    return times.whole(*ended_at) + "; first heard of " +
           format_offset(*heard_at - *ended_at).substr(1) + " later";
}

std::string render_head(const json::value& story, bool has_colour, const ListTimes& times) {
    const json::value& call = member(story, {"call"}).is_object() ? member(story, {"call"}) : story;
    const std::string id = text_of(call, {"id", "call_sid", "callSid"});
    const std::string state = text_of(call, {"state"});
    const std::string reason = text_of(call, {"parked", "park_reason"});
    const std::string shown_state = reason.empty() ? state : state + " (" + reason + ")";
    std::string head = painted(id, Paint::bold, has_colour) + "  " +
                       painted(shown_state, paint_of(state), has_colour);
    const std::string rest = joined({text_of(call, {"status", "outcome"}),
                                     with_unit(text_of(call, {"duration_s", "duration"}), "s")});
    if (!rest.empty()) head += "  " + rest;
    head += "\n" + field("to", text_of(call, {"to", "facts.to"}));
    const bool is_fixed = member(story, {"record"}).is_object();
    const std::string name = is_fixed ? text_of(story, {"record.name"}) : text_of(call, {"name"});
    head += field("name", with_reason(name, "Unknown", "name", call,
                                      {"metadata.name", "metadata.contact_name"}));
    const std::string campaign =
        is_fixed ? text_of(story, {"record.subject"}) : text_of(call, {"campaign"});
    const std::string_view stand_in = campaign == "Inbound Call" ? "Inbound Call" : "Outbound Call";
    head +=
        field("campaign", with_reason(campaign, stand_in, "campaign", call,
                                      {"metadata.campaign_name", "metadata.campaign_description"}));
    head += field("conversation", text_of(call, {"conversation_id", "facts.conversation_id"}));
    head += field("ended", ended_before_heard(call, times));
    head += field("merged into", text_of(call, {"merged_into"}));
    return head;
}

// The record is an object, or its bytes as text.
std::string render_record_fields(const json::value& story) {
    const json::value& found = member(story, {"record", "call.record"});
    json::value parsed = found;
    if (found.is_string()) {
        const auto again =
            parse_answer_json({found.get_string().data(), found.get_string().size()});
        if (again) parsed = *again;
    }
    const auto* members = parsed.if_object();
    if (members == nullptr) return {};
    std::string lines;
    for (const auto& [key, value] : *members) {
        lines += field(terminal_text({key.data(), key.size()}),
                       text_of(parsed, {std::string_view(key.data(), key.size())}));
    }
    return lines;
}

}  // namespace

std::string format_offset(milliseconds offset) {
    const bool is_before = offset < milliseconds{0};
    const std::int64_t ms = is_before ? -offset.count() : offset.count();
    const auto two_digits = [](std::int64_t number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    const std::int64_t s = ms / 1000;
    std::string text(is_before ? "-" : "+");
    if (s < 60) {
        const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
        return text + std::to_string(s) + "." + fraction + " s";
    }
    if (s < 3600) return text + std::to_string(s / 60) + " m " + two_digits(s % 60) + " s";
    const std::int64_t minutes = s / 60;
    if (minutes < 48 * 60) {
        return text + std::to_string(minutes / 60) + " h " + two_digits(minutes % 60) + " m";
    }
    return text + std::to_string(minutes / 1440) + " d " + two_digits(minutes / 60 % 24) + " h";
}

std::string render_story(const json::value& story, bool has_colour, const ListTimes& times) {
    std::string text = render_head(story, has_colour, times);
    const std::string why = text_of(story, {"why", "explanation", "call.why"});
    if (!why.empty()) text += "\n  " + wrapped(times.sentence(why), text_columns, 2) + "\n";
    text += "\n" + render_timeline(moments_of(story), has_colour, times);
    const std::string record = render_record_fields(story);
    if (!record.empty())
        text += "\n  " + painted("record", Paint::bold, has_colour) + "\n" + record;
    return text;
}

}  // namespace wrapup
