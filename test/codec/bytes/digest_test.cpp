#include "codec/bytes/digest.hpp"
#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

// RFC 4231, test cases 1, 2, 3 and 6.
TEST(Digest, hmac_sha256_gives_the_values_of_rfc_4231) {
    const std::string long_key(131, '\xaa');
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_EQ(
        to_hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 2202, test cases 1 and 2.
TEST(Digest, hmac_sha1_gives_the_values_of_rfc_2202) {
    EXPECT_EQ(to_hex(hmac_sha1(std::string(20, '\x0b'), "Hi There")),
              "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(to_hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(Digest, hmac_in_pieces_equals_hmac_as_a_whole) {
    for (const std::string& key : {std::string(), std::string("k"), std::string(200, 'k')}) {
        HmacSha256 pieces(key);
        pieces.update("");
        for (const char c : std::string_view("a message")) pieces.update(std::string_view(&c, 1));
        EXPECT_EQ(pieces.finish(), hmac_sha256(key, "a message"));
        HmacSha256 nothing(key);
        EXPECT_EQ(nothing.finish(), hmac_sha256(key, ""));
    }
}

TEST(Digest, hmacs_can_be_moved) {
    std::vector<HmacSha256> hashes;
    for (int i = 0; i < 10; ++i) hashes.emplace_back("key").update("a");
    for (HmacSha256& hash : hashes) EXPECT_EQ(hash.finish(), hmac_sha256("key", "a"));
}

// FIPS 180-2, appendix B.1.
TEST(Digest, sha256) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4648, section 10.
TEST(Digest, base64_gives_the_values_of_rfc_4648) {
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfb\xf0", "//vw"},
    };
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), Result<std::string>(bytes));
    }
}

TEST(Digest, base64_refuses_other_texts) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9v\n",
                             "Zm-v", "Zm_v", "Z=g=", "Zh==", "Zm9="}) {
        const auto bytes = from_base64(text);
        ASSERT_FALSE(bytes) << text;
        EXPECT_EQ(bytes.error().code, Errc::invalid_input);
    }
}

}  // namespace
}  // namespace wrapup
