#pragma once

// The .env file: KEY=VALUE lines, as shells, docker and the dotenv libraries read them. It is often
// shared with other programs, so a line that nobody can read says nothing of the lines around it.

#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

struct EnvEntry {
    std::string name;
    std::string value;
    int line = 0;  // Counts from 1; where the entry begins.

    bool operator==(const EnvEntry&) const = default;
};

// A line that was left out.
struct EnvFault {
    int line = 0;
    std::string name;  // Whose value it is; empty: nobody's; ".env": of all of the file.
    std::string text;  // ".env line 3: …"; never quotes the line, because it may hold a secret.

    bool operator==(const EnvFault&) const = default;
};

struct EnvFile {
    std::vector<EnvEntry> entries;  // In the order of the file, repetitions too: the last counts.
    std::vector<EnvFault> faults;
};

// Understands blank lines, '#' comments, `export`, 'verbatim', `verbatim` and "escaped" values
// (\n \t \r \" \\ \$), values in quotes that go on over several lines, and a comment after a value.
// Any line ends count, and a byte order mark does not. Nothing is expanded. Total: whatever cannot
// be read is a fault, and reading goes on with the next line.
EnvFile parse_env_file(std::string_view text);

// A letter or '_', then letters, digits and '_'.
bool is_env_name(std::string_view text);

}  // namespace wrapup
