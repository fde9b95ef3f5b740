#include "adapters/mongo/errors.hpp"

#include <cstring>
#include <string_view>

namespace wrapup::mongo {
namespace {

// Codes of the server itself, from MongoDB's list of error codes.
constexpr std::uint32_t code_unauthorized = 13;
constexpr std::uint32_t code_authentication_failed = 18;
constexpr std::uint32_t code_max_time_expired = 50;
constexpr std::uint32_t code_exceeded_time_limit = 262;
// A member that is starting, stopping or changing its role: the next one will answer.
constexpr std::uint32_t codes_not_ready[] = {91, 11600, 11602, 10107, 13435, 13436, 189};

bool says(std::string_view message, std::string_view word) {
    return message.find(word) != std::string_view::npos;
}

// Only fixed words leave this function, whatever the message quotes. The words come before the host
// in libmongoc's sentences, hence the order of the questions.
Error unreachable(std::string_view message) {
    if (says(message, "Failed to connect")) return {Errc::unavailable, "no connection to MongoDB"};
    if (says(message, "Failed to resolve") || says(message, "Failed to look up")) {
        return {Errc::unavailable, "MongoDB's host name was not found"};
    }
    if (says(message, "TLS") || says(message, "certificate")) {
        return {Errc::unavailable, "no TLS connection to MongoDB; check the certificates"};
    }
    return {Errc::unavailable, "MongoDB did not answer in time"};
}

Error answered(std::uint32_t code) {
    if (code == code_authentication_failed) {
        return {Errc::unauthorized, "MongoDB refused the log-in"};
    }
    if (code == code_unauthorized) {
        return {Errc::invalid_input, "the role may not read one of the collections"};
    }
    if (code == code_max_time_expired || code == code_exceeded_time_limit) {
        return {Errc::timeout, "MongoDB gave up a slow read; are the fields indexed?"};
    }
    for (const std::uint32_t not_ready : codes_not_ready) {
        if (code == not_ready) return {Errc::unavailable, "MongoDB is changing over"};
    }
    return {Errc::invalid_input, "MongoDB refused a read, code " + std::to_string(code)};
}

}  // namespace

Error to_error(const bson_error_t& error, std::uint64_t unsound_before) {
    const std::string_view message{error.message, strnlen(error.message, sizeof error.message)};
    const bool is_log_in =
        error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE;
    if (is_log_in || error.domain == MONGOC_ERROR_SCRAM || error.domain == MONGOC_ERROR_SASL) {
        return {Errc::unauthorized, "MongoDB refused the log-in"};
    }
    if (error.domain == MONGOC_ERROR_STREAM || error.domain == MONGOC_ERROR_SERVER_SELECTION ||
        error.domain == MONGOC_ERROR_CLIENT) {
        if (unsound_answers_count() != unsound_before) {
            return {Errc::unavailable, "what MONGODB_URI leads to sent a malformed answer"};
        }
        return unreachable(message);
    }
    if (error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_QUERY ||
        error.domain == MONGOC_ERROR_COMMAND) {
        return answered(error.code);
    }
    return {Errc::corrupt, "MongoDB's answer makes no sense"};
}

bool is_source_away(const Error& error) {
    return error.code == Errc::unavailable || error.code == Errc::unauthorized;
}

}  // namespace wrapup::mongo
