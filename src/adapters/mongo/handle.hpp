#pragma once

// What libmongoc hands out, owned. Everything else of this folder goes through these types.

#include <mongoc/mongoc.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wrapup::mongo {

struct Deleter {
    void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
    void operator()(mongoc_client_pool_t* pool) const { mongoc_client_pool_destroy(pool); }
    void operator()(mongoc_collection_t* collection) const {
        mongoc_collection_destroy(collection);
    }
    void operator()(mongoc_database_t* database) const { mongoc_database_destroy(database); }
    void operator()(mongoc_cursor_t* cursor) const { mongoc_cursor_destroy(cursor); }
};

using UriPtr = std::unique_ptr<mongoc_uri_t, Deleter>;
using CollectionPtr = std::unique_ptr<mongoc_collection_t, Deleter>;
using DatabasePtr = std::unique_ptr<mongoc_database_t, Deleter>;
using CursorPtr = std::unique_ptr<mongoc_cursor_t, Deleter>;

// Starts libmongoc once and silences its own log, whose lines may quote a URI. It is never shut
// down: what it holds is held until the process ends.
void start_driver();

using SharedPool = std::shared_ptr<mongoc_client_pool_t>;

// A client of the pool, given back at the end of its scope.
class PooledClient {
public:
    explicit PooledClient(SharedPool pool)
        : pool_(std::move(pool)), client_(mongoc_client_pool_pop(pool_.get())) {}
    PooledClient(PooledClient&& other) noexcept
        : pool_(std::move(other.pool_)), client_(std::exchange(other.client_, nullptr)) {}
    ~PooledClient() {
        if (client_ != nullptr) mongoc_client_pool_push(pool_.get(), client_);
    }
    PooledClient& operator=(PooledClient&&) = delete;

    mongoc_client_t* get() const { return client_; }

private:
    SharedPool pool_;
    mongoc_client_t* client_;
};

// A document made by libbson; may be none. (bson_t's alignment keeps it out of unique_ptr.)
class OwnedBson {
public:
    explicit OwnedBson(bson_t* bson) : bson_(bson) {}
    ~OwnedBson() { bson_destroy(bson_); }
    OwnedBson(const OwnedBson&) = delete;
    OwnedBson& operator=(const OwnedBson&) = delete;

    bson_t* get() const { return bson_; }

private:
    bson_t* bson_;
};

// A document under construction. Keys and texts are copied.
class Document {
public:
    Document() { bson_init(&bson_); }
    ~Document() { bson_destroy(&bson_); }
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    Document& text(std::string_view key, std::string_view value) {
        bson_append_utf8(&bson_, key.data(), size(key), value.data(), size(value));
        return *this;
    }
    Document& number(std::string_view key, std::int64_t value) {
        bson_append_int64(&bson_, key.data(), size(key), value);
        return *this;
    }
    Document& real(std::string_view key, double value) {
        bson_append_double(&bson_, key.data(), size(key), value);
        return *this;
    }
    Document& boolean(std::string_view key, bool value) {
        bson_append_bool(&bson_, key.data(), size(key), value);
        return *this;
    }
    Document& date(std::string_view key, std::int64_t unix_ms) {
        bson_append_date_time(&bson_, key.data(), size(key), unix_ms);
        return *this;
    }
    Document& object_id(std::string_view key, const bson_oid_t& value) {
        bson_append_oid(&bson_, key.data(), size(key), &value);
        return *this;
    }
    Document& value_of(std::string_view key, const bson_iter_t& iter) {
        bson_append_iter(&bson_, key.data(), size(key), &iter);
        return *this;
    }
    Document& document(std::string_view key, const Document& value) {
        bson_append_document(&bson_, key.data(), size(key), &value.bson_);
        return *this;
    }
    // `value` has the keys "0", "1", ….
    Document& array(std::string_view key, const Document& value) {
        bson_append_array(&bson_, key.data(), size(key), &value.bson_);
        return *this;
    }

    const bson_t* get() const { return &bson_; }

private:
    static int size(std::string_view text) { return static_cast<int>(text.size()); }

    bson_t bson_;
};

}  // namespace wrapup::mongo
