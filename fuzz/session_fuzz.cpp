// Invariant: whatever a browser's cookie, a request to sign in, or what was kept of ended sessions
// says: nobody is let in by it, what ended is kept again as it was, and a session of ours is found
// in a header of any shape.

#include "fuzz/fuzz.hpp"
#include "http/api/api_input.hpp"
#include "http/api/session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    std::string_view rest = input_of(data, size);
    const auto token = parse_session_request(rest);
    if (const auto* given = std::get_if<std::string>(&token)) WRAPUP_ASSERT(!given->empty());
    const UtcTime now = from_unix_s(1'764'000'000);
    Sessions sessions("token");
    sessions.recall(rest, now);
    const std::string kept = sessions.ended();
    Sessions next("token");
    next.recall(kept, now);
    WRAPUP_ASSERT(next.ended() == kept);
    const std::string_view given = session_cookie(rest);
    WRAPUP_ASSERT(sessions.judge(given, now) == Sessions::Verdict::forged);
    WRAPUP_ASSERT(!sessions.end(given, now));
    const std::string header = "a=b; " + std::string(session_cookie_name) + "=" +
                               sessions.issue(now) + ";" + std::string(rest);
    WRAPUP_ASSERT(Sessions("token").judge(session_cookie(header), now) == Sessions::Verdict::valid);
    return 0;
}
