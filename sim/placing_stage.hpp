#pragma once

// Placing in one life of the process: one placer or two on one store, and the people who ask for
// calls, take them back, and do not want to be called.

#include <memory>
#include <vector>

#include "service/placer/placer.hpp"
#include "sim/dialler.hpp"

namespace wrapup {

class PlacingStage {
public:
    struct Ports {
        SimWorld& world;
        Clock& clock;
        Store& store;
        BlockingPool& reads;
        EventSink& sink;
        SimDialler& dialler;
        TwilioApi& twilio;
        EventLog& log;
        Metrics& metrics;
        Prng& prng;
        std::function<void(std::vector<std::string>)> calls_due;
        std::function<void(Sending&)> send;
    };
    PlacingStage(Ports ports, boost::asio::any_io_executor executor);
    ~PlacingStage();

    void begin();
    void clock_was_set(milliseconds by);
    // Hands on what a callback says of a placed call, before and after it is stored; false: it is
    // to be sent again.
    Task<bool> hear(const Sending& sending, bool is_stored);
    // Everybody has been told, and no call is under way.
    bool is_finished() const;

private:
    class Node;

    PlacerSettings settings() const;
    Node& any_node();
    Task<void> end_node();
    Task<void> ask_for(TrueIntent& intent);
    Task<void> take_back(TrueIntent& intent);
    Task<void> opt_out(TrueOptOut& out);
    Task<void> lead_list(TrueList& list);
    Task<bool> take_step(TrueList& list, const TrueList::Step& step);
    Task<void> watch_list(TrueList& list);
    Task<void> sleep_until_true(UtcTime at);

    Ports ports_;
    boost::asio::any_io_executor executor_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace wrapup
