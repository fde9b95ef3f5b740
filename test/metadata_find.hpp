#pragma once

// Metadata::find() for tests that are no coroutines.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "ports/metadata.hpp"

namespace wrapup {

inline Task<void> find_into(Metadata& metadata, std::vector<MetadataQuery> queries,
                            std::vector<MetadataAnswer>& answers) {
    answers = co_await metadata.find(std::move(queries));
}

// Runs find() to its end on an event loop of its own.
inline std::vector<MetadataAnswer> find_now(Metadata& metadata,
                                            std::vector<MetadataQuery> queries) {
    boost::asio::io_context io;
    std::vector<MetadataAnswer> answers;
    boost::asio::co_spawn(io, find_into(metadata, std::move(queries), answers),
                          [](const std::exception_ptr& failure) {
                              if (failure) std::rethrow_exception(failure);
                          });
    io.run();
    return answers;
}

inline MetadataAnswer find_one(Metadata& metadata, MetadataQuery query) {
    std::vector<MetadataAnswer> answers = find_now(metadata, {std::move(query)});
    EXPECT_EQ(answers.size(), 1U);
    return answers.empty() ? MetadataAnswer{} : std::move(answers.front());
}

}  // namespace wrapup
