// What a connection asks of the server, and how the schema comes to be.

#include <thread>

#include "adapters/postgres/database_url.hpp"
#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/survey.hpp"
#include "test/postgres/fixture.hpp"

namespace wrapup::postgres {
namespace {

class PostgresConnection : public PostgresTest {
protected:
    Errc refusal() {
        const auto opened = Connection::open({.url = url});
        EXPECT_FALSE(opened);
        return opened ? Errc::corrupt : opened.error().code;
    }
};

TEST_F(PostgresConnection, refuses_commits_that_do_not_wait) {
    server().execute("ALTER DATABASE " + database + " SET synchronous_commit = off");
    EXPECT_EQ(refusal(), Errc::conflict);
    server().execute("ALTER DATABASE " + database + " SET synchronous_commit = local");
    EXPECT_TRUE(Connection::open({.url = url}));
}

// A session that is open goes on waiting for the standby, whatever the server's files say then.
TEST_F(PostgresConnection, keeps_commits_that_wait) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    server().set("synchronous_commit", "off");
    auto query = (*opened)->query("SELECT current_setting('synchronous_commit')");
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.text(0), "on");
    EXPECT_TRUE((*opened)->end());
    server().set("synchronous_commit", "local");
    const auto later = Connection::open({.url = url});
    ASSERT_TRUE(later);
    auto again = (*later)->query("SELECT current_setting('synchronous_commit')");
    ASSERT_TRUE(again.next());
    EXPECT_EQ(again.text(0), "on");
    EXPECT_TRUE((*later)->end());
    server().set("synchronous_commit", "on");
}

TEST_F(PostgresConnection, refuses_texts_of_another_kind) {
    server().execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    url = server().url("latin");
    EXPECT_EQ(refusal(), Errc::conflict);
}

TEST_F(PostgresConnection, refuses_a_primary_that_came_back) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    const postgres::Timeline first = (*opened)->timeline();
    EXPECT_EQ(first.number, 1);
    const auto old = Connection::open({.url = url, .timeline_min = {first.system, 2}});
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, Errc::unavailable);
}

TEST_F(PostgresConnection, a_survey_takes_the_server_that_a_start_takes) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    EXPECT_TRUE(survey(url, (*opened)->timeline()));
    const auto old = survey(url, {(*opened)->timeline().system, 2});
    ASSERT_FALSE(old);
    EXPECT_NE(old.error().detail.find("old primary"), std::string::npos) << old.error().detail;
}

TEST_F(PostgresConnection, says_what_a_role_lacks_that_may_not_create_the_schema) {
    execute("DROP ROLE IF EXISTS \"a clerk\"; CREATE ROLE \"a clerk\" LOGIN");
    const std::string clerk = "postgres://a%20clerk@" + url.substr(url.find('@') + 1);
    const auto refused = PostgresStore::open({.url = clerk});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unauthorized);
    const std::string grant = "GRANT CREATE ON DATABASE " + database + " TO \"a clerk\"";
    EXPECT_NE(refused.error().detail.find(grant), std::string::npos) << refused.error().detail;
    const auto seen = survey(clerk);
    ASSERT_TRUE(seen) << seen.error().detail;
    EXPECT_EQ(seen->may_not_create, refused.error().detail);
    execute(grant);
    EXPECT_EQ(survey(clerk)->may_not_create, "");
    ASSERT_TRUE(open_postgres({.url = clerk}));
    execute("REVOKE CREATE ON DATABASE " + database + " FROM \"a clerk\"");
    EXPECT_EQ(survey(clerk)->may_not_create, "");
}

TEST_F(PostgresConnection, one_that_was_lost_says_so_to_whoever_asks_next) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    Connection& connection = **opened;
    execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
            database + "' AND pid <> pg_backend_pid()");
    connection.run("BEGIN");
    EXPECT_FALSE(connection.end());
    connection.run("BEGIN");
    const auto next = connection.end();
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().detail, "PostgreSQL: the connection was lost");
}

// Accepts, and never says a word.
class SilentServer {
public:
    SilentServer() {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address_), size), 0);
        EXPECT_EQ(::listen(socket_, 5), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    }
    ~SilentServer() { ::close(socket_); }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;
    std::string place() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address_{};
};

TEST_F(PostgresConnection, a_server_that_is_silent_costs_its_deadline) {
    const SilentServer silent;
    url = "postgres://wrapup@" + silent.place() + "/postgres";
    const auto opened = Connection::open({.url = url, .connect_deadline = milliseconds{100}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unavailable);
}

// A frozen one and one that is down stand before the primary.
TEST_F(PostgresConnection, each_host_has_a_deadline_of_its_own) {
    const SilentServer silent;
    const std::string primary = "127.0.0.1:" + std::to_string(server().port());
    url = "postgres://wrapup@" + silent.place() + ",127.0.0.1:1," + primary + "/" + database;
    const auto opened = Connection::open({.url = url, .connect_deadline = milliseconds{2'000}});
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ((*opened)->host(), 2U);
    // Begun with, from then on: the others are not asked.
    const auto again = Connection::open(
        {.url = url, .connect_deadline = milliseconds{2'000}, .host = (*opened)->host()});
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->host(), 2U);
}

TEST_F(PostgresConnection, says_of_each_host_why_not) {
    url = "postgres://wrapup:secret@127.0.0.1:1,127.0.0.2:2/postgres";
    const auto opened = Connection::open({.url = url});
    ASSERT_FALSE(opened);
    const std::string& words = opened.error().detail;
    EXPECT_NE(words.find("127.0.0.1:1"), std::string::npos) << words;
    EXPECT_NE(words.find("127.0.0.2:2"), std::string::npos) << words;
    EXPECT_EQ(words.find("secret"), std::string::npos) << words;
}

TEST_F(PostgresConnection, reads_the_hosts_of_a_url) {
    const auto places = [](const std::string& from) {
        std::string all;
        const auto hosts = read_hosts(from);
        if (!hosts) return std::string("refused");
        for (const HostParameters& host : *hosts) all += host.place + " ";
        return all;
    };
    EXPECT_EQ(places("postgres://u@a:1,b:2/d"), "a:1 b:2 ");
    EXPECT_EQ(places("postgres://a,b/d?port=7"), "a:7 b:7 ");
    EXPECT_EQ(places("host=a,b,c port=1,2,3"), "a:1 b:2 c:3 ");
    EXPECT_EQ(places("postgres:///d?host=/run/postgresql"), "/run/postgresql ");
    EXPECT_EQ(places("host=a,b port=1,2,3"), "refused");
    EXPECT_EQ(places("postgres://[::1"), "refused");
    EXPECT_EQ(places("postgres://u:secret/more@h/d"), "refused");
}

TEST_F(PostgresConnection, a_password_with_signs_of_urls_is_refused_and_not_told) {
    for (const char* wrong :
         {"postgres://u:a@secret@h:1/d", "postgres://u:secret/a@h/d", "postgres://u:s#ecret@h/d",
          "postgres://u:a@b?secret=1@h/d", "postgres://u:w@p/secret@h/d",
          "postgres://u:a@secret,b@h/d", "host=h password=secret"}) {
        const auto parsed = parse_database_url(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().detail.find("secret"), std::string::npos);
    }
    EXPECT_TRUE(parse_database_url("postgres://u:a%40b%2Fc@h:1,g:2/d?application_name=x@y"));
    EXPECT_TRUE(parse_database_url("postgresql:///d?host=/run/postgresql"));
    EXPECT_EQ(parse_database_url("postgres://u:a@h/d?sslmode=require&foo=1").error().detail,
              "has a parameter that PostgreSQL does not know: foo");
}

TEST_F(PostgresConnection, sends_what_is_run_with_what_is_asked) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    Connection& connection = **opened;
    connection.run("BEGIN");
    connection.run("CREATE TABLE public.t (a bigint, b text)");
    for (std::int64_t i = 0; i < 1'000; ++i) {
        connection.run("INSERT INTO public.t VALUES (?1, ?2)", i, std::string_view("x"));
    }
    auto query = connection.query("SELECT count(*) FROM public.t WHERE b = ?1", "x");
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.integer(0), 1'000);
    EXPECT_TRUE(connection.end());
    EXPECT_EQ(ask("SELECT count(*) FROM t"), "1000");
}

TEST_F(PostgresConnection, rows_that_are_inserted_one_by_one_share_statements) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened) << opened.error().detail;
    Connection& connection = **opened;
    ASSERT_TRUE(connection.execute("CREATE TEMPORARY TABLE shelf (no smallint, word text)"));
    const auto put = [&connection](std::int64_t no, std::optional<std::string> word) {
        connection.run("INSERT INTO shelf (no, word) VALUES (?1, ?2)", no, word);
    };
    connection.run("BEGIN");
    for (std::int64_t i = 0; i < 70; ++i) {
        std::optional<std::string> word = "$1, (" + std::to_string(i) + ")";
        if (i % 2 == 0) word.reset();
        put(i, word);
    }
    auto kept = connection.query(
        "SELECT count(*), count(DISTINCT cmin::text), count(word), min(no), max(no),"
        " bool_and(word = '$1, (' || no || ')') FROM shelf");
    ASSERT_TRUE(kept.next());
    EXPECT_EQ(kept.integer(0), 70);
    EXPECT_EQ(kept.integer(1), 4);  // Of 32, 32, 4 and 2 rows.
    EXPECT_EQ(kept.integer(2), 35);
    EXPECT_EQ(kept.integer(3), 0);
    EXPECT_EQ(kept.integer(4), 69);
    EXPECT_EQ(kept.integer(5), 1);
    // What follows finds them.
    put(70, std::nullopt);
    connection.run("UPDATE shelf SET word = 'found' WHERE no = ?1", 70);
    EXPECT_TRUE(connection.end());
    // Those of a transaction that fails are forgotten with it.
    connection.run("BEGIN");
    put(71, std::nullopt);
    connection.fail(Errc::unavailable, "the caller gives up");
    EXPECT_FALSE(connection.end());
    connection.run("BEGIN");
    auto after = connection.query("SELECT count(*), max(word) FROM shelf WHERE no >= 70");
    ASSERT_TRUE(after.next());
    EXPECT_EQ(after.integer(0), 1);
    EXPECT_EQ(after.text(1), "found");
    EXPECT_TRUE(connection.end());
}

TEST_F(PostgresConnection, rows_that_are_changed_one_by_one_share_statements) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened) << opened.error().detail;
    Connection& connection = **opened;
    ASSERT_TRUE(connection.execute(
        "CREATE TEMPORARY TABLE calls (no bigint PRIMARY KEY, state text, due_at_ms bigint,"
        " events_count smallint, note text);"
        "INSERT INTO calls SELECT n, 'open', 1, 0, n FROM generate_series(0, 99) AS f (n)"));
    connection.run("BEGIN");
    for (std::int64_t no = 0; no < 70; ++no) {
        const std::optional<UtcTime> due;
        std::optional<std::string> note = "($2, '" + std::to_string(no);
        if (no % 2 == 0) note.reset();
        connection.run(
            "UPDATE calls SET state = ?2, due_at_ms = ?3, events_count = ?4, note = ?5"
            " WHERE no = ?1",
            no, "settled", due, no + 1, note);
    }
    auto changed = connection.query(
        "SELECT count(*), count(DISTINCT cmin::text), count(due_at_ms), count(note),"
        " bool_and(events_count = no + 1), bool_and(note = '($2, ''' || no)"
        " FROM calls WHERE state = 'settled'");
    ASSERT_TRUE(changed.next());
    EXPECT_EQ(changed.integer(0), 70);
    EXPECT_EQ(changed.integer(1), 4);  // Of 32, 32, 4 and 2 rows.
    EXPECT_EQ(changed.integer(2), 0);
    EXPECT_EQ(changed.integer(3), 35);
    EXPECT_EQ(changed.integer(4), 1);
    EXPECT_EQ(changed.integer(5), 1);
    auto others = connection.query("SELECT count(*) FROM calls WHERE due_at_ms = 1 AND no >= 70");
    ASSERT_TRUE(others.next());
    EXPECT_EQ(others.integer(0), 30);
    EXPECT_TRUE(connection.end());
}

TEST_F(PostgresConnection, what_depends_on_the_order_of_rows_is_written_row_by_row) {
    using Row = Statement::Row;
    const auto row_of = [](std::string_view sql) { return make_statement("s", sql).row; };
    EXPECT_EQ(row_of("UPDATE calls SET state = ?2, due_at_ms = ?3 WHERE no = ?1"), Row::updated);
    EXPECT_EQ(row_of("UPDATE deliveries SET parked = ?2 WHERE id = ?1"), Row::updated);
    EXPECT_EQ(row_of("INSERT INTO events (place, kind) VALUES (?1, ?2)"), Row::inserted);
    for (const std::string_view sql : {
             "UPDATE calls SET id = ?2 WHERE no = ?1",
             "UPDATE deliveries SET state = ?2, destination = ?3 WHERE id = ?1",
             "UPDATE calls SET fence = fence + ?2 WHERE no = ?1",
             "UPDATE calls SET state = ?2 WHERE no = ?1 AND fence = ?3",
             "UPDATE calls SET state = ?2 WHERE phone = ?1",
             "UPDATE calls SET state = ?2",
             "UPDATE events SET place = ?2 WHERE no = ?1",
             "INSERT INTO nodes (id, at) VALUES (?1, now())",
             "INSERT INTO links (id) VALUES (?1) ON CONFLICT DO NOTHING",
         }) {
        EXPECT_EQ(row_of(sql), Row::none) << sql;
    }
}

TEST_F(PostgresConnection, nothing_stays_of_a_transaction_that_failed_and_the_next_one_works) {
    const auto opened = Connection::open({.url = url});
    ASSERT_TRUE(opened);
    Connection& connection = **opened;
    ASSERT_TRUE(connection.execute("CREATE TABLE public.t (a bigint PRIMARY KEY)"));
    connection.run("BEGIN");
    connection.run("INSERT INTO public.t VALUES (?1)", 1);
    connection.run("INSERT INTO public.t VALUES (?1)", 1);
    auto behind = connection.query("SELECT 2");
    EXPECT_FALSE(behind.next());
    EXPECT_TRUE(connection.has_failed());
    EXPECT_FALSE(connection.end());
    EXPECT_TRUE(connection.is_worth_another_try());
    EXPECT_FALSE(connection.is_lost());
    connection.run("BEGIN");
    connection.run("INSERT INTO public.t VALUES (?1)", 1);
    auto again = connection.query("SELECT 2");
    EXPECT_TRUE(again.next());
    EXPECT_TRUE(connection.end());
}

TEST_F(PostgresConnection, says_texts_in_the_servers_words) {
    EXPECT_EQ(in_own_words("SELECT a + 1 FROM t WHERE b = ?1 AND +c = ?"),
              "SELECT a + 1 FROM t WHERE b = $1 AND c = $1");
    EXPECT_EQ(in_own_words("FROM d INDEXED BY d_x CROSS JOIN c ON c.no = d.no, (?, ?)"),
              "FROM d JOIN c ON c.no = d.no, ($1, $2)");
    EXPECT_EQ(in_own_words("FROM d INDEXED BY d_x"), "FROM d");
}

TEST_F(PostgresConnection, makes_the_schema_once_however_many_begin_at_a_time) {
    std::vector<std::thread> nodes;
    for (int i = 0; i < 4; ++i) {
        nodes.emplace_back([this] { open_postgres({.url = url}); });
    }
    for (std::thread& node : nodes) node.join();
    EXPECT_EQ(ask("SELECT max(number) FROM wrapup.migrations"),
              std::to_string(migrations().size()));
}

TEST_F(PostgresConnection, lives_with_newer_steps_that_only_add) {
    ASSERT_TRUE(PostgresStore::open({.url = url}));
    execute("INSERT INTO wrapup.migrations VALUES (90, 1)");
    EXPECT_TRUE(PostgresStore::open({.url = url}));
    execute("INSERT INTO wrapup.migrations VALUES (91, 91)");
    const auto refused = PostgresStore::open({.url = url});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
}

}  // namespace
}  // namespace wrapup::postgres
