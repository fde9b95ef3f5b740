// `wrapup doctor` looks at the data folder.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "app/config/api_token.hpp"
#include "app/config/exposure.hpp"
#include "app/doctor/doctor.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

// access() asks for the real user, and knows nothing of a read-only or a full disk.
std::string why_not_writable(const std::filesystem::path& folder) {
    std::string probe = (folder / ".doctor.XXXXXX").string();
    const int file = ::mkstemp(probe.data());
    if (file < 0) return strerror(errno);
    const bool was_written = ::write(file, "wrapup\n", 7) == 7 && ::fsync(file) == 0;
    const std::string why = was_written ? std::string() : std::string(strerror(errno));
    ::close(file);
    ::unlink(probe.c_str());
    return why;
}

Finding examine_missing(const std::filesystem::path& folder) {
    std::filesystem::path parent = std::filesystem::absolute(folder).parent_path();
    struct stat status {};
    while (::stat(parent.c_str(), &status) != 0 && parent.has_relative_path()) {
        parent = parent.parent_path();
    }
    if (::access(parent.c_str(), W_OK | X_OK) == 0) {
        return {Level::good, folder.string() + " is not there yet; `wrapup serve` makes it", ""};
    }
    return {Level::broken, folder.string() + " is not there and cannot be made",
            "make it, owned by the user that runs wrapup, or set WRAPUP_DATA_DIR"};
}

void examine_token(const Settings& settings, std::vector<Finding>& findings) {
    if (!settings.api_token.empty()) return;
    const auto path = settings.data_dir / api_token_file_name;
    const auto token = read_api_token(settings.data_dir);
    if (!token && token.error().code == Errc::not_found) {
        findings.push_back({Level::good, "the API token is made at the first start", ""});
        return;
    }
    if (!token) {
        findings.push_back({Level::broken, path.string() + ": " + token.error().detail,
                            "delete the file, so that a new token is made, or set "
                            "WRAPUP_API_TOKEN"});
        return;
    }
    if (!find_exposure(path)) {
        findings.push_back({Level::good, "the API token is in " + path.string(), ""});
    } else {
        findings.push_back(
            {Level::broken, path.string() + " can be read by others",
             "chmod 600 " + path.string() + ", and make a new token by deleting it"});
    }
}

}  // namespace

std::vector<Finding> examine_data_folder(const Settings& settings) {
    struct stat status {};
    if (::stat(settings.data_dir.c_str(), &status) != 0) {
        return {examine_missing(settings.data_dir)};
    }
    const std::string folder = settings.data_dir.string();
    if (!S_ISDIR(status.st_mode)) {
        return {{Level::broken, folder + " is not a folder", "set WRAPUP_DATA_DIR to one"}};
    }
    const std::string why = why_not_writable(settings.data_dir);
    if (why == strerror(ENOSPC)) {
        return {{Level::broken,
                 std::string(disk_is_full) + " of " + folder + ": no event is acknowledged",
                 "make room: df -h " + shell_word(folder)}};
    }
    if (!why.empty()) {
        return {{Level::broken, folder + " cannot be written: " + why,
                 "give it to the user that runs wrapup"}};
    }
    std::vector<Finding> findings = {{Level::good, folder + " is writable", ""}};
    if (const auto exposure = find_exposure(settings.data_dir)) {
        findings.push_back(
            {Level::note,
             folder + " (" + exposure->mode + ") is open to other users: it holds personal data",
             "chmod 700 " + folder});
    }
    examine_token(settings, findings);
    return findings;
}

std::vector<Finding> examine_env_file(const Settings& settings) {
    if (settings.env_file.empty()) return {};
    const auto exposure = find_exposure(settings.env_file, OpenTo::group);
    if (!exposure) return {};
    const std::string path = settings.env_file.string();
    return {{Level::note,
             path + " (" + exposure->mode + ") is open to other users: it holds secrets",
             "chmod 640 " + path + ", or 600"}};
}

}  // namespace wrapup
