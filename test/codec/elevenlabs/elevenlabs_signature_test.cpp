#include "codec/elevenlabs/elevenlabs_signature.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using Verdict = ElevenLabsVerifier::Verdict;
using std::chrono::minutes;

const std::string secret = "wsec_0123456789abcdef0123456789abcdef";
constexpr minutes tolerance{30};

struct Vector {
    const char* name;
    std::int64_t unix_s;
    std::string body;
    std::string digest;
};

// Computed by an independent implementation.
std::vector<Vector> vectors() {
    return {
        {"E1", 1762713911,
         R"({"type":"post_call_transcription","event_timestamp":1762713911,"data":)"
         R"({"conversation_id":"conv_1","status":"done","analysis":{"call_successful":"success",)"
         R"("transcript_summary":"Moved to Thursday."}}})",
         "1c80c8a1390554884e81989eccde5e18c90ca52123296b6eb201a583eaa5cfcb"},
        {"E2", 1762713911,
         R"({"type": "post_call_transcription", "event_timestamp": 1762713911, "data": )"
         R"({"conversation_id": "conv_1", "customer": "Zo\u00eb"}})",
         "19aed1684055aa55f72e41f16fd071b56be77521b86032f8a2bbacb3bbc4c895"},
        {"E3", 1762713911, R"({"type":"ping","name":"Zoë"})",
         "0dcfddee082b0b496b6242d3f5887d867005afa7fde578f554d9c9e4e8a1bf38"},
        {"E4", 1600000000, "{}",
         "d83791d732a7679b1a35cf193e1ca3ebddb1a06dcb2b72caba1160e59fe247b0"},
        {"E5", 1600000000, "", "d2e0bae53f733842c5748004d1030b17f21871a6bd8f7c1c7f763e4cf106b84a"},
        {"E6", 1762713911,
         R"({"type":"call_initiation_failure","event_timestamp":1762713911,"data":)"
         R"({"agent_id":"agent_1","conversation_id":"conv_2","failure_reason":"busy","metadata":)"
         R"({"type":"twilio","body":{"CallSid":"CA0123456789abcdef0123456789abcdef",)"
         R"("CallStatus":"busy"}}}})",
         "8976ca7b1cad09a43dcc99f97275dd5beef7c65b3de74751e4091159a5c48757"},
    };
}

Verdict verify(std::string_view header, std::string_view body, UtcTime now,
               const std::vector<std::string>& secrets = {secret}) {
    ElevenLabsVerifier verifier(header, secrets, now, tolerance);
    for (const char& byte : body) verifier.update(std::string_view(&byte, 1));
    return verifier.verdict();
}

TEST(ElevenLabsSignature, gives_and_accepts_the_known_values) {
    for (const Vector& row : vectors()) {
        const UtcTime at = from_unix_s(row.unix_s);
        const std::string header = "t=" + std::to_string(row.unix_s) + ",v0=" + row.digest;
        EXPECT_EQ(sign_elevenlabs(secret, at, row.body), header) << row.name;
        EXPECT_EQ(verify(header, row.body, at), Verdict::genuine) << row.name;
        EXPECT_EQ(verify(header, row.body + " ", at), Verdict::mismatch) << row.name;
    }
}

const UtcTime now = from_unix_s(1762713911);
const std::string body = "{}";
const std::string genuine = sign_elevenlabs(secret, now, body);
const std::string digest = genuine.substr(genuine.find("v0=") + 3);
const std::string other_digest(64, 'a');

struct HeaderRow {
    std::string header;
    Verdict verdict;
};

TEST(ElevenLabsSignature, headers) {
    const std::string time = "t=1762713911";
    const HeaderRow rows[] = {
        {genuine, Verdict::genuine},
        {" " + time + " , v0=" + digest + " ", Verdict::genuine},
        {"v0=" + digest + "," + time, Verdict::genuine},
        {time + ",v0=" + other_digest + ",v0=" + digest, Verdict::genuine},
        {time + ",v0=" + digest + ",v0=" + other_digest, Verdict::genuine},
        {time + ",v1=zz,v0=" + digest + ",future=1", Verdict::genuine},
        {time + ",v0=zz,v0=" + digest, Verdict::genuine},
        {time + ",v0=" + other_digest, Verdict::mismatch},
        {"t=1762713912,v0=" + digest, Verdict::mismatch},
        {"", Verdict::no_header},
        {"  ", Verdict::no_header},
        {time, Verdict::malformed},
        {"v0=" + digest, Verdict::malformed},
        {"t=,v0=" + digest, Verdict::malformed},
        {"t=-5,v0=" + digest, Verdict::malformed},
        {"t=17627139110000000000,v0=" + digest, Verdict::malformed},
        {"t=soon,v0=" + digest, Verdict::malformed},
        {time + ",v0=" + digest.substr(1), Verdict::malformed},
        {time + ",v0=" + digest.substr(1) + "g", Verdict::malformed},
        {time + ";v0=" + digest, Verdict::malformed},
        {std::string(100000, ','), Verdict::malformed},
    };
    for (const HeaderRow& row : rows) {
        EXPECT_EQ(verify(row.header, body, now), row.verdict) << row.header.substr(0, 200);
    }
}

TEST(ElevenLabsSignature, stale_beyond_the_tolerance_either_way) {
    EXPECT_EQ(verify(genuine, body, now + tolerance), Verdict::genuine);
    EXPECT_EQ(verify(genuine, body, now + tolerance + milliseconds{1}), Verdict::stale);
    EXPECT_EQ(verify(genuine, body, now - minutes{5}), Verdict::genuine);
    EXPECT_EQ(verify(genuine, body, now - minutes{5} - milliseconds{1}), Verdict::stale);
}

TEST(ElevenLabsSignature, any_of_several_secrets_may_have_signed) {
    EXPECT_EQ(verify(genuine, body, now, {"new", secret, "old"}), Verdict::genuine);
    EXPECT_EQ(verify(genuine, body, now, {"new", "old"}), Verdict::mismatch);
    EXPECT_EQ(verify(genuine, body, now, {}), Verdict::mismatch);
}

TEST(ElevenLabsSignature, what_is_wrong_with_the_header_is_known_before_the_body) {
    EXPECT_EQ(ElevenLabsVerifier("", {secret}, now, tolerance).early(), Verdict::no_header);
    EXPECT_EQ(ElevenLabsVerifier("t=1", {secret}, now, tolerance).early(), Verdict::malformed);
    EXPECT_EQ(ElevenLabsVerifier("t=1,v0=" + digest, {secret}, now, tolerance).early(),
              Verdict::stale);
    EXPECT_EQ(ElevenLabsVerifier(genuine, {secret}, now, tolerance).early(), Verdict::genuine);
}

TEST(ElevenLabsSignature, verdicts_have_words) {
    EXPECT_EQ(to_string(Verdict::genuine), "genuine");
    EXPECT_EQ(to_string(Verdict::no_header), "no ElevenLabs-Signature header");
    EXPECT_EQ(to_string(Verdict::malformed), "malformed ElevenLabs-Signature header");
    EXPECT_EQ(to_string(Verdict::stale), "timestamp outside the tolerance");
    EXPECT_EQ(to_string(Verdict::mismatch), "wrong secret or a forged request");
}

}  // namespace
}  // namespace wrapup
