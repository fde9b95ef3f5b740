#include "codec/elevenlabs/agent_twiml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wrapup {
namespace {

constexpr const char* stream = R"(<Connect><Stream url="wss://a.example/x"/></Connect>)";
std::string response(const std::string& verbs) { return "<Response>" + verbs + "</Response>"; }

TEST(AgentTwiml, what_register_call_answers_leads_to_an_agent) {
    for (const std::string& twiml :
         {response(stream), R"(<?xml version="1.0" encoding="UTF-8"?>)" + response(stream) + "\n",
          R"(<?xml version='1.0' encoding='utf-8' standalone="yes" ?>)" + response(stream),
          R"(<?xml version="1.0"?>)" + response(stream),
          R"(<?xml version="1.0" encoding="ISO-8859-1"?>)" + response(stream),
          response(std::string("<Say>&#9;&#x1F600;&#xd7ff;&#0038;</Say>") + stream),
          response(R"(<Connect><Stream url="wss://a.example/x?a=1&amp;b=&#x32;">)"
                   R"(<Parameter name="conversation_id" value="conv_1" /></Stream></Connect>)"),
          response(std::string("<!-- hello -->\n  <Say>One moment &lt;3 …</Say>") + stream),
          response(R"(<Say>One <break time="1s"/><prosody rate="slow">moment</prosody></Say>)" +
                   std::string(stream)),
          std::string(R"(<Response a='1' b = "2>" >)") + stream + "</Response >"}) {
        EXPECT_TRUE(leads_to_agent(twiml)) << twiml;
    }
}

TEST(AgentTwiml, what_twilio_cannot_read_does_not) {
    const std::string good = response(stream);
    for (const std::string& twiml :
         {std::string(),
          std::string("<Response>"),
          std::string("<Response><Connect></Response>"),
          "<Response>" + std::string("\0\xff", 2) + stream + "</Response>",
          response(std::string("\x01") + stream),
          response(std::string("\xc3") + stream),
          good + " and more",
          good + good,
          good.substr(0, good.size() - 1),
          " x" + good,
          "<!DOCTYPE x>" + good,
          response(std::string("a & b") + stream),
          response(std::string("&unknown;") + stream),
          response(std::string("<Say>&#0;</Say>") + stream),
          response(std::string("<Say>&#x1f;</Say>") + stream),
          response(std::string("<Say>&#xD800;</Say>") + stream),
          response(std::string("<Say>&#65535;</Say>") + stream),
          response(std::string("<Say>&#x110000;</Say>") + stream),
          response(std::string("<Say>&#-9;</Say>") + stream),
          response(std::string("<Say>&#;</Say>") + stream),
          R"(<?xml version="1.0" encoding="UTF-16"?>)" + good,
          R"(<?xml version="1.0" encoding="US-ASCII"?>)" +
              response(std::string("<Say>…</Say>") + stream),
          R"(<?xml encoding="UTF-8"?>)" + good,
          R"(<?xml version="1.0" version="1.0"?>)" + good,
          R"(<?xml version="1.0" <?>)" + good,
          "<?xml ?>" + good,
          response(R"(<Connect><Stream url="wss://a" url="wss://b"/></Connect>)"),
          response(R"(<Connect><Stream url="wss://a?b&c"/></Connect>)"),
          response(R"(<Connect><Stream url="wss://a"name="b"/></Connect>)"),
          response(R"(<Connect><Stream url=wss://a/></Connect>)"),
          response(R"(<Connect><Stream url="wss://a></Connect>)"),
          response(std::string("<!-- a -- b -->") + stream),
          response(std::string("<![CDATA[x]]>") + stream),
          response(std::string("< >") + stream),
          response(std::string("<a><b><c><d><e><f><g><h>"))}) {
        EXPECT_FALSE(leads_to_agent(twiml)) << twiml;
    }
}

TEST(AgentTwiml, what_leads_elsewhere_does_not) {
    for (const std::string& twiml :
         {std::string("<Response/>"), response("<Hangup/>"), response("<Connect/>"),
          response("<Connect><Stream/></Connect>"), response(R"(<Stream url="wss://a"/>)"),
          response(R"(<Say><Stream url="wss://a"/></Say>)"),
          response(std::string("<Dial>+19005550123</Dial>") + stream),
          response(std::string(stream) + "<Redirect>https://evil.example</Redirect>"),
          response(std::string("<Say><Dial>+19005550123</Dial></Say>") + stream),
          response(std::string("<Say><s><Redirect>https://evil.example</Redirect></s></Say>") +
                   stream),
          response(std::string("<Connect><Room>r</Room></Connect>") + stream),
          response(R"(<Connect action="https://evil.example"><Stream url="wss://a"/></Connect>)"),
          response(R"(<Connect action=""/>)" + std::string(stream)),
          std::string("<html>") + stream + "</html>"}) {
        EXPECT_FALSE(leads_to_agent(twiml)) << twiml;
    }
}

}  // namespace
}  // namespace wrapup
