#pragma once

// A pool of clients with bounded waits, and the one way in which this folder reads documents.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/mongo/handle.hpp"
#include "adapters/mongo/settings.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup::mongo {

struct Scan {
    enum class Order { any, oldest_first, newest_first };  // By `_id`.

    std::string collection;
    const Document* filter = nullptr;
    std::vector<std::string> paths;  // Empty: whole documents.
    std::int64_t documents_max = 0;
    Order order = Order::any;
};

// A document as the server sent it; not to be kept.
struct Row {
    const bson_t& bson;
};
using Visit = std::function<void(const Row&)>;

class Connection {
public:
    // Connects when first used. The URI's own options win over our defaults: 2 s for the choice of
    // a server, for connecting and for an answer.
    explicit Connection(const MongoSettings& settings);

    const std::string& database() const { return settings_.database; }

    // No lookup takes longer, unless the library waits for a clock that was set.
    milliseconds lookup_max() const { return lookup_max_; }

    Result<PooledClient> client();
    // The next client is of a pool of its own. What is open closes when nobody holds it.
    void begin_anew();
    // How many documents were visited. Blocks, in all no longer than the URI's times allow.
    Result<std::size_t> scan(const PooledClient& client, const Scan& scan,
                             const Visit& visit) const;

private:
    MongoSettings settings_;
    milliseconds read_max_;
    milliseconds lookup_max_;
    std::mutex mutex_;
    SharedPool pool_;
};

}  // namespace wrapup::mongo
