#include "service/intake/own_metadata.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

using Kind = MetadataAnswer::Kind;

class OneAnswer final : public Metadata {
public:
    OneAnswer(Kind kind, std::string name) {
        answer_.kind = kind;
        answer_.metadata.name = std::move(name);
        answer_.detail = kind == Kind::away ? "gone" : "";
    }
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override {
        co_return std::vector<MetadataAnswer>(queries.size(), answer_);
    }

private:
    MetadataAnswer answer_;
};

Task<void> ask(Metadata& metadata, std::optional<MetadataAnswer>& answer) {
    std::vector<MetadataQuery> queries(1);
    std::vector<MetadataAnswer> answers = co_await metadata.find(std::move(queries));
    answer = std::move(answers.at(0));
}

MetadataAnswer chained(OneAnswer first, OneAnswer second) {
    boost::asio::io_context io;
    MetadataChain chain(first, second);
    std::optional<MetadataAnswer> answer;
    spawn_root(io.get_executor(), ask(chain, answer));
    io.run();
    return answer.value();
}

TEST(MetadataChain, fills_what_the_first_source_leaves_empty) {
    EXPECT_EQ(chained({Kind::found, "Ada"}, {Kind::found, "Eve"}).metadata.name, "Ada");
    const MetadataAnswer filled = chained({Kind::not_yet, ""}, {Kind::found, "Eve"});
    EXPECT_EQ(filled.metadata.name, "Eve");
    EXPECT_EQ(filled.kind, Kind::not_yet);
}

TEST(MetadataChain, is_away_when_what_was_handed_over_cannot_be_read) {
    for (const Kind kind : {Kind::found, Kind::not_yet, Kind::absent}) {
        const MetadataAnswer answer = chained({kind, "Ada"}, {Kind::away, ""});
        EXPECT_EQ(answer.kind, Kind::away);
        EXPECT_EQ(answer.detail, "gone");
        EXPECT_EQ(answer.metadata.name, "Ada");
    }
}

}  // namespace
}  // namespace wrapup
