#include "bench/node_load.hpp"

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>

#include "bench/child.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace json = boost::json;
namespace {

constexpr const char* program = "bench/node_client.mjs";  // From the project's folder.

std::uint64_t count_of(const json::value& answer, const char* name) {
    return answer.at(name).to_number<std::uint64_t>();
}

}  // namespace

LoadResult run_node_load(std::uint16_t port, const Load& load,
                         const std::filesystem::path& folder) {
    const auto requests = folder / "requests";
    const auto output = folder / "node.log";
    {
        std::ofstream file(requests, std::ios::binary | std::ios::trunc);
        for (const std::string& request : load.requests) {
            file << request.size() << '\n' << request;
        }
    }
    std::filesystem::remove(output);
    const std::int64_t started_at = steady_ns();
    Child node({"node", program, std::to_string(port), std::to_string(load.connections),
                std::to_string(load.duration_s), load.is_repeated ? "repeated" : "once",
                requests.string()},
               {"PATH=" + std::string(std::getenv("PATH"))}, std::filesystem::current_path(),
               output);
    const std::string text = node.wait() == 0 ? text_of(output) : std::string();
    std::filesystem::remove(requests);
    boost::system::error_code error;
    const json::value answer = json::parse(text, error);
    if (error) die("the Node client failed: " + text_of(output));
    LoadResult result;
    result.sent = count_of(answer, "sent");
    result.answered = count_of(answer, "answered");
    result.refused = count_of(answer, "refused");
    result.elapsed_s = answer.at("elapsed_s").to_number<double>();
    result.started_at_ns = started_at;
    return result;
}

}  // namespace wrapup::bench
