// Answers that libmongoc itself does not survive: its assertions would end the process, and with it
// this test.

#include "adapters/mongo/checked_stream.hpp"
#include "adapters/mongo/diagnosis.hpp"
#include "adapters/mongo/metadata.hpp"
#include "test/metadata_find.hpp"
#include "test/mongo/proxy.hpp"

namespace wrapup {
namespace {

using namespace std::chrono_literals;
using test::Dialler;
using test::NxServer;
using test::Proxy;
using test::settings_of;
using Kind = MetadataAnswer::Kind;

constexpr std::size_t request_id_offset = 4;
constexpr std::size_t answered_id_offset = 8;
constexpr std::size_t flags_offset = 16;
constexpr std::uint32_t opcode_reply = 1;
constexpr std::uint32_t opcode_compressed = 2012;
constexpr std::uint32_t opcode_query = 2004;
constexpr std::uint32_t opcode_msg = 2013;

std::string number(std::uint32_t value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

// With the ids of `answer`, so that nothing else than `body` is wrong with it.
std::string message(const std::string& answer, std::uint32_t opcode, const std::string& body) {
    return number(static_cast<std::uint32_t>(16 + body.size())) +
           answer.substr(request_id_offset, 8) + number(opcode) + body;
}

std::string without_body(const std::string& answer) { return message(answer, opcode_msg, ""); }
std::string without_section(const std::string& answer) {
    return message(answer, opcode_msg, number(0));
}
std::string with_a_section_of_kind_1(const std::string& answer) {
    return message(
        answer, opcode_msg,
        number(0) + '\1' + number(50) + std::string("documents\0", 10) + std::string(36, '\0'));
}
std::string compressed(const std::string& answer) {
    return message(answer, opcode_compressed,
                   number(opcode_msg) + number(4) + std::string(15, 'a'));
}
std::string with_another_length(std::string answer, std::uint32_t size) {
    const std::size_t batch = answer.find(std::string("firstBatch\0", 11));
    if (batch == std::string::npos) return answer;
    // The key, the array's length, then the first element's type and key "0".
    const std::size_t document = batch + 11 + 4 + 1 + 2;
    return answer.replace(document, 4, number(size));
}

std::string twice(const std::string& answer) { return answer + answer; }
std::string to_another_question(std::string answer) {
    return answer.replace(answered_id_offset, 4, number(12'345));
}
std::string behind_one_that_nobody_asked_for(const std::string& answer) {
    return to_another_question(answer) + answer;
}
std::string half_then_whole(const std::string& answer) {
    return answer.substr(0, answer.size() / 2) + answer;
}
// The document of an answer of either kind, in one of the other kind.
std::string of_the_other_kind(const std::string& answer) {
    constexpr std::size_t reply_header_bytes = 20;
    constexpr std::size_t msg_header_bytes = 5;
    const bool is_reply = answer.substr(12, 4) == number(opcode_reply);
    const std::string document =
        answer.substr(16 + (is_reply ? reply_header_bytes : msg_header_bytes));
    return is_reply ? message(answer, opcode_msg, number(0) + '\0' + document)
                    : message(answer, opcode_reply,
                              number(8) + std::string(12, '\0') + number(1) + document);
}
std::string with_flags(std::string answer, std::uint32_t flags) {
    return answer.replace(flags_offset, 4, number(flags));
}
constexpr std::uint32_t checksum_present = 1;
constexpr std::uint32_t more_to_come = 2;
constexpr std::uint32_t more_may_come = 1U << 16;

// Of a find's answer: a document in the place of the namespace's text.
std::string without_namespace(std::string answer) {
    const std::size_t key = answer.find(std::string("\2ns\0", 4));
    if (key == std::string::npos) return answer;
    return answer.replace(key, 1, 1, '\xE');  // A symbol, which is written as a text is.
}
std::string refused_with(const std::string& answer, std::int64_t code) {
    mongo::Document refusal;
    refusal.number("ok", 0).number("code", code);
    const auto* data = reinterpret_cast<const char*>(bson_get_data(refusal.get()));
    return message(answer, opcode_msg, number(0) + '\0' + std::string(data, refusal.get()->len));
}

struct Case {
    const char* name;
    Proxy::Damage damage;
};
const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"no body", without_body},
        {"no section", without_section},
        {"kind 1", with_a_section_of_kind_1},
        {"compressed", compressed},
        {"length 0", [](auto answer) { return with_another_length(answer, 0); }},
        {"length 4", [](auto answer) { return with_another_length(answer, 4); }},
        {"length 5", [](auto answer) { return with_another_length(answer, 5); }},
        {"length 20", [](auto answer) { return with_another_length(answer, 20); }},
        {"no namespace", without_namespace},
        {"code 0", [](auto answer) { return refused_with(answer, 0); }},
        {"code 2^32", [](auto answer) { return refused_with(answer, std::int64_t{1} << 32); }},
        {"to another question", to_another_question},
        {"behind another", behind_one_that_nobody_asked_for},
        {"half, then whole", half_then_whole},
        {"of the other kind", of_the_other_kind},
        {"checksum", [](auto answer) { return with_flags(answer, checksum_present); }},
        {"more to come", [](auto answer) { return with_flags(answer, more_to_come); }},
    };
    return all;
}

constexpr const char* malformed = "what MONGODB_URI leads to sent a malformed answer";

class MongoMalformed : public testing::Test {
protected:
    MongoMalformed() {
        Dialler{server.uri() + "/admin"}.write("d", "calls",
                                               R"([{"callSid":"CA1","contactName":"Ann"}])");
    }

    MongoSettings settings() const { return settings_of(proxy.uri() + "/d?compressors=zlib"); }
    MetadataAnswer ask(MongoMetadata& metadata) { return find_one(metadata, {"CA1", "", ""}); }

    void expect_away_until_sound(const Case& one, void (Proxy::*damage)(Proxy::Damage)) {
        SCOPED_TRACE(one.name);
        MongoMetadata metadata{settings(), {}, clock};
        (proxy.*damage)(one.damage);
        const MetadataAnswer answer = ask(metadata);
        EXPECT_EQ(answer.kind, Kind::away);
        EXPECT_EQ(answer.detail, malformed);

        (proxy.*damage)({});
        clock.move(2s);
        EXPECT_EQ(ask(metadata).metadata.name, "Ann");
    }

    NxServer server;
    Proxy proxy{server.port()};
    test::TestClock clock;
};

TEST_F(MongoMalformed, an_answer_to_a_look_up_counts_as_away_until_a_sound_one_comes) {
    MongoMetadata metadata{settings(), {}, clock};
    for (const Case& one : cases()) {
        SCOPED_TRACE(one.name);
        proxy.damage_finds(one.damage);
        const MetadataAnswer answer = ask(metadata);
        EXPECT_EQ(answer.kind, Kind::away);
        EXPECT_EQ(answer.detail, malformed);
        EXPECT_TRUE(metadata.status().is_away);

        proxy.damage_finds({});
        clock.move(2s);
        EXPECT_EQ(ask(metadata).metadata.name, "Ann");
        EXPECT_FALSE(metadata.status().is_away);
    }
}

// The driver's monitoring asks by itself, in threads of its own.
TEST_F(MongoMalformed, an_answer_to_a_hello_counts_as_away) {
    const Case surplus[] = {
        {"twice", twice},
        {"behind another", behind_one_that_nobody_asked_for},
        {"half, then whole", half_then_whole},
        {"of the other kind", of_the_other_kind},
        {"more bytes", [](const std::string& answer) { return answer + "abc"; }},
    };
    for (const Case& one : surplus) {
        expect_away_until_sound(one, &Proxy::damage_hellos);
    }
    for (const Case& one : {cases()[0], cases()[1], cases()[2], cases()[3]}) {
        expect_away_until_sound(one, &Proxy::damage_all);
    }
}

// libmongoc asks again, on another connection.
TEST_F(MongoMalformed, an_answer_too_many_costs_the_connection_alone) {
    Dialler{server.uri() + "/admin"}.write("d", "calls",
                                           R"([{"callSid":"CA2","contactName":"Bob"}])");
    MongoMetadata metadata{settings(), {}, clock};
    proxy.damage_finds(twice);
    ASSERT_EQ(ask(metadata).metadata.name, "Ann");

    proxy.damage_finds({});
    EXPECT_EQ(find_one(metadata, {"CA2", "", ""}).metadata.name, "Bob");
    EXPECT_FALSE(metadata.status().is_away);
}

TEST_F(MongoMalformed, doctor_says_so) {
    proxy.damage_all(with_a_section_of_kind_1);
    const MongoDiagnosis diagnosis = diagnose(settings(), {});
    EXPECT_FALSE(diagnosis.is_answering);
    EXPECT_EQ(diagnosis.detail, malformed);
}

class MongoAnswer : public testing::Test {
protected:
    static std::string bytes_of(const mongo::Document& document) {
        const auto* data = reinterpret_cast<const char*>(bson_get_data(document.get()));
        return {data, document.get()->len};
    }

    static bool is_sound(std::uint32_t opcode, const std::string& body) {
        return mongo::is_sound_answer(message(std::string(16, '\0'), opcode, body));
    }
    static bool is_sound_msg(const std::string& document) {
        return is_sound(opcode_msg, number(0) + '\0' + document);
    }

    // Of an inner document whose length says `size`, `levels` deep.
    static std::string nested(std::uint32_t size, int levels) {
        std::string document = number(size) + std::string(1, '\0');
        for (int i = 0; i < levels; ++i) {
            const std::string elements = '\3' + std::string("d\0", 2) + document + '\0';
            document = number(static_cast<std::uint32_t>(4 + elements.size())) + elements;
        }
        return document;
    }

    mongo::Document plain;
    std::string text = bytes_of(plain.text("name", "Ann").number("ok", 1));
};

TEST_F(MongoAnswer, is_sound_with_one_document_of_its_true_length) {
    EXPECT_TRUE(is_sound_msg(text));
    EXPECT_FALSE(is_sound_msg(""));
    EXPECT_FALSE(is_sound_msg(text + text));
    EXPECT_FALSE(is_sound_msg(text.substr(0, text.size() - 1)));
    EXPECT_FALSE(is_sound(opcode_msg, number(0) + '\2' + text));
    EXPECT_FALSE(is_sound(opcode_compressed, number(0) + '\0' + text));
    EXPECT_FALSE(mongo::is_sound_answer(""));
    EXPECT_FALSE(mongo::is_sound_answer(number(16) + std::string(13, '\0')));
}

TEST_F(MongoAnswer, to_the_first_hello_has_documents_behind_a_header) {
    const std::string header(20, '\0');
    EXPECT_TRUE(is_sound(opcode_reply, header + text));
    EXPECT_TRUE(is_sound(opcode_reply, header + text + text));
    EXPECT_FALSE(is_sound(opcode_reply, header));
    EXPECT_FALSE(is_sound(opcode_reply, header.substr(1)));
    EXPECT_FALSE(is_sound(opcode_reply, header + text + "abc"));
}

TEST_F(MongoAnswer, has_the_members_that_the_driver_relies_on) {
    const auto is_sound_body = [](const mongo::Document& body) {
        return is_sound_msg(bytes_of(body));
    };
    mongo::Document refused;
    EXPECT_TRUE(is_sound_body(refused.number("ok", 0).number("code", 13)));
    mongo::Document no_code;
    EXPECT_TRUE(is_sound_body(no_code.number("ok", 0).text("code", "none")));
    for (const std::int64_t code : {std::int64_t{0}, std::int64_t{1} << 32}) {
        mongo::Document zero;
        EXPECT_FALSE(is_sound_body(zero.number("ok", 0).number("code", code)));
    }
    mongo::Document fraction;
    EXPECT_FALSE(is_sound_body(fraction.real("code", 0.5)));
    for (const char* key : {"writeConcernError", "writeConcernErrors"}) {
        mongo::Document written;
        EXPECT_FALSE(is_sound_body(written.document(key, plain)));
    }
    mongo::Document cursor;
    mongo::Document found;
    EXPECT_TRUE(is_sound_body(found.document("cursor", cursor.text("ns", "d.calls"))));
    mongo::Document odd_cursor;
    mongo::Document odd;
    EXPECT_FALSE(
        is_sound_body(odd.document("cursor", odd_cursor.text("ns", "d.calls").number("ns", 1))));
}

TEST_F(MongoAnswer, is_looked_through_to_its_innermost_document) {
    for (const int levels : {0, 1, 3, 3'000}) {
        SCOPED_TRACE(levels);
        EXPECT_TRUE(is_sound_msg(nested(5, levels)));
        EXPECT_FALSE(is_sound_msg(nested(0, levels)));
        EXPECT_FALSE(is_sound_msg(nested(4, levels)));
    }
}

class MongoExchange : public MongoAnswer {
protected:
    static std::string ids(std::uint32_t id, std::uint32_t answered_id) {
        return number(0) + number(id) + number(answered_id);
    }
    static std::string question(std::uint32_t id, std::uint32_t opcode, std::uint32_t flags = 0) {
        return message(ids(id, 0), opcode, number(flags));
    }
    std::string msg(std::uint32_t id, std::uint32_t answered_id, std::uint32_t flags = 0) const {
        return message(ids(id, answered_id), opcode_msg, number(flags) + '\0' + text);
    }
    std::string reply(std::uint32_t answered_id) const {
        return message(ids(1, answered_id), opcode_reply, std::string(20, '\0') + text);
    }

    mongo::Exchange exchange;
};

TEST_F(MongoExchange, takes_one_answer_to_each_question) {
    EXPECT_FALSE(exchange.take(msg(1, 0)));
    exchange.ask(question(5, opcode_msg));
    EXPECT_FALSE(exchange.take(msg(1, 4)));
    EXPECT_FALSE(exchange.take(reply(5)));
    EXPECT_TRUE(exchange.take(msg(1, 5)));
    EXPECT_FALSE(exchange.take(msg(1, 5)));
    exchange.ask(question(6, opcode_query));
    EXPECT_FALSE(exchange.take(msg(2, 6)));
    EXPECT_TRUE(exchange.take(reply(6)));
    EXPECT_FALSE(exchange.take(reply(6)));
}

TEST_F(MongoExchange, takes_more_only_where_the_question_allowed_it) {
    exchange.ask(question(5, opcode_msg));
    EXPECT_FALSE(exchange.take(msg(1, 5, more_to_come)));
    exchange.ask(question(5, opcode_msg, more_may_come));
    EXPECT_TRUE(exchange.take(msg(7, 5, more_to_come)));
    EXPECT_FALSE(exchange.take(msg(8, 5, more_to_come)));  // Each follows the one before.
    EXPECT_TRUE(exchange.take(msg(8, 7, more_to_come)));
    EXPECT_TRUE(exchange.take(msg(9, 8)));
    EXPECT_FALSE(exchange.take(msg(10, 9)));
}

TEST_F(MongoExchange, takes_nothing_that_was_not_asked_for) {
    constexpr std::uint32_t opcode_kill_cursors = 2007;
    for (const std::string& asked :
         {question(5, opcode_msg, more_to_come), question(5, opcode_kill_cursors),
          question(5, opcode_msg).substr(0, 19), std::string{}}) {
        exchange.ask(asked);
        EXPECT_FALSE(exchange.take(msg(1, 5)));
    }
    exchange.ask(question(5, opcode_msg));
    EXPECT_FALSE(exchange.take(msg(1, 5, checksum_present)));
    EXPECT_FALSE(exchange.take(msg(1, 5, 1U << 2)));
    EXPECT_TRUE(exchange.take(msg(1, 5, more_may_come)));  // May be passed over.
}

}  // namespace
}  // namespace wrapup
