#include "adapters/mongo/connection.hpp"

#include <dlfcn.h>

#include <mutex>

#include "adapters/mongo/checked_stream.hpp"
#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/mapping.hpp"

// Takes the place of the driver's own: that one writes to stderr already while the program is
// loaded, before anybody can set a handler, where it gets no shared memory for its counters. What
// matters to us its functions return.
extern "C" void mongoc_log(mongoc_log_level_t, const char*, const char*, ...) {}

// Takes the place of the driver's own, through which each connection is made, also those that it
// monitors the servers by: a stream initiator set at a client of a pool would not see these.
extern "C" mongoc_stream_t* mongoc_client_connect(bool is_buffered, bool uses_tls, void* tls,
                                                  const mongoc_uri_t* uri,
                                                  const mongoc_host_list_t* host,
                                                  bson_error_t* error) {
    static const auto connect =
        reinterpret_cast<decltype(&mongoc_client_connect)>(dlsym(RTLD_NEXT, __func__));
    WRAPUP_ASSERT(connect != nullptr);
    mongoc_stream_t* const stream = connect(is_buffered, uses_tls, tls, uri, host, error);
    return stream == nullptr ? nullptr : wrapup::mongo::checked(stream);
}

namespace wrapup::mongo {
namespace {

constexpr std::int32_t wait_ms_default = 2000;

UriPtr with_defaults(const MongoSettings& settings) {
    start_driver();
    UriPtr uri{mongoc_uri_new(settings.uri.c_str())};
    WRAPUP_ASSERT(uri);  // parse_mongo_uri has accepted it.
    for (const char* option : {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS,
                               MONGOC_URI_SOCKETTIMEOUTMS}) {
        if (mongoc_uri_get_option_as_int32(uri.get(), option, -1) > 0) continue;
        mongoc_uri_set_option_as_int32(uri.get(), option, wait_ms_default);
    }
    mongoc_uri_set_compressors(uri.get(), nullptr);  // Compressed answers could not be checked.
    if (mongoc_uri_get_appname(uri.get()) == nullptr) mongoc_uri_set_appname(uri.get(), "wrapup");
    return uri;
}

// The server gives up before the socket does: its word says more than silence, and the connection
// stays usable.
milliseconds read_max_of(const mongoc_uri_t* uri) {
    const std::int32_t socket_ms =
        mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, wait_ms_default);
    return milliseconds{std::max(1, socket_ms / 4 * 3)};
}

// Four reads, the last of which finds no server, and is tried once more.
milliseconds lookup_max_of(const mongoc_uri_t* uri) {
    const auto wait = [uri](const char* option) {
        return milliseconds{mongoc_uri_get_option_as_int32(uri, option, wait_ms_default)};
    };
    return 2 * (wait(MONGOC_URI_SERVERSELECTIONTIMEOUTMS) + wait(MONGOC_URI_CONNECTTIMEOUTMS)) +
           5 * wait(MONGOC_URI_SOCKETTIMEOUTMS);
}

void add_options(Document& options, const Scan& scan, milliseconds read_max) {
    options.number("limit", scan.documents_max).number("maxTimeMS", read_max.count());
    if (!scan.paths.empty()) {
        Document projection;
        for (const std::string& path : projected_paths(scan.paths)) projection.number(path, 1);
        options.document("projection", projection);
    }
    if (scan.order == Scan::Order::any) return;
    Document sort;
    sort.number("_id", scan.order == Scan::Order::newest_first ? -1 : 1);
    options.document("sort", sort);
}

}  // namespace

void start_driver() {
    static std::once_flag once;
    std::call_once(once, [] { mongoc_init(); });
}

Connection::Connection(const MongoSettings& settings) : settings_(settings) {
    const UriPtr uri = with_defaults(settings);
    read_max_ = read_max_of(uri.get());
    lookup_max_ = lookup_max_of(uri.get());
}

// Made late, because with mongodb+srv:// it asks the DNS: the start must not wait for that, nor
// fail by it.
Result<PooledClient> Connection::client() {
    SharedPool pool;
    {
        const std::scoped_lock lock{mutex_};
        if (!pool_) {
            bson_error_t error{};
            const UriPtr uri = with_defaults(settings_);
            pool_ = SharedPool{mongoc_client_pool_new_with_error(uri.get(), &error), Deleter{}};
            if (!pool_) return to_error(error);
            mongoc_client_pool_set_error_api(pool_.get(), MONGOC_ERROR_API_VERSION_2);
        }
        pool = pool_;
    }
    return PooledClient{std::move(pool)};
}

void Connection::begin_anew() {
    const std::scoped_lock lock{mutex_};
    pool_.reset();
}

Result<std::size_t> Connection::scan(const PooledClient& client, const Scan& scan,
                                     const Visit& visit) const {
    const CollectionPtr collection{mongoc_client_get_collection(
        client.get(), settings_.database.c_str(), scan.collection.c_str())};
    Document options;
    add_options(options, scan, read_max_);
    const CursorPtr cursor{mongoc_collection_find_with_opts(collection.get(), scan.filter->get(),
                                                            options.get(), nullptr)};
    const std::uint64_t unsound = unsound_answers_count();
    std::size_t count = 0;
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor.get(), &document)) {
        visit(Row{*document});
        count += 1;
    }
    bson_error_t error{};
    if (mongoc_cursor_error(cursor.get(), &error)) return to_error(error, unsound);
    return count;
}

}  // namespace wrapup::mongo
