#include "adapters/postgres/timeline.hpp"

#include <cstdio>
#include <fstream>

namespace wrapup::postgres {

Timeline read_timeline(const std::string& path) {
    Timeline read;
    std::ifstream file(path);
    if (!(file >> read.system >> read.number)) return {};
    return read;
}

void write_timeline(const std::string& path, const Timeline& timeline) {
    const std::string next = path + ".new";
    {
        std::ofstream file(next, std::ios::trunc);
        file << timeline.system << ' ' << timeline.number << '\n';
        if (!file.flush()) return;
    }
    (void)std::rename(next.c_str(), path.c_str());
}

}  // namespace wrapup::postgres
