#include "http/api/ledger_routes.hpp"

#include <optional>

#include "base/json_string.hpp"
#include "base/text.hpp"
#include "codec/bytes/form.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {
namespace {

constexpr std::chrono::days days_max{366};

Response failure(const Error& error) {
    if (error.code == Errc::unavailable) return unavailable(error.detail);
    return problem(500, error.detail);
}

std::string render_verdict(const LedgerVerdict& verdict) {
    std::string out = R"({"calls":)" + std::to_string(verdict.calls_count) + R"(,"sealed_days":)" +
                      std::to_string(verdict.sealed_days_count) + R"(,"findings":[)";
    for (const std::string& finding : verdict.findings) {
        if (&finding != verdict.findings.data()) out += ",";
        out += json_quoted(finding);
    }
    return out + "]}";
}

}  // namespace

Parsed<LedgerQuery> parse_ledger_query(std::string_view query, Date today) {
    std::optional<Date> date;
    std::optional<Date> from;
    std::optional<Date> to;
    const auto form = query.empty() ? Result<Form>(Form{}) : parse_form(query);
    if (!form) return BadInput{"", "the query is not well-formed"};
    for (const auto& [name, value] : *form) {
        std::optional<Date>* const target = name == "date"   ? &date
                                            : name == "from" ? &from
                                            : name == "to"   ? &to
                                                             : nullptr;
        if (target == nullptr) {
            return BadInput{shown_name(name), "there is no such filter"};
        }
        if (*target) return BadInput{name, "given more than once"};
        *target = parse_date(value);
        if (!*target) return BadInput{name, "a date as in 2026-03-01"};
    }
    if (date && (from || to)) return BadInput{"date", "date excludes from and to"};
    if (!from && !to) return LedgerQuery{date.value_or(today), date.value_or(today), false};
    const LedgerQuery range{from.value_or(to.value_or(today)), to.value_or(today), true};
    if (range.last < range.first) return BadInput{"to", "lies before from"};
    if (std::chrono::sys_days{range.last} - std::chrono::sys_days{range.first} >= days_max) {
        return BadInput{"to", "more than 366 days after from"};
    }
    return range;
}

void LedgerRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/ledger", 0, [this](const Request& r) { return show(r); });
    routes.add(Method::get, "/api/ledger/verify", 0,
               [this](const Request& r) { return verify(r); });
}

Task<Response> LedgerRoutes::show(const Request& request) {
    const auto parsed = parse_ledger_query(request.query(), view_.zone.date_at(clock_.now()));
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const LedgerQuery& query = std::get<LedgerQuery>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const LedgerRows rows,
                   store_.ledger(ledger_reading_of(query.first, query.last, view_.zone)));
        if (!query.is_list) return ledger_day_json(query.first, rows, view_);
        std::string body = R"({"days":[)";
        for (Date date = query.first; date <= query.last; date = next_date(date)) {
            if (date != query.first) body += ",";
            body += ledger_day_json(date, rows, view_);
        }
        return body + "]}";
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return failure(body.error());
    co_return json_response(200, *std::move(body));
}

Task<Response> LedgerRoutes::verify(const Request&) {
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const LedgerAudit audit, store_.audit_ledger());
        return render_verdict(verify_ledger(audit));
    };
    auto body = co_await long_reads_.run(work);
    if (!body) co_return failure(body.error());
    co_return json_response(200, *std::move(body));
}

}  // namespace wrapup
