#include "app/cli/complaint.hpp"

#include <boost/json.hpp>
#include <ostream>
#include <utility>

#include "app/cli/json_errors.hpp"
#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {

void complain(Console& console, std::string_view why) {
    std::string text = std::string(complaint_prefix) + terminal_text(why);
    constexpr std::size_t indent = 2;
    // A problem document is made of one line.
    if (console.error_columns > 0 && !console.has_json_errors) {
        text = wrapped(text, console.error_columns - indent, indent);
    }
    console.err << text << std::endl;
}

int unusable(Console& console, std::string_view why) {
    complain(console, why);
    return exit_unusable;
}

int failed(Console& console, std::string_view why) {
    complain(console, why);
    return exit_failed;
}

Error misshapen(std::string_view wanted) {
    return {Errc::unavailable, "the server's answer has no `" + std::string(wanted) +
                                   "`: is it another version of wrapup?"};
}

int misshapen(Console& console, std::string_view wanted) {
    return failed(console, misshapen(wanted).detail);
}

int refused(Console& console, const ApiAnswer& answer, InOptions in_options) {
    const bool is_wrong_question = answer.status == 400 || answer.status == 501;
    std::string why = problem_text(answer.status, answer.body);
    if (in_options != nullptr) why = in_options(std::move(why));
    const auto problem = parse_answer_json(answer.body);
    if (console.has_json_errors && problem && problem->is_object()) {
        boost::json::object document = problem->as_object();
        document["detail"] = why;
        console.err << boost::json::serialize(document) << std::endl;
    } else {
        complain(console, why);
    }
    return is_wrong_question ? exit_unusable : exit_failed;
}

}  // namespace wrapup
