#include "http/api/ledger_routes.hpp"

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

Date date(std::string_view text) { return *parse_date(text); }
const Date today = date("2026-11-26");

struct QueryRow {
    const char* name;
    const char* query;
    const char* first;  // nullptr: refused, and `last` is the field to blame.
    const char* last;
    bool is_list;

    friend void PrintTo(const QueryRow& row, std::ostream* out) { *out << row.name; }
};
constexpr QueryRow queries[] = {
    {"nothing", "", "2026-11-26", "2026-11-26", false},
    {"date", "date=2026-11-01", "2026-11-01", "2026-11-01", false},
    {"range", "from=2026-11-01&to=2026-11-03", "2026-11-01", "2026-11-03", true},
    {"from", "from=2026-11-25", "2026-11-25", "2026-11-26", true},
    {"to", "to=2026-11-20", "2026-11-20", "2026-11-20", true},
    {"a_year", "from=2025-11-26", "2025-11-26", "2026-11-26", true},
    {"more_than_a_year", "from=2025-11-25", nullptr, "to", false},
    {"backwards", "from=2026-11-03&to=2026-11-01", nullptr, "to", false},
    {"no_date", "date=2026-02-30", nullptr, "date", false},
    {"empty", "date=", nullptr, "date", false},
    {"twice", "date=2026-11-01&date=2026-11-01", nullptr, "date", false},
    {"both", "date=2026-11-01&from=2026-11-01", nullptr, "date", false},
    {"unknown", "day=2026-11-01", nullptr, "day", false},
    {"broken", "date=%zz", nullptr, "", false},
};

class LedgerQueries : public testing::TestWithParam<QueryRow> {};

TEST_P(LedgerQueries, are_read) {
    const QueryRow& row = GetParam();
    const auto parsed = parse_ledger_query(row.query, today);
    if (row.first == nullptr) {
        ASSERT_TRUE(std::holds_alternative<BadInput>(parsed));
        EXPECT_EQ(std::get<BadInput>(parsed).field, row.last);
        return;
    }
    ASSERT_TRUE(std::holds_alternative<LedgerQuery>(parsed)) << std::get<BadInput>(parsed).detail;
    EXPECT_EQ(std::get<LedgerQuery>(parsed),
              (LedgerQuery{date(row.first), date(row.last), row.is_list}));
}

INSTANTIATE_TEST_SUITE_P(Table, LedgerQueries, testing::ValuesIn(queries),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

class LedgerApi : public FrontTest {
protected:
    void call(const std::string& sid, std::string_view at) {
        NewEvent event;
        event.call_sid = sid;
        event.dedup_key = sid;
        event.received_at = *parse_rfc3339(at);
        event.due_at = event.received_at;
        const StoreOp op = AppendEvent{event};
        ASSERT_TRUE(store.commit(std::span(&op, 1), event.received_at));
    }
};

TEST_F(LedgerApi, tells_a_day_and_several) {
    options.ledger.zone = TimeZone("East", 10 * 3600, {});
    serve();
    call("CA1", "2026-03-01T13:59:59Z");
    call("CA2", "2026-03-01T14:00:00Z");
    const Reply one = api_get("/api/ledger?date=2026-03-01");
    EXPECT_EQ(one.status, 200);
    EXPECT_TRUE(one.body.starts_with(
        R"({"date":"2026-03-01","timezone":"East","calls":1,"accepted":0,"parked":{"total":0},)"
        R"("in_flight":1,)"))
        << one.body;
    const Reply both = api_get("/api/ledger?from=2026-03-01&to=2026-03-02");
    const Reply other = api_get("/api/ledger?date=2026-03-02");
    EXPECT_EQ(both.body, R"({"days":[)" + one.body + "," + other.body + "]}");
}

TEST_F(LedgerApi, refuses_what_is_no_date_and_who_has_no_token) {
    serve();
    const Reply bad = api_get("/api/ledger?date=tomorrow");
    EXPECT_EQ(bad.status, 400);
    EXPECT_NE(bad.body.find(R"("field":"date")"), std::string::npos) << bad.body;
    EXPECT_EQ(ask(get("/api/ledger", "")).status, 401);
    EXPECT_EQ(ask(get("/api/ledger/verify", "")).status, 401);
}

TEST_F(LedgerApi, verifies) {
    serve();
    call("CA1", "2026-03-01T12:00:00Z");
    const Reply reply = api_get("/api/ledger/verify");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, R"({"calls":1,"sealed_days":0,"findings":[]})");
}

}  // namespace
}  // namespace wrapup
