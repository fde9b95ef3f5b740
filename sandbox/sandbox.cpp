#include "sandbox/sandbox.hpp"

#include "base/assert.hpp"

namespace wrapup {

Sandbox::Sandbox(boost::asio::any_io_executor executor, HttpTransport& transport,
                 SandboxOptions options)
    : options_(std::move(options)),
      sender_(transport, clock_),
      player_(executor, player_options(), book_, sender_, clock_),
      twilio_({options_.account_sid, options_.auth_token, options_.numbers}, book_, clock_,
              [this](const CallOrder& order) -> const PlayedCall& {
                  WRAPUP_ASSERT(place_);
                  return place_(order);
              }),
      elevenlabs_({options_.api_key, options_.agent_id, player_options().webhook_url}, book_,
                  clock_),
      crm_(executor, {options_.host, options_.crm_port, options_.crm_latency, {}}, clock_),
      server_(executor, ServerLimits{}, clock_, log_, metrics_) {}

PlayerOptions Sandbox::player_options() const {
    PlayerOptions player;
    player.account_sid = options_.account_sid;
    player.auth_token = options_.auth_token;
    player.agent_id = options_.agent_id;
    player.webhook_secret = options_.webhook_secret;
    if (options_.sends_webhooks) player.webhook_url = options_.target_url + "/webhooks/elevenlabs";
    return player;
}

Result<std::string> Sandbox::listen(std::uint16_t port, RouteSet routes) {
    WRAPUP_TRY(const std::uint16_t bound, server_.listen({options_.host, port}, std::move(routes)));
    return "http://" + options_.host + ":" + std::to_string(bound);
}

Result<void> Sandbox::start() {
    RouteSet twilio_routes;
    twilio_.add_to(twilio_routes);
    RouteSet elevenlabs_routes;
    elevenlabs_.add_to(elevenlabs_routes);
    WRAPUP_TRY(twilio_url_, listen(options_.twilio_port, std::move(twilio_routes)));
    WRAPUP_TRY(elevenlabs_url_, listen(options_.elevenlabs_port, std::move(elevenlabs_routes)));
    WRAPUP_CHECK(crm_.start());
    server_.start();
    return {};
}

std::vector<std::pair<std::string, std::string>> Sandbox::environment() const {
    return {{"SERVER_URL", options_.target_url},
            {"TWILIO_ACCOUNT_SID", options_.account_sid},
            {"TWILIO_AUTH_TOKEN", options_.auth_token},
            {"TWILIO_PHONE_NUMBER", options_.numbers.front()},
            {"WRAPUP_TWILIO_BASE_URL", twilio_url_},
            {"ELEVENLABS_API_KEY", options_.api_key},
            {"ELEVENLABS_WEBHOOK_SECRET", options_.webhook_secret},
            {"ELEVENLABS_AGENT_ID", options_.agent_id},
            {"WRAPUP_ELEVENLABS_BASE_URL", elevenlabs_url_},
            {"CRM_WEBHOOK_URL", crm_.url()},
            {"WRAPUP_ALLOW_PRIVATE_TARGETS", "true"}};
}

}  // namespace wrapup
