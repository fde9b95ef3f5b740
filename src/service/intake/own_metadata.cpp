#include "service/intake/own_metadata.hpp"

#include "base/assert.hpp"

namespace wrapup {

Task<std::vector<MetadataAnswer>> OwnMetadata::find(std::vector<MetadataQuery> queries) {
    std::vector<MetadataKey> keys;
    keys.reserve(queries.size());
    for (const MetadataQuery& query : queries) {
        const std::string& id = query.call_sid.empty() ? query.conversation_id : query.call_sid;
        keys.push_back({id, query.conversation_id, query.to, query.is_inbound});
    }
    auto read = [&] { return store_.own_metadata(keys); };
    const auto found = co_await reads_.run(read);
    std::vector<MetadataAnswer> answers(queries.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!found) {
            answers[i].kind = MetadataAnswer::Kind::away;
            answers[i].detail = found.error().detail;
        } else {
            answers[i].metadata = (*found)[i];
            const bool is_known = answers[i].metadata != CallMetadata{};
            answers[i].kind = is_known ? MetadataAnswer::Kind::found : MetadataAnswer::Kind::absent;
        }
    }
    co_return answers;
}

Task<std::vector<MetadataAnswer>> MetadataChain::find(std::vector<MetadataQuery> queries) {
    std::vector<MetadataQuery> copies = queries;
    std::vector<MetadataAnswer> answers = co_await first_.find(std::move(copies));
    const std::vector<MetadataAnswer> own = co_await second_.find(std::move(queries));
    WRAPUP_ASSERT(own.size() == answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        answers[i].metadata = merge(std::move(answers[i].metadata), own[i].metadata);
        if (own[i].kind != MetadataAnswer::Kind::away) continue;
        answers[i].kind = own[i].kind;
        answers[i].detail = own[i].detail;
    }
    co_return answers;
}

}  // namespace wrapup
