#pragma once

// HTTP/1 requests from bytes (Beast's parser behind a narrow door). Total: any bytes give a request
// or an error.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/server/message.hpp"

namespace wrapup {

class RequestParser {
public:
    explicit RequestParser(std::size_t header_bytes_max);
    ~RequestParser();

    enum class Outcome { need_more, ready, too_large, malformed, unsupported };
    struct Step {
        std::size_t consumed = 0;
        Outcome outcome = Outcome::need_more;
    };

    // Begins a new message, into `request`, which outlives it.
    void begin(Request& request);
    // `bytes`: everything received and not consumed yet. ready: the head is complete.
    // Empty lines before it are skipped (RFC 9112, 2.2). More than header_fields_max fields are
    // too_large.
    Step feed_head(std::string_view bytes);
    static constexpr std::size_t header_fields_max = 128;
    // Something other than empty lines was seen.
    bool has_begun() const;

    // After the head.
    bool is_complete() const;
    bool keeps_alive() const;
    std::optional<std::uint64_t> content_length() const;
    // Appends what it finds of the body to `into`. ready: the message is complete.
    Step feed_body(std::string_view bytes, std::string& into);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wrapup
