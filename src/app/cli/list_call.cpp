#include "app/cli/list_call.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <system_error>

#include "app/cli/cli_campaign.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"
#include "import/import_meter.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t chunk_rows = 1'000;
constexpr std::size_t bad_rows_shown = 20;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// As of one call: what was typed is wrong, or it cannot be done.
Errc errc_of(int status) {
    if (is_passing(status)) return Errc::unavailable;
    return status == 400 || status == 501 ? Errc::invalid_input : Errc::conflict;
}

// ---- The file ----

Result<ListFile> read_file(const ListCallOptions& options) {
    std::error_code trouble;
    if (std::filesystem::is_directory(options.file, trouble)) {
        trouble = std::make_error_code(std::errc::is_a_directory);
    }
    std::ifstream file(options.file, std::ios::binary);
    if (!trouble && !file.is_open()) trouble = {errno, std::generic_category()};
    if (trouble) {
        return Error{Errc::invalid_input, options.file + " cannot be read: " + trouble.message()};
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto read = read_list_file(text, options.defaults, options.rules);
    if (!read) return Error{Errc::invalid_input, options.file + read.error().detail};
    return read;
}

// ---- Sending it ----

json::array waits_of(const std::string& text) {
    json::array waits;
    std::size_t at = 0;
    while (at <= text.size() && !text.empty()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        waits.emplace_back(trim(std::string_view(text).substr(at, comma - at)));
        at = comma + 1;
    }
    return waits;
}

json::object settings_of(const ListCallOptions& options) {
    json::object body;
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    put("campaign_name", options.campaign_name);
    put("agent_id", options.agent);
    put("from", options.from);
    put("not_before", options.not_before);
    put("not_after", options.not_after);
    if (!options.retry_busy.empty() || !options.retry_no_answer.empty()) {
        body["retry"] = json::object{{"busy", waits_of(options.retry_busy)},
                                     {"no_answer", waits_of(options.retry_no_answer)}};
    }
    return body;
}

// Sent in pieces: a number stands in a list once, so any of them may be sent again.
class ListSender {
public:
    ListSender(Console& console, const ApiClient& client, const ListCallOptions& options,
               ListFile& file)
        : console_(console), client_(client), options_(options), file_(file) {}

    // Whether all rows are good, by the server's rules; names those that are not.
    Result<void> check() {
        WRAPUP_CHECK(send(true));
        std::ranges::sort(file_.bad);
        for (std::size_t i = 0; i < file_.bad.size() && i < bad_rows_shown; ++i) {
            console_.err << terminal_text(options_.file) << " line " << file_.bad[i].first << ": "
                         << terminal_text(file_.bad[i].second) << "\n";
        }
        if (file_.bad.size() > bad_rows_shown) {
            console_.err << "and " << file_.bad.size() - bad_rows_shown << " more bad lines\n";
        }
        if (file_.bad.empty() || (options_.skips_bad && !file_.rows.empty())) return {};
        const bool is_one = file_.bad.size() == 1;
        return Error{Errc::conflict,
                     std::to_string(file_.bad.size()) + (is_one ? " line is" : " lines are") +
                         " bad, and nobody is called: correct " + (is_one ? "it" : "them") +
                         ", or leave " + (is_one ? "it" : "them") + " out with --skip-bad"};
    }
    Result<void> send() { return send(false); }

    std::int64_t accepted = 0;
    std::int64_t known = 0;
    std::int64_t corrected = 0;
    std::int64_t called_already = 0;
    json::array changed;
    std::int64_t repeated = 0;
    std::map<std::string, std::int64_t> refused;

private:
    Result<void> send(bool is_dry_run) {
        ImportMeter meter(console_.err, is_dry_run ? "checking" : "sending",
                          ::isatty(STDERR_FILENO) == 1);
        for (std::size_t from = 0; from < file_.rows.size(); from += chunk_rows) {
            const std::size_t end = std::min(from + chunk_rows, file_.rows.size());
            json::object body = settings_of(options_);
            json::array calls;
            for (std::size_t i = from; i < end; ++i) calls.push_back(file_.rows[i].call);
            body["calls"] = std::move(calls);
            body["skip_bad"] = true;
            body["dry_run"] = is_dry_run;
            const std::string text = json::serialize(body);
            const auto post = [&] {
                return client_.post(campaign_path(options_.campaign_id, "/calls"), text);
            };
            WRAPUP_TRY(const ApiAnswer answer, is_dry_run ? post() : ask_patiently(post));
            const auto parsed = parse_answer_json(answer.body);
            const bool is_all_bad =
                answer.status == 400 && parsed && !list_member(*parsed, {"bad"}).empty();
            if (!is_all_bad && (answer.status < 200 || answer.status > 299 || !parsed)) {
                meter.clear();
                return Error{errc_of(answer.status),
                             in_flags(problem_text(answer.status, answer.body))};
            }
            if (auto taken = take(*parsed, from, is_dry_run); !taken) {
                meter.clear();
                return taken;
            }
            meter.show(end, file_.rows.size());
        }
        meter.clear();
        return {};
    }

    // What is wrong with a row, by the names of whoever wrote the file.
    Result<void> take_bad(const json::value& bad, std::size_t from) {
        const auto row = parse_int(text_member(bad, {"row"})).value_or(1);
        const std::string field = text_member(bad, {"field"});
        const std::string detail = text_member(bad, {"detail"});
        const std::size_t index = from + static_cast<std::size_t>(row) - 1;
        if (index >= file_.rows.size()) return {};
        const ListFile::Row& given = file_.rows[index];
        const bool is_of_flag = field == "time_zone" && !given.has_time_zone;
        if (is_of_flag && !options_.defaults.time_zone.empty()) {
            return Error{Errc::invalid_input, "--time-zone: " + detail};
        }
        const std::string column(file_.column_of(field));
        file_.bad.emplace_back(given.line, field.empty() ? detail : column + ": " + detail);
        return {};
    }

    Result<void> take(const json::value& answer, std::size_t from, bool is_dry_run) {
        if (is_dry_run) {
            for (const json::value& bad : list_member(answer, {"bad"})) {
                WRAPUP_CHECK(take_bad(bad, from));
            }
            if (!options_.is_dry_run) return {};
        }
        accepted += parse_int(text_member(answer, {"accepted"})).value_or(0);
        known += parse_int(text_member(answer, {"already_in_list"})).value_or(0);
        corrected += parse_int(text_member(answer, {"corrected"})).value_or(0);
        called_already += parse_int(text_member(answer, {"called_already"})).value_or(0);
        for (const json::value& change : list_member(answer, {"changed"})) {
            // A dry run finds the same with each of its pieces.
            if (from == 0 || !is_dry_run) changed.push_back(change);
        }
        repeated += parse_int(text_member(answer, {"repeated"})).value_or(0);
        const json::value spared = member(answer, {"refused"});
        if (!spared.is_object()) return {};
        for (const auto& [code, count] : spared.get_object()) {
            refused[std::string(code.data(), code.size())] +=
                count.is_int64() ? count.get_int64() : 0;
        }
        return {};
    }

    Console& console_;
    const ApiClient& client_;
    const ListCallOptions& options_;
    ListFile& file_;
};

// How to end where a column's meaning is doubtful and nobody agreed.
std::optional<int> code_without_consent(Console& console, const ListCallOptions& options,
                                        const ListFile& file) {
    for (const std::string& doubt : file.doubts) console.err << doubt << "\n";
    if (file.doubts.empty() || options.is_dry_run || options.is_confirmed) return {};
    if (!console.confirm) {
        return unusable(console, "nobody is called: say --map, or --yes to call them nevertheless");
    }
    if (console.confirm("Call them nevertheless?")) return {};
    console.err << "Nobody is called." << std::endl;
    return exit_failed;
}

int failed_list(Console& console, const Error& error) {
    if (error.code == Errc::invalid_input) return unusable(console, error.detail);
    const bool may_repeat = error.code == Errc::unavailable;
    return failed(console,
                  error.detail + (may_repeat ? "; run it again: nobody is called twice" : ""));
}

void print_sent(Console& console, const CommandLine& line, const ListCallOptions& options,
                const ListSender& sender, std::size_t bad_count) {
    if (line.is_json && (options.is_dry_run || options.is_left_alone)) {
        json::object refused;
        for (const auto& [code, count] : sender.refused) refused[code] = count;
        const json::object sent{
            {"accepted", sender.accepted},   {"already_in_list", sender.known},
            {"corrected", sender.corrected}, {"called_already", sender.called_already},
            {"changed", sender.changed},     {"bad_count", bad_count},
            {"repeated", sender.repeated},   {"refused", refused},
            {"dry_run", options.is_dry_run}};
        console.out << json::serialize(sent) << std::endl;
    }
    if (line.is_json) return;
    console.out << terminal_text(options.file) << ": " << sender.accepted << " to be called, "
                << sender.known << " in the list already";
    if (sender.corrected > 0) console.out << " (" << sender.corrected << " corrected)";
    console.out << ", " << bad_count << " bad";
    if (sender.repeated > 0) console.out << ", " << sender.repeated << " repeated";
    for (const auto& [code, count] : sender.refused) {
        console.out << ", " << count << " " << terminal_text(code);
    }
    console.out << "\n";
    if (sender.called_already > 0) {
        console.out << sender.called_already << " of those in the list "
                    << (sender.called_already == 1 ? "stays as it was" : "stay as they were")
                    << ": the call was begun already.\n";
    }
    for (const json::value& change : sender.changed) {
        console.out << in_flags(text_member(change, {"setting"}) + ": ")
                    << terminal_text(json::serialize(member(change, {"is"})))
                    << " for all of the list from now on, instead of "
                    << terminal_text(json::serialize(member(change, {"was"}))) << "\n";
    }
    for (const auto& [what, time] : {std::pair{"Nobody is called before ", &options.not_before},
                                     {"Nobody is called after ", &options.not_after}}) {
        const auto at = parse_rfc3339(*time);
        if (at) console.out << what << ListTimes(console).whole(*at) << ".\n";
    }
    if (options.is_dry_run) console.out << "A dry run: nobody is called.\n";
    console.out << std::flush;
}

}  // namespace

std::string in_flags(std::string problem) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names{{
        {"retry.busy", "--retry-busy"},
        {"retry.no_answer", "--retry-no-answer"},
        {"not_before", "--not-before"},
        {"not_after", "--not-after"},
        {"time_zone", "--time-zone"},
        {"variables", "--variable"},
        {"campaign_name", "--campaign"},
        {"campaign_id", "--campaign-id"},
        {"agent_id", "--agent"},
        {"from", "--from"},
        {"name", "--name"},
    }};
    for (const auto& [field, flag] : names) {
        const bool is_word = field.find('_') != std::string_view::npos;
        if (is_word || problem.starts_with(std::string(field) + ": ")) {
            problem = replaced(std::move(problem), field, flag);
        }
    }
    return replaced(std::move(problem), R"(["15m","1h"])", "15m,1h");
}

int run_list_call(Console& console, const CommandLine& line, const ListCallOptions& options) {
    auto file = read_file(options);
    const auto client = open_api(console, line);
    if (!file || !client) return unusable(console, (file ? client.error() : file.error()).detail);
    std::ostream& preview = line.is_json ? console.err : console.out;
    preview << terminal_text(options.file) << ": " << file->preview << std::endl;
    if (options.defaults.read_phone && !file->rows.empty()) {
        preview << "The first number is understood as "
                << terminal_text(text_member(file->rows.front().call, {"to"})) << std::endl;
    }
    if (const auto code = code_without_consent(console, options, *file)) return *code;
    ListSender sender(console, *client, options, *file);
    if (const auto checked = sender.check(); !checked) return failed_list(console, checked.error());
    if (!options.is_dry_run) {
        const auto sent = sender.send();
        if (!sent) return failed_list(console, sent.error());
    }
    print_sent(console, line, options, sender, file->bad.size());
    if (options.is_left_alone || options.is_dry_run) return exit_ok;
    return follow_list(console, line, *client, options.campaign_id);
}

}  // namespace wrapup
