#pragma once

// One connection of a server, from accept to close.

#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/server/input_buffer.hpp"
#include "http/server/memory_budget.hpp"
#include "http/server/places.hpp"
#include "http/server/request_parser.hpp"
#include "http/server/server_shared.hpp"

namespace wrapup {

class Connection final : public BodyStream, public MemoryHolder {
public:
    // Takes a place of `listener`, and one of `peer` unless that is null.
    Connection(std::shared_ptr<ServerShared> shared, Listener& listener, Peer* peer,
               boost::asio::ip::tcp::socket socket);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Task<void> run();

    // For the server. One waits at a time, and every wait has its deadline: no timer of its own.
    void expire_if_past(SteadyTime now);
    void begin_stop();  // Ends an idle wait.
    void cut_off();
    // Frees the memory of one that has been idle for a while.
    void rest_if_idle(SteadyTime now);
    // A request has arrived and was not looked at yet.
    bool has_news();
    // Ends at once, so that another connection may have the place.
    void give_way();

    std::size_t index = 0;  // In ServerShared::connections.

private:
    enum class Wait { none, idle, head, body, write, push, linger };
    enum class Failure { none, gone, too_slow, malformed, too_large, overloaded };

    Task<bool> read_head();
    void refuse_head(RequestParser::Outcome outcome);

    Task<void> answer();
    // The answer, when it needs neither body nor waiting; else nothing, and route_ is set.
    std::optional<Response> respond_at_once();
    std::optional<Response> check_request();
    std::optional<Response> check_head(const Route& route);
    Task<Response> respond_by(const Route& route);
    Response explain_exception();  // The one that is being handled.
    Response explain_failure();
    // Counts and logs it.
    Response refuse(int status, std::string_view cause, std::string_view detail);
    void note(std::string_view cause, std::string_view reason);
    bool is_last(const Response& response) const;
    void queue(const Response& response, bool is_last);

    Task<void> read_whole_body();
    // Reads on until something was appended or the message is complete. false: see failure_.
    Task<bool> read_body_piece(std::string& into);
    SteadyTime body_deadline();
    std::size_t body_room() const;
    Task<std::optional<std::string_view>> next() override;
    bool keep(std::size_t bytes) override;
    void drop_kept() override;
    void lose(MemoryHolding& holding) override;
    bool may_drain() const;
    Task<void> drain();

    // Sends what the source has until one of the two ends it.
    Task<void> push();
    Task<bool> wait_for_news();
    void give_place_away();

    Task<bool> fill(Wait wait, SteadyTime deadline, std::size_t bytes_max);
    Task<bool> flush();
    Task<void> linger();
    void begin_wait(Wait wait, SteadyTime deadline);
    void count_buffers();
    // The peer did something: it goes to the end of every line.
    void progress();
    // All has been received, and the peer waits for us: it is in no line.
    void work();

    std::shared_ptr<ServerShared> shared_;
    const RouteSet& routes_;
    boost::asio::ip::tcp::socket socket_;
    const std::string address_;  // Of the peer.
    InputBuffer input_;
    std::string output_;
    RequestParser parser_;
    Request request_;
    std::string piece_;  // Of a streamed body.

    const Route* route_ = nullptr;        // Of the request; null: none, or not known yet.
    std::unique_ptr<PushSource> source_;  // Of the answer, when it goes on.
    bool has_source_news_ = false;
    Place place_{*this};
    Place peer_place_{*this};
    Peer* peer_;
    MemoryHolding body_{*this};
    MemoryHolding peer_body_{*this};  // The same, of what the peer may use up.
    MemoryHolding buffers_{*this};

    Wait wait_ = Wait::none;
    SteadyTime deadline_{};
    SteadyTime progressed_at_{};
    SteadyTime body_began_at_{};
    std::size_t body_bytes_ = 0;      // Received so far.
    std::size_t body_bytes_max_ = 0;  // The route's.
    std::size_t progress_bytes_ = 0;  // Of them at progressed_at_.
    Failure failure_ = Failure::none;
    bool is_resting_ = false;
    bool may_read_ahead_ = false;  // Since the last wait there was one read at most.
    bool is_expired_ = false;
    bool is_evicted_ = false;  // Lost what it held of its body.
    bool is_cut_off_ = false;
    bool wants_continue_ = false;  // The peer holds the body back until we say 100.
    bool is_closing_ = false;
    bool needs_linger_ = false;  // The peer may still be sending.
};

}  // namespace wrapup
