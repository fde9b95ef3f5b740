#pragma once

// The people of a campaign's list, in four time zones, and a Twilio that rings them. It knows their
// clocks by itself, and judges every ring and every answer by them.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "ports/call_placing.hpp"
#include "ports/twilio_api.hpp"
#include "service/placer/placing_actions.hpp"
#include "sim/sim_clock.hpp"

namespace wrapup {

// What nobody is rung outside of, and where: half of the people say their zone, of the others the
// number's country has just one.
inline constexpr const char* campaign_hours = "mon-fri 09:00-20:00, sat-sun 10:00-19:00";
struct CampaignPlace {
    const char* zone;
    const char* number_prefix;  // Five digits follow.
    bool is_said;
    std::chrono::minutes offset;
    UtcTime clocks_set_at;
    std::chrono::minutes offset_then;
};
const std::vector<CampaignPlace>& campaign_places();
std::string campaign_number(int row);
// By the clock on the wall of whoever has the number.
bool is_campaign_hour(const std::string& number, UtcTime now);

// By how often and when a number was rung.
struct CampaignPerson {
    int rings_count = 0;
    int busy_count = 0;
    int no_answer_count = 0;
    bool is_rung = false;  // Now.
    std::optional<UtcTime> not_again_before;
};

struct CampaignWaits {
    RetryWaits busy{std::chrono::minutes{15}, std::chrono::hours{1}};
    RetryWaits no_answer{std::chrono::hours{2}, std::chrono::hours{24}};
};

class CampaignTwilio final : public CallPlacing, public TwilioApi, public AgentRegistry {
public:
    struct Counts {
        int calls = 0;
        int answers_lost = 0;  // Calls that were made, and nobody was told.
        int rings = 0;
        int conversations = 0;
        int cut = 0;              // Rings that were cancelled.
        int rings_outside = 0;    // Begun, or still going on, outside the person's hours.
        int answers_outside = 0;  // The same of conversations that began.
        int twice = 0;            // Rings of somebody whose phone rang already, or who had talked.
        int early = 0;            // Rings before a retry's wait was over.
    };
    CampaignTwilio(SimClock& clock, boost::asio::any_io_executor executor, CampaignWaits waits)
        : clock_(clock), executor_(std::move(executor)), waits_(std::move(waits)) {}

    Task<CreateAnswer> create_call(OutboundCall order) override;
    Task<Result<std::vector<TwilioCall>>> list_calls_between(std::string from,
                                                             std::string to) override;
    Task<Result<void>> end_call(std::string call_sid, CallStatus status) override;
    Task<Result<FetchedCall>> fetch_call(CallAddress address) override;
    Task<CallListAnswer> list_calls(CallListQuery query) override;
    Task<Result<RegisteredAgent>> register_call(AgentOrder order) override;

    PlacedCalls* target = nullptr;  // Set before the first call.
    const Counts& counts() const { return counts_; }
    const std::map<std::string, CampaignPerson>& people() const { return people_; }

private:
    struct Made {
        TwilioCall call;
        std::string token;
        seconds timeout{};
    };

    Task<void> play(Made& made);
    Task<void> converse(Made& made);
    Task<void> tell(const Made& made);
    void begin_ring(const Made& made);
    void end_ring(const Made& made);
    void note_end(const Made& made);
    Made* find(const std::string& call_sid);

    SimClock& clock_;
    boost::asio::any_io_executor executor_;
    const CampaignWaits waits_;
    Prng prng_{5'000};
    std::map<std::string, Made, std::less<>> made_;
    std::map<std::string, CampaignPerson> people_;
    std::map<std::string, bool> has_talked_;
    Counts counts_;
};

}  // namespace wrapup
