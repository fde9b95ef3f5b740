#include "codec/bytes/url_path.hpp"

namespace wrapup {

std::string_view path_of_url(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return {};
    url.remove_prefix(scheme_end + 3);
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t slash = url.find('/');
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
}

std::string tidy_path(std::string_view path) {
    std::string tidy;
    tidy.reserve(path.size());
    for (const char c : path) {
        if (c == '/' && tidy.ends_with('/')) continue;
        tidy += c;
    }
    if (tidy.ends_with('/')) tidy.pop_back();
    return tidy;
}

bool is_below(std::string_view path, std::string_view prefix) {
    return !prefix.empty() && path.size() > prefix.size() && path.starts_with(prefix) &&
           path[prefix.size()] == '/';
}

}  // namespace wrapup
