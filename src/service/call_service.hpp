#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/store_queries.hpp"
#include "ports/twilio_api.hpp"
#include "service/call_actions.hpp"
#include "service/commit/group_commit.hpp"
#include "service/courier/couriers.hpp"
#include "service/intake/intake.hpp"
#include "service/settler/settler.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Carries out what a person asks for (call_actions.hpp says what, and how it fails), with the
// production settler and courier. From any thread; the work itself runs on the workers' executor.
class CallService final : public CallActions {
public:
    struct Ports {
        Clock& clock;
        CallQueries& store;
        BlockingPool& reads;
        GroupCommit& commits;
        Intake& intake;
        Settler& settler;
        Couriers& couriers;
        TwilioApi* twilio;  // Null without credentials.
        EventLog& log;
        // Another process has taken this node's place; empty: there are no nodes.
        std::function<bool()> is_replaced = {};
    };

    CallService(Ports ports, boost::asio::any_io_executor workers,
                std::vector<std::string> destinations);

    // On the workers' executor: what goes on by itself ends.
    void stop();

    Task<Result<SendNowAnswer>> send_now(std::string any_id, SendWhen when,
                                         SendAgain again) override;
    Task<Result<int>> park(std::string any_id) override;
    Task<Result<void>> put_metadata(std::string call_id, CallMetadata metadata) override;
    Task<Result<void>> put_campaign(Campaign campaign) override;
    Task<Result<void>> put_contact(Contact contact) override;
    Task<Result<void>> note(OperatorAction action) override;
    Task<Result<void>> keep(KeptValue value) override;
    Task<Result<void>> put_do_not_call(std::vector<DoNotCall> entries) override;
    Task<Result<void>> drop_do_not_call(std::string phone) override;
    Task<Result<bool>> set_destination(std::string name, DestinationState state) override;

private:
    Task<Result<SendNowAnswer>> send_on_workers(std::string any_id, SendWhen when, SendAgain again);
    Task<Result<int>> park_on_workers(std::string any_id);
    Task<Result<SendNowAnswer>> settle_and_send(CallStory open, SendWhen when, SendAgain again);
    Task<Result<SendNowAnswer>> send_aside(CallStory aside, SendWhen when, SendAgain again);
    Task<Result<std::string>> hear_from_twilio(CallAddress address);
    Task<Result<std::string>> ask_twilio(CallAddress address);
    bool ask_again(CallAddress address);
    Task<void> keep_asking(CallAddress address);
    Task<Result<CallStory>> read_story(std::string call_id);
    struct Sending;
    struct Sendings;
    Task<Result<SendNowAnswer>> deliver(CallStory story, std::vector<ClaimedDelivery> claimed,
                                        SendAgain again);
    Task<void> send_part(std::shared_ptr<Sendings> all, std::size_t index);
    Task<Result<SendNowAnswer>> send_one(Sending sending);
    Task<std::optional<DeliveryStory>> wait_for_attempt(DeliveryStory delivery);
    Task<std::optional<DeliveryStory>> read_delivery(const Delivery& delivery);
    Task<Result<void>> write(StoreOp op);
    void tell(LogLine line, const Result<void>& written, std::string_view failed);

    Ports ports_;
    boost::asio::any_io_executor workers_;
    std::vector<std::string> destinations_;
    std::map<std::string, Alarm> asking_again_;  // By CallSid.
    bool is_stopping_ = false;
};

}  // namespace wrapup
