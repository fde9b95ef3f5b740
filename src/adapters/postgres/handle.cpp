#include "adapters/postgres/handle.hpp"

#include <poll.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <iterator>
#include <utility>

#include "adapters/postgres/bytes.hpp"

namespace wrapup::postgres {
namespace {

using Clock = std::chrono::steady_clock;

// So soon is what all connections share looked at while one waits.
constexpr milliseconds look_every{200};

// Of one statement that writes. A row has 30 values at most, a statement 65,535.
constexpr std::size_t rows_max = 32;

constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;
constexpr Oid int8_array_type = 1016;
constexpr Oid text_array_type = 1009;

std::string_view or_empty(const char* text) { return text == nullptr ? "" : text; }

std::string_view state_of(const PGresult& result) {
    return or_empty(PQresultErrorField(&result, PG_DIAG_SQLSTATE));
}

// Without the detail, which may quote what is stored.
std::string words_of(const PGresult& result) {
    std::string words(or_empty(PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY)));
    return words.append(" (").append(state_of(result)).append(")");
}

Errc code_of(std::string_view state) {
    const std::string_view kind = state.substr(0, 2);
    if (kind == "22" || kind == "54") return Errc::invalid_input;
    if (kind == "28" || state == "42501") return Errc::unauthorized;
    // What only damage can cause: a missing table, a broken rule.
    if (kind == "42" || kind == "XX") return Errc::corrupt;
    return Errc::unavailable;
}

// Others were faster: a row that both make, or two transactions that waited for each other.
bool is_collision(std::string_view state) {
    return state == "23505" || state == "40001" || state == "40P01";
}

// What the server no longer takes on this connection.
bool ends_connection(std::string_view state) {
    return state == "25006" || state.starts_with("57P") || state.starts_with("08");
}

std::string line_of(const char* message) {
    std::string line(or_empty(message));
    std::ranges::replace(line, '\n', ' ');
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

}  // namespace

// ---- Queries ----

Query::Parameter& Query::parameter(int index) {
    const auto place = static_cast<std::size_t>(index - 1);
    if (parameters_.size() <= place) parameters_.resize(place + 1);
    return parameters_[place];
}

void Query::bind(int index, std::int64_t value) {
    parameter(index) = {std::to_string(value), int8_type, false};
}

void Query::bind(int index, std::string_view value) {
    parameter(index) = {to_stored(value), text_type, false};
}

// Where a null stands among values of other rows, its type is not told by the place.
void Query::bind_null(int index, sql::NullOf of) {
    Oid type = 0;
    if (of == sql::NullOf::integer) type = int8_type;
    if (of == sql::NullOf::text) type = text_type;
    parameter(index) = {{}, type, true};
}

void Query::bind_lease(int index, std::optional<UtcTime> until) {
    if (until) *until += connection_->ahead;
    bind_any(index, until);
}

void Query::bind(int index, const std::vector<std::string>& values) {
    std::string list = "{";
    for (const std::string& value : values) {
        list += list.size() > 1 ? ",\"" : "\"";
        for (const char c : to_stored(value)) {
            if (c == '"' || c == '\\') list += '\\';
            list += c;
        }
        list += '"';
    }
    parameter(index) = {list + "}", text_array_type, false};
}

void Query::bind(int index, const std::vector<std::int64_t>& values) {
    std::string list = "{";
    for (const std::int64_t value : values) {
        if (list.size() > 1) list += ',';
        list += std::to_string(value);
    }
    parameter(index) = {list + "}", int8_array_type, false};
}

void Query::send() {
    if (statement_ == nullptr || state_ != State::made) return;
    state_ = State::sent;
    ticket_ = connection_->send(*statement_, parameters_, Connection::Kind::ask);
}

void Query::finish() {
    if (statement_ == nullptr || state_ != State::made) return;
    state_ = State::answered;
    if (statement_->row != Statement::Row::none) {
        connection_->write_later(*statement_, std::move(parameters_));
    } else {
        connection_->send(*statement_, parameters_, Connection::Kind::run);
    }
}

bool Query::next() {
    send();
    if (state_ == State::sent) {
        state_ = State::answered;
        answer_ = connection_->wait_for(ticket_);
    }
    if (!answer_ || row_ + 1 >= PQntuples(answer_.get())) return false;
    ++row_;
    return true;
}

std::string_view Query::view(int column) const {
    const int size = PQgetlength(answer_.get(), row_, column);
    const std::string_view stored{PQgetvalue(answer_.get(), row_, column),
                                  static_cast<std::size_t>(size)};
    if (!has_stand_ins(stored)) return stored;
    return read_back_.emplace_back(from_stored(stored));
}

std::int64_t Query::integer(int column) const {
    const std::string_view text = view(column);
    if (text == "t") return 1;
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::optional<UtcTime> Query::optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

std::optional<UtcTime> Query::lease(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column) - connection_->ahead;
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

Statement* Connection::statement(std::string_view sql) {
    if (has_failed()) return nullptr;
    if (const auto found = statements_.find(sql); found != statements_.end()) {
        return found->second.get();
    }
    Statement made = make_statement("s" + std::to_string(statements_.size()), sql);
    auto& kept = statements_[std::string(sql)];
    kept = std::make_unique<Statement>(std::move(made));
    return kept.get();
}

// ---- On the wire ----

void Connection::write_later(Statement& statement, Parameters parameters) {
    const auto known =
        std::ranges::find(writes_, &statement, [](const auto& one) { return one.first; });
    auto& rows = known != writes_.end()
                     ? known->second
                     : writes_.emplace_back(&statement, std::vector<Parameters>{}).second;
    rows.push_back(std::move(parameters));
    if (rows.size() == rows_max) send_some(statement, rows);
}

// Powers of two, so that there are few statements to prepare.
void Connection::send_some(Statement& statement, std::vector<Parameters>& rows) {
    for (std::size_t from = 0; from < rows.size();) {
        const std::size_t count = std::bit_floor(rows.size() - from);
        Parameters all = std::move(rows[from]);
        const std::size_t per_row = all.size();
        for (std::size_t i = 1; i < count; ++i) {
            std::ranges::move(rows[from + i], std::back_inserter(all));
        }
        send_now(statement.of_rows(count, per_row), all, Kind::run);
        from += count;
    }
    rows.clear();
}

void Connection::send_writes() {
    for (auto& [statement, rows] : writes_) send_some(*statement, rows);
    writes_.clear();
}

std::int64_t Connection::send(Statement& statement, const Parameters& parameters, Kind kind) {
    send_writes();
    return send_now(statement, parameters, kind);
}

std::int64_t Connection::send_now(Statement& statement, const Parameters& parameters, Kind kind) {
    if (has_failed()) return 0;
    const int count = static_cast<int>(parameters.size());
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Query::Parameter& one : parameters) {
        types.push_back(one.type);
        values.push_back(one.is_null ? nullptr : one.value.c_str());
        lengths.push_back(static_cast<int>(one.value.size()));
        formats.push_back(one.type == text_type ? 1 : 0);
    }
    if (!statement.is_prepared) {
        if (PQsendPrepare(handle_.get(), statement.name.c_str(), statement.text.c_str(), count,
                          types.data()) == 0) {
            lose(line_of(PQerrorMessage(handle_.get())));
            return 0;
        }
        statement.is_prepared = true;
        sent_.push_back({Kind::prepare, 0, &statement});
    }
    if (PQsendQueryPrepared(handle_.get(), statement.name.c_str(), count, values.data(),
                            lengths.data(), formats.data(), 0) == 0) {
        lose(line_of(PQerrorMessage(handle_.get())));
        return 0;
    }
    sent_.push_back({kind, ++last_ticket_, nullptr});
    return last_ticket_;
}

bool Connection::wait_for_bytes(Clock::time_point until, bool is_writing) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{PQsocket(handle_.get()), POLLIN, 0};
    if (is_writing) watched.events |= POLLOUT;
    (void)::poll(&watched, 1, static_cast<int>(std::min(left, look_every.count())));
    if ((watched.revents & POLLIN) != 0) options_.pulse->heard(Clock::now());
    return true;
}

// Whether nobody waits any longer for what was asked for at `from`, whatever its deadline.
bool Connection::is_over(Clock::time_point from) {
    Pulse& pulse = *options_.pulse;
    if (Clock::now() >= pulse.end()) return true;
    if (options_.silence_min == milliseconds{0}) return pulse.is_silent();
    if (Clock::now() >= from + options_.silence_min) pulse.note_wait(from);
    return false;
}

// The next result, null at the end of one statement's. Null as well when the connection was lost.
PGresult* Connection::receive(milliseconds deadline) {
    const auto from = Clock::now();
    while (handle_) {
        const int unsent = PQflush(handle_.get());
        if (unsent < 0 || PQconsumeInput(handle_.get()) == 0) {
            lose(line_of(PQerrorMessage(handle_.get())));
            return nullptr;
        }
        if (PQisBusy(handle_.get()) == 0) return PQgetResult(handle_.get());
        if (is_over(from) || !wait_for_bytes(from + deadline, unsent == 1)) {
            lose("the server did not answer in time");
        }
    }
    return nullptr;
}

void Connection::look_at(const Sent& sent, Answer answer) {
    const ExecStatusType status = PQresultStatus(answer.get());
    const bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (sent.statement != nullptr && !is_good) sent.statement->is_prepared = false;
    if (status == PGRES_FATAL_ERROR) fail(*answer);
    if (sent.kind == Kind::ask && is_good) answers_[sent.ticket] = std::move(answer);
}

// The answer to what was sent first.
void Connection::take_next(milliseconds deadline) {
    const Sent sent = sent_.front();
    sent_.pop_front();
    Answer answer{receive(deadline)};
    if (sent.kind != Kind::synchronize) {
        for (Answer more{receive(deadline)}; more; more.reset(receive(deadline))) {
        }
    }
    if (answer) {
        look_at(sent, std::move(answer));
    } else if (handle_) {
        lose("the server's answers are out of step");
    }
}

Answer Connection::wait_for(std::int64_t ticket) {
    const auto is_here = [&] { return answers_.contains(ticket); };
    // One that was sent before another that was waited for has been answered with it.
    if (ticket > asked_for_ && !has_failed()) {
        if (PQsendFlushRequest(handle_.get()) == 0) lose(line_of(PQerrorMessage(handle_.get())));
        asked_for_ = last_ticket_;
        round_trips_ += 1;
    }
    while (!is_here() && !sent_.empty() && sent_.front().ticket <= ticket && handle_) {
        take_next(options_.answer_deadline);
    }
    const auto found = answers_.find(ticket);
    if (found == answers_.end()) return nullptr;
    Answer answer = std::move(found->second);
    answers_.erase(found);
    return answer;
}

void Connection::synchronize(milliseconds deadline) {
    if (!handle_) return;
    if (PQpipelineSync(handle_.get()) == 0) return lose(line_of(PQerrorMessage(handle_.get())));
    sent_.push_back({Kind::synchronize});
    while (!sent_.empty() && handle_) take_next(deadline);
}

void Connection::count_in(std::int64_t slot) {
    if (std::exchange(options_.slot, slot) == slot) return;
    run("SELECT set_config('wrapup.slot', ?1, false)", std::to_string(slot));
}

// ---- Ends ----

Result<void> Connection::end() {
    is_unknown_ = false;
    is_unreplicated_ = false;
    answers_.clear();
    if (has_failed()) writes_.clear();
    const bool commits = !has_failed();
    const auto from = Clock::now();
    auto commit = query("COMMIT");
    if (commits) commit.send();
    synchronize(commits ? options_.commit_deadline : options_.answer_deadline);
    last_cost_ = {Clock::now() - from, std::exchange(round_trips_, 0) + 1};
    if (commits && !handle_) {
        // It may have been done, or be done yet.
        is_unknown_ = true;
    } else if (commits && !has_failed() && is_unreplicated_) {
        is_unknown_ = true;
        lose("no standby has confirmed the commit");
    }
    if (handle_ && PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) {
        std::optional<Error> failure = std::exchange(failure_, {});
        run("ROLLBACK");
        synchronize(options_.answer_deadline);
        if (failure) failure_ = std::move(failure);
        if (!failure_) fail(Errc::unavailable, "the transaction did not end");
    }
    answers_.clear();
    return take_failure();
}

void Connection::fail(Errc code, std::string_view what) {
    if (failure_) return;
    is_worth_another_try_ = false;
    met_lock_ = false;
    failure_ = Error{code, "PostgreSQL: " + std::string(what)};
}

void Connection::fail(const PGresult& result) {
    const std::string_view state = state_of(result);
    if (!failure_) {
        fail(code_of(state), words_of(result));
        is_worth_another_try_ = is_collision(state);
        met_lock_ = state == "55P03";
    }
    if (ends_connection(state)) lose(words_of(result));
}

// Without a word to the server: what it is at shall come to its end by itself.
void Connection::lose(std::string_view why) {
    // Of one that was lost before, libpq says "connection pointer is NULL".
    fail(Errc::unavailable, handle_ ? why : "the connection was lost");
    is_worth_another_try_ = false;
    sent_.clear();
    writes_.clear();
    handle_.reset();
}

Result<void> Connection::take_failure() {
    if (!failure_) return {};
    Error error = *std::move(failure_);
    failure_.reset();
    return error;
}

// A commit whose wait for its standby was broken off is told as done, but for a warning. Its words
// are in the server's language.
void Connection::hear(void* self, const PGresult* notice) {
    const std::string_view state = state_of(*notice);
    if (state != "01000" && state != "57P01") return;
    static_cast<Connection*>(self)->is_unreplicated_ = true;
}

}  // namespace wrapup::postgres
