#include "sandbox/crm/crm_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <set>

#include "base/text.hpp"
#include "codec/standard_webhooks.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t body_bytes_max = 1U << 20U;
// Longer than any client waits.
constexpr seconds hang_time{120};
constexpr milliseconds accept_retry{100};

using CrmRequestMessage = http::request<http::string_body>;
using CrmResponseMessage = http::response<http::string_body>;

std::string header_of(const CrmRequestMessage& request, std::string_view name) {
    const auto value = request[boost::beast::string_view(name.data(), name.size())];
    return std::string(value.data(), value.size());
}

bool is_rightly_signed(const CrmRequestMessage& request, const std::string& key) {
    if (key.empty()) return true;
    const auto unix_s = parse_int(header_of(request, "webhook-timestamp"));
    if (!unix_s) return false;
    const std::string wanted =
        sign_webhook(key, header_of(request, "webhook-id"), from_unix_s(*unix_s), request.body());
    return header_of(request, "webhook-signature") == wanted;
}

CrmPost post_of(const CrmRequestMessage& request, const std::string& signing_key) {
    CrmPost post;
    post.key = header_of(request, "Idempotency-Key");
    post.webhook_id = header_of(request, "webhook-id");
    post.body = request.body();
    post.is_signed = is_rightly_signed(request, signing_key);
    return post;
}

CrmResponseMessage answer_of(const CrmRequestMessage& request, int status,
                             const std::optional<seconds>& retry_after) {
    CrmResponseMessage response;
    response.version(request.version());
    response.keep_alive(request.keep_alive());
    response.result(static_cast<unsigned>(status));
    response.set(http::field::content_type, "application/json");
    if (retry_after) response.set(http::field::retry_after, std::to_string(retry_after->count()));
    response.body() = status < 300 ? R"({"ok":true})" : R"({"ok":false,"error":"sandbox fault"})";
    response.prepare_payload();
    return response;
}

// What is done about one request: no status means that the connection ends without an answer.
struct Verdict {
    std::optional<int> status;
    std::optional<seconds> retry_after;
    bool hangs = false;
};

}  // namespace

struct CrmPeer::Shared {
    Shared(asio::any_io_executor runs_on, CrmPeerOptions chosen, const Clock& time)
        : executor(std::move(runs_on)),
          options(std::move(chosen)),
          clock(time),
          acceptor(executor) {}

    std::optional<CrmFault> take_fault() {
        if (!fault || fault_left == 0) return std::nullopt;
        if (fault_left > 0) fault_left -= 1;
        return fault;
    }

    void tell(CrmEvent::Kind kind, int status, const CrmRecord& record) const {
        if (listener) listener(CrmEvent{kind, status, record});
    }

    Verdict accept(CrmRecord& record) {
        const bool is_repeat = record.is_filed();
        ledger.file(record, clock.now());
        tell(is_repeat ? CrmEvent::Kind::repeated : CrmEvent::Kind::filed, 200, record);
        return {200, {}, false};
    }

    Verdict judge(const CrmRequestMessage& request) {
        CrmRecord& record = ledger.note(post_of(request, options.signing_key), clock.now());
        const auto chosen = take_fault();
        if (!chosen) return accept(record);
        switch (chosen->kind) {
            case CrmFault::Kind::status:
                tell(CrmEvent::Kind::refused, chosen->status, record);
                return {chosen->status, chosen->retry_after, false};
            case CrmFault::Kind::hang: tell(CrmEvent::Kind::hung, 0, record); return {{}, {}, true};
            case CrmFault::Kind::accept_then_cut:
                ledger.file(record, clock.now());
                tell(CrmEvent::Kind::filed_and_cut, 0, record);
                break;
            case CrmFault::Kind::cut: tell(CrmEvent::Kind::cut, 0, record); break;
        }
        return {};
    }

    asio::any_io_executor executor;
    CrmPeerOptions options;
    const Clock& clock;
    tcp::acceptor acceptor;
    std::set<tcp::socket*> connections;
    CrmLedger ledger;
    std::optional<CrmFault> fault;
    int fault_left = 0;
    std::function<void(const CrmEvent&)> listener;
    bool is_stopped = false;
};

namespace {

template <class Shared>
Task<bool> answer(std::shared_ptr<Shared> shared, tcp::socket& socket,
                  boost::beast::flat_buffer& buffer) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_bytes_max);
    auto [broken, received] = co_await http::async_read(socket, buffer, parser, as_result);
    if (broken || shared->is_stopped) co_return false;
    const CrmRequestMessage& request = parser.get();
    const Verdict verdict = shared->judge(request);
    const milliseconds pause = verdict.hangs ? hang_time : shared->options.latency;
    if (pause > milliseconds::zero()) {
        asio::steady_timer timer(shared->executor, pause);
        co_await timer.async_wait(as_result);
    }
    if (!verdict.status || shared->is_stopped) co_return false;
    const CrmResponseMessage response = answer_of(request, *verdict.status, verdict.retry_after);
    auto [lost, sent] = co_await http::async_write(socket, response, as_result);
    co_return !lost && request.keep_alive();
}

template <class Shared>
Task<void> serve_connection(std::shared_ptr<Shared> shared, tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    shared->connections.insert(&socket);
    boost::beast::flat_buffer buffer;
    bool goes_on = true;
    while (goes_on && !shared->is_stopped) goes_on = co_await answer(shared, socket, buffer);
    shared->connections.erase(&socket);
    socket.close(ignored);
}

template <class Shared>
Task<void> accept_connections(std::shared_ptr<Shared> shared) {
    while (!shared->is_stopped) {
        tcp::socket socket(shared->executor);
        auto [error] = co_await shared->acceptor.async_accept(socket, as_result);
        if (shared->is_stopped) co_return;
        if (error) {
            asio::steady_timer pause(shared->executor, accept_retry);
            co_await pause.async_wait(as_result);
        } else {
            spawn_root(shared->executor, serve_connection(shared, std::move(socket)));
        }
    }
}

}  // namespace

CrmPeer::CrmPeer(asio::any_io_executor executor, CrmPeerOptions options, const Clock& clock)
    : shared_(std::make_shared<Shared>(std::move(executor), std::move(options), clock)) {}
CrmPeer::~CrmPeer() { stop(); }

Result<void> CrmPeer::start() {
    Shared& s = *shared_;
    error_code error;
    const auto address = asio::ip::make_address(s.options.host, error);
    const tcp::endpoint endpoint(address, s.options.port);
    if (!error) s.acceptor.open(endpoint.protocol(), error);
    if (!error) s.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) s.acceptor.bind(endpoint, error);
    if (!error) s.acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
        return Error{Errc::unavailable, "the CRM cannot listen on " + s.options.host + ":" +
                                            std::to_string(s.options.port) + ": " +
                                            error.message()};
    }
    s.options.port = s.acceptor.local_endpoint().port();
    spawn_root(s.executor, accept_connections(shared_));
    return {};
}

void CrmPeer::stop() {
    if (std::exchange(shared_->is_stopped, true)) return;
    error_code ignored;
    shared_->acceptor.close(ignored);
    for (tcp::socket* const socket : shared_->connections) socket->close(ignored);
}

std::uint16_t CrmPeer::port() const { return shared_->options.port; }
std::string CrmPeer::url() const {
    return "http://" + shared_->options.host + ":" + std::to_string(port()) + "/crm";
}
const CrmLedger& CrmPeer::ledger() const { return shared_->ledger; }

void CrmPeer::set_fault(CrmFault fault, int count) {
    shared_->fault = fault;
    shared_->fault_left = count;
}
void CrmPeer::clear_fault() { shared_->fault.reset(); }
void CrmPeer::set_latency(milliseconds latency) { shared_->options.latency = latency; }
void CrmPeer::on_event(std::function<void(const CrmEvent&)> listener) {
    shared_->listener = std::move(listener);
}

}  // namespace wrapup
