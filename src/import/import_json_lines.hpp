#pragma once

// JSON lines: one object per line, as mongoexport and most loggers write them. Pure and total.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "import/import_csv.hpp"

namespace wrapup {

struct JsonLine {
    std::size_t line = 0;
    // Members that are texts, numbers or booleans, as text. Of an object inside the object:
    // "campaign.name"; MongoDB's {"$oid":"…"} counts as text. Lists and null are left out.
    std::vector<std::pair<std::string, std::string>> members;
    std::string problem;  // What is wrong with it; then the members do not count.
};

class JsonLinesReader {
public:
    // `text` outlives the reader and is without a byte order mark.
    explicit JsonLinesReader(std::string_view text, TextPosition from = {})
        : text_(text), at_(from) {}

    // Lines that are blank are left out. Nothing at the end.
    std::optional<JsonLine> next();
    TextPosition position() const { return at_; }

private:
    std::string_view text_;
    TextPosition at_;
};

}  // namespace wrapup
