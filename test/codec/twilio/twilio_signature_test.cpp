#include "codec/twilio/twilio_signature.hpp"

#include <gtest/gtest.h>

#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

// ---- Published vectors: the names are those of Twilio's own libraries' tests and documentation.

const std::string sdk_token = "12345";
const Form sdk_form = {{"CallSid", "CA1234567890ABCDE"},
                       {"Caller", "+14158675309"},
                       {"Digits", "1234"},
                       {"From", "+14158675309"},
                       {"To", "+18005551212"}};
const std::string sdk_path = "/myapp.php?foo=1&bar=2";
const std::string sdk_url = "https://mycompany.com" + sdk_path;
const std::string property_hash =
    "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const std::string empty_object_hash =
    "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

Form with(Form form, const Form& more) {
    form.insert(form.end(), more.begin(), more.end());
    return form;
}

const std::string own_token = "0123456789abcdef0123456789abcdef";
const std::string own_url = "https://calls.example.com/hooks/twilio/status";
const std::string own_body =
    "CallSid=CA0123456789abcdef0123456789abcdef&AccountSid=ACfedcba9876543210fedcba9876543210&"
    "From=%2B15005550006&To=%2B14155550123&Caller=%2B15005550006&Called=%2B14155550123&"
    "CallStatus=completed&ApiVersion=2010-04-01&Direction=outbound-api&Duration=2&CallDuration=79&"
    "SipResponseCode=200&Timestamp=Sun%2C+09+Nov+2025+18%3A45%3A06+%2B0000&"
    "CallbackSource=call-progress-events&SequenceNumber=3&FromCity=&FromState=&FromZip=&"
    "FromCountry=US&ToCity=SAN+FRANCISCO&ToState=CA&ToZip=&ToCountry=US";

Form form_of(std::string_view body) { return parse_form(body).value(); }

struct Vector {
    const char* name;
    std::string token;
    std::string url;
    Form form;
    std::string signature;
};

std::vector<Vector> sdk_vectors() {
    const std::string credentials_url = "https://user:pass@mycompany.com";
    return {
        {"N1", sdk_token, sdk_url, sdk_form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        {"N2", sdk_token, "https://mycompany.com:443" + sdk_path, sdk_form,
         "kvajT1Ptam85bY51eRf/AJRuM3w="},
        {"N3", sdk_token, "http://mycompany.com:80" + sdk_path, sdk_form,
         "0ZXoZLH/DfblKGATFgpif+LLRf4="},
        {"N4", sdk_token, "http://mycompany.com:1234" + sdk_path, sdk_form,
         "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="},
        {"N5", sdk_token, credentials_url + sdk_path, sdk_form, "CukzLTc1tT5dXEDIHm/tKBanW10="},
        {"N6", sdk_token, "https://user@mycompany.com" + sdk_path, sdk_form,
         "2YRLlVAflCqxaNicjMpJcSTgzSs="},
        {"N7", sdk_token, credentials_url + ":443" + sdk_path, sdk_form,
         "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="},
        {"N8", sdk_token, sdk_url + "&Body=It%27s+amazing", sdk_form,
         "TfZzewPq8wqrGlMfyAud8+/IvJ0="},
        {"N8_raw", sdk_token, sdk_url + "&Body=It's+amazing", sdk_form,
         "dsq4Ehbj6cs+KdTkpF5sSSplOWw="},
        {"N9",
         sdk_token,
         sdk_url,
         {{"MessagingBinding.Address", "+1325xxxxxxx"},
          {"MessagingBinding.Address", "+1415xxxxxxx"}},
         "83O6e2vORAoJHUNzJjDWN1jz+BA="},
        {"N10",
         sdk_token,
         sdk_url,
         {{"Sid", "CA123"},
          {"SidAccount", "AC123"},
          {"Digits", "5678"},
          {"Digits", "1234"},
          {"Digits", "1234"}},
         "IK+Dwps556ElfBT0I3Rgjkr1wJU="},
        {"N11", sdk_token, sdk_url + "&" + property_hash, {}, "a9nBmqA0ju/hNViExpshrM61xv4="},
        {"N12",
         sdk_token,
         "https://mycompany.com/myapp.php?" + property_hash,
         {},
         "y77kIzt2vzLz71DgmJGsen2scGs="},
        {"N13", sdk_token, sdk_url + "&" + empty_object_hash, {}, "rw/jVviOgicj2+kHZULvebnA4ag="},
        {"N13_port",
         sdk_token,
         "https://mycompany.com:443" + sdk_path + "&" + empty_object_hash,
         {},
         "Ldidvp12m26NI7eqEvxnEpkd9Hc="},
    };
}

std::vector<Vector> other_vectors() {
    const Form documented = {{"CallSid", "CA1234567890ABCDE"},
                             {"Caller", "+14158675310"},
                             {"Digits", "1234"},
                             {"From", "+14158675310"},
                             {"To", "+18005551212"}};
    return {
        {"D1", sdk_token, "https://example.com" + sdk_path, documented,
         "L/OH5YylLD5NRKLltdqwSvS0BnU="},
        {"G1", sdk_token, sdk_url,
         with(sdk_form, {{"Reason", "Participant"}, {"ReasonConferenceEnded", "test"}}),
         "vOEb5UThFn24KEfnOFLQY2AE5FY="},
        {"G2",
         sdk_token,
         sdk_url,
         {{"property", "value"}, {"boolean", "true"}},
         "NBdBDr/T/lgjI+tlgpXjKZQZs/k="},
        {"O1", own_token, own_url, form_of(own_body), "a6903eKomEa/KblBhs0jMyy2EkM="},
        {"O2", own_token, "https://calls.example.com:443/hooks/twilio/status", form_of(own_body),
         "Rz63egCu/tVHNzQXRbBkE2TQrkE="},
        {"O3", own_token, own_url + "?leg=1", form_of(own_body), "NjiS7X9fultdzLBF7pmjUznHic4="},
        {"O4", own_token, own_url,
         form_of("CallSid=CA0123456789abcdef0123456789abcdef&CallerName=Zo%C3%AB+O%27Neil+%26+Co&"
                 "Empty="),
         "BWYKF5MCrhr7veN3m7Ca2EUffgc="},
        {"O5", own_token, own_url, {}, "GY7wiqTipy5Sk9Hg39Vt7VLQdNk="},
    };
}

TEST(TwilioSignature, gives_the_published_values) {
    for (const auto& vectors : {sdk_vectors(), other_vectors()}) {
        for (const Vector& row : vectors) {
            EXPECT_EQ(twilio_signature(row.token, row.url, row.form), row.signature) << row.name;
        }
    }
}

TEST(TwilioSignature, the_order_of_the_fields_does_not_matter) {
    Form reversed = form_of(own_body);
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(twilio_signature(own_token, own_url, reversed), "a6903eKomEa/KblBhs0jMyy2EkM=");
}

// ---- Verification

constexpr std::string_view form_type = "application/x-www-form-urlencoded; charset=UTF-8";

// A request for /hooks/twilio/status that was signed for `signed_url`.
class VerifyTwilio : public testing::Test {
protected:
    TwilioVerdict verify(const std::string& signed_url, std::string_view server_url,
                         std::string_view target = "/hooks/twilio/status") {
        signature_ = twilio_signature(own_token, signed_url, form_);
        request_.target = target;
        request_.signature = signature_;
        TwilioVerdict verdict = verify_twilio(request_, server_url, tokens_);
        if (verdict.is_genuine || verdict.cost.hashes_count == 0) return verdict;
        verdict.explanation = explain_twilio(request_, server_url, tokens_).text;
        return verdict;
    }

    Form form_ = form_of(own_body);
    std::string signature_;
    std::vector<std::string> tokens_ = {own_token};
    TwilioRequest request_{.target = "/hooks/twilio/status",
                           .signature = {},
                           .content_type = form_type,
                           .body = own_body,
                           .form = &form_,
                           .host = {},
                           .forwarded_proto = {},
                           .forwarded_host = {}};
};

struct UrlRow {
    const char* server_url;
    const char* signed_origin;
};

TEST_F(VerifyTwilio, accepts_every_spelling_of_our_url) {
    const UrlRow rows[] = {
        {"https://calls.example.com", "https://calls.example.com"},
        {"https://calls.example.com/", "https://calls.example.com"},
        {"https://calls.example.com", "https://calls.example.com:443"},
        {"http://calls.example.com", "http://calls.example.com:80"},
        {"https://calls.example.com:443", "https://calls.example.com"},
        {"https://calls.example.com:8443", "https://calls.example.com:8443"},
        {"https://calls.example.com:8443", "https://calls.example.com"},
        {"https://user:p@ss@calls.example.com", "https://user:p@ss@calls.example.com"},
        {"https://user:p@ss@calls.example.com", "https://user:p@ss@calls.example.com:443"},
        {"https://user:p@ss@calls.example.com", "https://calls.example.com"},
        {"https://user:p@ss@calls.example.com", "https://calls.example.com:443"},
        {"https://user@calls.example.com:8443", "https://calls.example.com:8443"},
        {"https://user@calls.example.com:8443", "https://calls.example.com"},
        {"https://calls.example.com/voice", "https://calls.example.com/voice"},
        {"https://calls.example.com/voice/", "https://calls.example.com:443/voice"},
        {"https://[2001:db8::1]", "https://[2001:db8::1]:443"},
        {"https://[2001:db8::1]:8443", "https://[2001:db8::1]"},
    };
    for (const UrlRow& row : rows) {
        const std::string signed_url = std::string(row.signed_origin) + "/hooks/twilio/status";
        const TwilioVerdict verdict = verify(signed_url, row.server_url);
        EXPECT_TRUE(verdict.is_genuine) << row.server_url << " for " << row.signed_origin;
        EXPECT_EQ(verdict.explanation, "");
    }
}

TEST_F(VerifyTwilio, accepts_either_form_of_an_apostrophe_in_the_query) {
    for (const std::string sent : {"'", "%27"}) {
        for (const std::string meant : {"'", "%27"}) {
            const std::string target = "/hooks/twilio/status?who=it" + sent + "s&n=O" + sent + "N";
            const TwilioVerdict verdict =
                verify(own_url + "?who=it" + meant + "s&n=O" + meant + "N",
                       "https://calls.example.com", target);
            EXPECT_TRUE(verdict.is_genuine) << sent << " for " << meant;
        }
    }
}

TEST_F(VerifyTwilio, any_of_several_tokens_may_have_signed) {
    tokens_ = {"new token", own_token, "old token"};
    EXPECT_TRUE(verify(own_url, "https://calls.example.com").is_genuine);
    tokens_ = {"new token", "old token"};
    EXPECT_FALSE(verify(own_url, "https://calls.example.com").is_genuine);
    tokens_ = {};
    EXPECT_FALSE(verify(own_url, "https://calls.example.com").is_genuine);
}

TEST_F(VerifyTwilio, any_change_is_noticed) {
    EXPECT_FALSE(verify(own_url, "https://calls.example.com", "/hooks/twilio/other").is_genuine);
    EXPECT_FALSE(verify(own_url, "https://calls.example.com", "/hooks/twilio/status?a").is_genuine);
    ASSERT_TRUE(verify(own_url, "https://calls.example.com").is_genuine);
    form_.back().second += "x";
    EXPECT_FALSE(verify_twilio(request_, "https://calls.example.com", tokens_).is_genuine);
    form_ = form_of(own_body);
    form_.pop_back();
    EXPECT_FALSE(verify_twilio(request_, "https://calls.example.com", tokens_).is_genuine);
}

TEST_F(VerifyTwilio, white_space_around_the_header_is_no_change) {
    (void)verify(own_url, "https://calls.example.com");
    const std::string padded = " " + signature_ + " ";
    request_.signature = padded;
    EXPECT_TRUE(verify_twilio(request_, "https://calls.example.com", tokens_).is_genuine);
    request_.signature = std::string_view(signature_).substr(0, signature_.size() - 1);
    EXPECT_FALSE(verify_twilio(request_, "https://calls.example.com", tokens_).is_genuine);
}

struct ExplainRow {
    const char* server_url;
    const char* signed_origin;
    const char* host;
    const char* forwarded_proto;
    const char* forwarded_host;
    const char* explanation;
};

TEST_F(VerifyTwilio, a_mismatch_names_the_address_that_would_fit) {
    constexpr const char* should = ": SERVER_URL should begin with it";
    const ExplainRow rows[] = {
        {"http://calls.example.com", "https://calls.example.com", "", "", "",
         "it would match https://calls.example.com"},
        {"https://calls.example.com", "http://calls.example.com", "", "", "",
         "it would match http://calls.example.com"},
        {"https://wrong.example.com", "https://calls.example.com", "calls.example.com", "", "",
         "it would match https://calls.example.com"},
        {"https://wrong.example.com", "http://calls.example.com:8080", "calls.example.com:8080", "",
         "", "it would match http://calls.example.com:8080"},
        {"https://wrong.example.com", "https://calls.example.com", "calls.example.com:8080", "", "",
         "it would match https://calls.example.com:8080"},
        {"http://10.0.0.1:8080", "https://calls.example.com", "10.0.0.1:8080", "https",
         "calls.example.com", "it would match https://calls.example.com"},
        {"http://10.0.0.1:8080", "https://calls.example.com", "10.0.0.1:8080", "https, http",
         "calls.example.com, inner", "it would match https://calls.example.com"},
    };
    for (const ExplainRow& row : rows) {
        request_.host = row.host;
        request_.forwarded_proto = row.forwarded_proto;
        request_.forwarded_host = row.forwarded_host;
        const std::string signed_url = std::string(row.signed_origin) + "/hooks/twilio/status";
        const TwilioVerdict verdict = verify(signed_url, row.server_url);
        EXPECT_FALSE(verdict.is_genuine) << row.server_url;
        EXPECT_EQ(verdict.explanation, std::string(row.explanation) + should) << row.server_url;
    }
}

TEST_F(VerifyTwilio, a_path_that_should_not_be_in_server_url_is_named) {
    const TwilioVerdict verdict = verify(own_url, "https://calls.example.com/voice");
    EXPECT_FALSE(verdict.is_genuine);
    EXPECT_EQ(verdict.explanation,
              "it would match https://calls.example.com: SERVER_URL should begin with it and have "
              "no path");
}

struct PrefixRow {
    const char* signed_path;
    const char* target;
};

TEST_F(VerifyTwilio, accepts_the_path_of_server_url_whether_the_proxy_left_it_or_not) {
    const PrefixRow rows[] = {
        {"/voice/status", "/status"},
        {"/voice/status", "/voice/status"},
        {"/voice/status/", "/voice/status/"},
        {"/voice//status", "/voice//status"},
        {"/voice//status", "//status"},
        {"//voice/status", "//voice/status"},
        {"/voice/status?a=b", "/voice/status?a=b"},
    };
    for (const PrefixRow& row : rows) {
        const std::string signed_url = std::string("https://calls.example.com") + row.signed_path;
        EXPECT_TRUE(verify(signed_url, "https://calls.example.com/voice", row.target).is_genuine)
            << row.target << " signed as " << row.signed_path;
    }
    EXPECT_FALSE(verify("https://calls.example.com/voice/status", "https://calls.example.com/voic",
                        "/voice/status")
                     .is_genuine);
}

TEST_F(VerifyTwilio, the_right_server_url_of_a_mismatch_can_be_tried_again) {
    (void)verify(own_url, "http://wrong.example.com");
    request_.host = "calls.example.com";
    const TwilioHint hint = explain_twilio(request_, "http://wrong.example.com", tokens_);
    EXPECT_EQ(hint.server_url, "https://calls.example.com");
    EXPECT_TRUE(verify_twilio(request_, hint.server_url, tokens_).is_genuine);
}

// Counted, not timed: 6 ms of hashing for each of these once held up everybody else.
TEST_F(VerifyTwilio, a_query_of_apostrophes_costs_no_more_than_any_other) {
    request_.host = "a.example.com";
    request_.forwarded_host = "b.example.com";
    const std::string plain = "/hooks/twilio/status?" + std::string(12'000, 'x');
    const std::string odd = "/hooks/twilio/status?" + std::string(12'000, '\'');
    const std::string_view server_url = "https://user:pass@calls.example.com/voice";
    const auto cost_of = [&](const std::string& target) {
        const TwilioVerdict verdict = verify("https://elsewhere.example.com/", server_url, target);
        EXPECT_FALSE(verdict.is_genuine);
        return verdict.cost;
    };
    const SignatureCost expected = cost_of(plain);
    const SignatureCost cost = cost_of(odd);
    EXPECT_EQ(cost.hashes_count, 4U);
    EXPECT_EQ(cost.hashes_count, expected.hashes_count);
    EXPECT_EQ(cost.hashed_bytes, expected.hashed_bytes);
    EXPECT_EQ(explain_twilio(request_, server_url, tokens_).cost.hashes_count, 0U)
        << "the whole request is too large to be looked into, not only its body";
}

TEST_F(VerifyTwilio, the_number_of_hashes_is_bounded) {
    request_.host = "a.example.com";
    request_.forwarded_host = "b.example.com";
    const std::string target = "/hooks/twilio/status?" + std::string(30, '\'') + "%27";
    const auto verdict =
        verify("https://x.example.com/", "https://user:pass@calls.example.com/voice", target);
    EXPECT_FALSE(verdict.is_genuine);
    EXPECT_EQ(verdict.cost.hashes_count, 12U);
    const TwilioHint hint = explain_twilio(request_, "https://calls.example.com/voice", tokens_);
    EXPECT_GT(hint.cost.hashes_count, 0U);
    EXPECT_LE(hint.cost.hashes_count, 24U);
    request_.signature = "too short";
    EXPECT_EQ(verify_twilio(request_, "https://calls.example.com", tokens_).cost.hashes_count, 0U);
}

TEST_F(VerifyTwilio, otherwise_the_explanation_names_token_or_forgery_and_no_secret) {
    tokens_ = {"another token"};
    request_.host = "calls.example.com";
    const TwilioVerdict verdict = verify(own_url, "https://user:secret@calls.example.com");
    EXPECT_FALSE(verdict.is_genuine);
    EXPECT_EQ(verdict.explanation, "wrong auth token or a forged request");
    request_.signature = "";
    EXPECT_EQ(verify_twilio(request_, "https://calls.example.com", tokens_).explanation,
              "no X-Twilio-Signature header");
}

TEST_F(VerifyTwilio, explanations_hold_no_credentials) {
    const TwilioVerdict verdict = verify("http://user:secret@calls.example.com/hooks/twilio/status",
                                         "https://user:secret@calls.example.com");
    EXPECT_FALSE(verdict.is_genuine);
    EXPECT_EQ(verdict.explanation.find("secret"), std::string::npos);
}

TEST_F(VerifyTwilio, odd_hosts_are_never_repeated) {
    request_.host = "calls.example.com/<script>";
    const TwilioVerdict verdict =
        verify("https://calls.example.com/<script>/hooks/twilio/status", "https://x.example.com");
    EXPECT_EQ(verdict.explanation, "wrong auth token or a forged request");
}

// ---- Bodies that are no form

TwilioVerdict verify_json(const std::string& target, std::string_view body,
                          std::string_view signature) {
    TwilioRequest request;
    request.target = target;
    request.signature = signature;
    request.content_type = "application/json";
    request.body = body;
    return verify_twilio(request, "https://mycompany.com", {sdk_token});
}

TEST(VerifyTwilioJson, the_url_and_the_hash_of_the_body_must_fit) {
    const std::string body = R"({"property": "value", "boolean": true})";
    const std::string n11 = "a9nBmqA0ju/hNViExpshrM61xv4=";
    EXPECT_TRUE(verify_json(sdk_path + "&" + property_hash, body, n11).is_genuine);
    EXPECT_TRUE(verify_json("/myapp.php?" + property_hash, body, "y77kIzt2vzLz71DgmJGsen2scGs=")
                    .is_genuine);
    const std::string n13_target = sdk_path + "&" + empty_object_hash;
    EXPECT_TRUE(verify_json(n13_target, "{}", "rw/jVviOgicj2+kHZULvebnA4ag=").is_genuine);
    EXPECT_TRUE(verify_json(n13_target, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=").is_genuine);

    EXPECT_FALSE(verify_json(sdk_path + "&" + property_hash, body + " ", n11).is_genuine);
    EXPECT_FALSE(verify_json(sdk_path + "&" + empty_object_hash, "{}", n11).is_genuine);
}

TEST(VerifyTwilioJson, a_body_without_a_hash_is_refused_even_when_the_url_is_signed) {
    const std::string signature = twilio_signature(sdk_token, sdk_url, {});
    EXPECT_TRUE(verify_json(sdk_path, "", signature).is_genuine);
    EXPECT_FALSE(verify_json(sdk_path, "{}", signature).is_genuine);
}

TEST(VerifyTwilioJson, fields_count_only_when_the_content_type_says_form) {
    const Form form = form_of(own_body);
    TwilioRequest request;
    request.target = "/hooks/twilio/status";
    request.signature = "a6903eKomEa/KblBhs0jMyy2EkM=";
    request.body = own_body;
    request.form = &form;
    for (const char* type : {"application/x-www-form-urlencoded",
                             "Application/X-WWW-Form-Urlencoded ; charset=utf-8"}) {
        request.content_type = type;
        EXPECT_TRUE(verify_twilio(request, "https://calls.example.com", {own_token}).is_genuine);
    }
    for (const char* type : {"", "application/json", "application/x-www-form-urlencodedx"}) {
        request.content_type = type;
        EXPECT_FALSE(verify_twilio(request, "https://calls.example.com", {own_token}).is_genuine);
    }
}

}  // namespace
}  // namespace wrapup
