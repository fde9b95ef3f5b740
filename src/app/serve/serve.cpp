#include "app/serve/serve.hpp"

#include <malloc.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <utility>

#include "adapters/sqlite/data_folder.hpp"
#include "app/config/api_token.hpp"
#include "app/program/exit_codes.hpp"
#include "app/serve/house.hpp"
#include "app/serve/stop_signals.hpp"

namespace wrapup {
namespace {

int complain(const Error& error) {
    std::fprintf(stderr, "wrapup: %s\n", error.detail.c_str());
    return error.code == Errc::unavailable ? exit_failed : exit_unusable;
}

// In the package's /etc/wrapup the default, ./data, is where the service may not write.
Result<void> make_folder_of(const Settings& settings) {
    auto made = make_data_folder(settings.data_dir.string());
    if (made) return made;
    return Error{made.error().code, made.error().detail +
                                        ": set WRAPUP_DATA_DIR to a folder that "
                                        "this user may write to"};
}

Result<std::string> token_for(const Settings& settings) {
    if (!settings.api_token.empty()) return settings.api_token;
    WRAPUP_TRY(ApiToken token, load_or_make_api_token(settings.data_dir));
    if (token.is_new && isatty(STDOUT_FILENO) == 1) {
        std::printf("API token (kept in %s/%s): %s\n", settings.data_dir.c_str(),
                    api_token_file_name, token.token.c_str());
    }
    return std::move(token.token);
}

// While the house holds them still: what was told to stop twice ends as it does when told once.
// Asio would let go of them with the house, so that the second one killed; these stay with the
// process.
void ignore_more_signals() {
    static auto* const nobody = new boost::asio::io_context;
    static auto* const held = new boost::asio::signal_set(*nobody);
    hold_stop_signals(*held);
}

}  // namespace

int run_serve(const Settings& settings, Examine examine) {
    // A peer that closes its end is an error of one write, and never of the process.
    std::signal(SIGPIPE, SIG_IGN);
    // Few threads do the allocating; an arena for each would only cost memory.
    mallopt(M_ARENA_MAX, 2);
    if (auto made = make_folder_of(settings); !made) return complain(made.error());
    auto token = token_for(settings);
    if (!token) return complain(token.error());
    Settings told = settings;
    told.digests = node_digests(settings, *token);
    auto house = House::build(told, *std::move(token), {}, std::move(examine),
                              ServiceManager::of_environment());
    if (!house) return complain(house.error());
    (*house)->run();
    ignore_more_signals();
    return 0;
}

}  // namespace wrapup
