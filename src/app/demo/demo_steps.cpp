#include "app/demo/demo_steps.hpp"

#include <fmt/format.h>

#include "sandbox/traffic.hpp"

namespace wrapup {
namespace {

std::string typed_name(const std::filesystem::path& program) {
    std::error_code error;
    const auto here = std::filesystem::proximate(program, error);
    if (error || here.empty() || here.native().starts_with("..")) return program.string();
    // Without a slash the shell would look for it elsewhere.
    return here.has_parent_path() ? here.string() : "./" + here.string();
}

std::string address_and_token(const std::string& url, const std::string& token) {
    return "  URL    " + url + "/\n  token  " + token + "\n";
}

}  // namespace

std::string render_introduction(const DemoOptions& options, const DemoLook& look) {
    const std::string pace =
        options.seconds_count == 60
            ? "An hour of calls in a minute"
            : fmt::format("An hour of calls in {} seconds", options.seconds_count);
    const std::string text = fmt::format(
        "{}: the clock runs {} times as fast, delays are real. "
        "Twilio, ElevenLabs and the CRM are played on this machine; wrapup is the real thing. "
        "It places each call, and each line is a record that the CRM has just filed.",
        pace, 3'600 / options.seconds_count);
    return "\n " + painted("wrapup demo", Paint::bold, look.has_colour) + "  " +
           std::to_string(options.calls_count) +
           " phone calls by AI agents, no accounts needed\n\n " +
           wrapped(text, look.columns > 24 ? look.columns - 2 : 22, 1) + "\n";
}

std::string render_next_steps(const std::filesystem::path& program, const DemoLook& look) {
    const auto bold = [&](std::string_view text) {
        return painted(text, Paint::bold, look.has_colour);
    };
    const std::string name = typed_name(program);
    std::string text = bold("Next") + "\n\n";
    text += "  1. " + bold(name + " init") + "     asks for these, checks each, writes .env\n";
    text += "     Twilio status callback    https://YOUR-HOST/call-status-callback\n";
    text += std::string("                               ") + recommended_overrides + "\n";
    text += "     ElevenLabs webhook        https://YOUR-HOST/webhooks/elevenlabs\n";
    text += "     your CRM                  CRM_WEBHOOK_URL=https://…\n";
    text += "  2. " + bold(name + " doctor") + "   says what is wrong and what to do\n";
    text += "  3. " + bold(name + " serve") + "    runs it\n";
    return text;
}

std::string render_dashboard(const std::string& url, const std::string& token,
                             const DemoLook& look) {
    return " " + painted("Dashboard", Paint::bold, look.has_colour) +
           ", to look on while it happens and afterwards\n\n" + address_and_token(url, token);
}

std::string render_kept(const std::string& url, const std::string& token, const DemoLook& look) {
    return painted("Still running", Paint::bold, look.has_colour) +
           ", with a call every few seconds, until Ctrl-C; then all of it goes away.\n\n" +
           address_and_token(url, token) + "\n  curl -H 'Authorization: Bearer " + token + "' " +
           url + "/api/calls\n";
}

}  // namespace wrapup
