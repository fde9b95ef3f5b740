// Runs a fuzz target over every file of its corpus and over mutations of them. The mutations come
// from a fixed seed: what fails here fails everywhere, every time.
//   fuzz_<target> corpus/<target> [mutations]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "fuzz/fuzz.hpp"

namespace wrapup {
namespace {

constexpr std::uint64_t seed = 20260301;
constexpr int mutations_count_default = 3000;
constexpr std::size_t input_size_max = 65536;
constexpr std::string_view interesting = "{}[]\":,\\%&=+\0\x80\xFF-09ud\n";

std::vector<std::string> read_corpus(const char* folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file()) paths.push_back(entry.path());
    }
    // The order of a folder differs between machines; the mutations must not.
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> inputs;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

void mutate_once(std::string& input, const std::vector<std::string>& corpus, Prng& prng) {
    const std::size_t at = prng.below(input.size() + 1);
    const std::size_t size = std::min<std::size_t>(input.size() - at, prng.below(16));
    const char byte = interesting[prng.below(interesting.size())];
    const std::string& other = corpus[prng.below(corpus.size())];
    switch (prng.below(6)) {
        case 0: input.insert(at, 1, byte); break;
        case 1: input.erase(at, size); break;
        case 2: input.insert(at, input.substr(at, size)); break;
        case 3: input.resize(at); break;
        case 4: input = input.substr(0, at) + other.substr(prng.below(other.size() + 1)); break;
        default:
            if (at < input.size()) input[at] = static_cast<char>(prng.next());
    }
    if (input.size() > input_size_max) input.resize(input_size_max);
}

void run(const std::string& input) {
    // A copy of exactly its size, so that the sanitizer sees a read beyond the end.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

int replay(const char* folder, int mutations_count) {
    const std::vector<std::string> corpus = read_corpus(folder);
    if (corpus.empty()) {
        std::fprintf(stderr, "no corpus in %s\n", folder);
        return 1;
    }
    run("");
    for (const std::string& input : corpus) run(input);
    Prng prng(seed);
    for (int i = 0; i < mutations_count; ++i) {
        std::string input = corpus[prng.below(corpus.size())];
        for (std::uint64_t steps = 1 + prng.below(6); steps > 0; --steps) {
            mutate_once(input, corpus, prng);
        }
        run(input);
    }
    std::printf("%zu inputs, %d mutations\n", corpus.size(), mutations_count);
    return 0;
}

}  // namespace
}  // namespace wrapup

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s corpus-folder [mutations]\n", argv[0]);
        return 2;
    }
    return wrapup::replay(argv[1], argc > 2 ? std::atoi(argv[2]) : wrapup::mutations_count_default);
}
