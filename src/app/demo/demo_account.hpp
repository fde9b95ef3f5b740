#pragma once

// Calls ended against records accepted, counted from the sandbox's two sides and not from anything
// that wrapup says.

#include <string>
#include <vector>

#include "app/demo/demo_screen.hpp"
#include "sandbox/calls/call_book.hpp"
#include "sandbox/crm/crm_ledger.hpp"

namespace wrapup {

struct DemoAccount {
    std::size_t ended_count = 0;
    std::size_t records_count = 0;
    std::size_t missing_count = 0;   // Calls without a record.
    std::size_t twice_count = 0;     // Numbers with more than one; every call has its own.
    std::size_t wrong_count = 0;     // Another outcome, duration, name or summary than it was.
    std::size_t altered_count = 0;   // Repeats with other bytes or keys than the first.
    std::size_t requests_count = 0;  // That the CRM received.
    std::size_t held_count = 0;
    std::size_t no_answer_count = 0;
    std::size_t voicemail_count = 0;
    std::size_t no_connection_count = 0;
    milliseconds delay_quick{};    // Median of calls that wait for no summary.
    milliseconds delay_summary{};  // Of the others.

    bool is_right() const {
        return ended_count == records_count && missing_count == 0 && twice_count == 0 &&
               wrong_count == 0 && altered_count == 0;
    }
};

struct CrmFields {
    std::string subject;
    std::string to;
    std::string name;
    std::string summary;
    std::string status;
    std::int64_t duration_s = 0;
};
// Of a record's body; empty fields when it is no record.
CrmFields read_crm_fields(const std::string& body);

DemoAccount make_account(const CallBook& book, const CrmLedger& ledger);
std::string render_account(const DemoAccount& account, std::size_t forged_count,
                           const DemoLook& look);

}  // namespace wrapup
