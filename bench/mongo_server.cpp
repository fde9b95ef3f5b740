#include "bench/mongo_server.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "adapters/mongo/handle.hpp"
#include "bench/callbacks.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

using mongo::CollectionPtr;
using mongo::CursorPtr;
using mongo::Document;

constexpr const char* program = "build/nx-27017/bin/nx-27017";  // From the project's folder.
constexpr const char* database = "dialler";
constexpr std::uint64_t campaigns_count = 20;
constexpr std::uint64_t documents_per_insert = 1000;
constexpr std::int64_t start_patience_ns = 30'000'000'000;

std::string campaign_of(std::uint64_t number) {
    return "campaign-" + std::to_string(number % campaigns_count);
}

std::string contact_of(std::uint64_t number) {
    return std::string(contact_prefix) + std::to_string(number);
}

bool has_name(std::uint64_t number) { return number % 10 != 0; }

class Client {
public:
    explicit Client(const std::string& uri) {
        mongo::start_driver();
        const mongo::UriPtr parsed{mongoc_uri_new(uri.c_str())};
        pool_ = mongo::SharedPool(mongoc_client_pool_new(parsed.get()), mongo::Deleter());
        client_ = std::make_unique<mongo::PooledClient>(pool_);
    }

    CollectionPtr collection(const char* name) const {
        return CollectionPtr{mongoc_client_get_collection(client_->get(), database, name)};
    }

    template <class Make>
    void insert(const char* name, std::uint64_t count, Make make) const {
        const CollectionPtr into = collection(name);
        for (std::uint64_t from = 1; from <= count; from += documents_per_insert) {
            mongoc_bulk_operation_t* const bulk =
                mongoc_collection_create_bulk_operation_with_opts(into.get(), nullptr);
            const std::uint64_t until = std::min(count + 1, from + documents_per_insert);
            for (std::uint64_t number = from; number < until; ++number) {
                Document document;
                make(document, number);
                mongoc_bulk_operation_insert(bulk, document.get());
            }
            bson_error_t error;
            const bool is_done = mongoc_bulk_operation_execute(bulk, nullptr, &error) != 0;
            mongoc_bulk_operation_destroy(bulk);
            if (!is_done) die(std::string("MongoDB takes no documents: ") + error.message);
        }
    }

    void index(const char* name, const char* field) const {
        Document keys;
        keys.number(field, 1);
        Document one;
        one.document("key", keys).text("name", field);
        Document list;
        list.document("0", one);
        Document command;
        command.text("createIndexes", name).array("indexes", list);
        bson_error_t error;
        if (!mongoc_client_command_simple(client_->get(), database, command.get(), nullptr, nullptr,
                                          &error)) {
            die(std::string("MongoDB makes no index: ") + error.message);
        }
    }

    void find_one(const CollectionPtr& in, const char* field, const std::string& value) const {
        Document filter;
        filter.text(field, value);
        Document options;
        options.number("limit", 1).boolean("singleBatch", true);
        const CursorPtr cursor{
            mongoc_collection_find_with_opts(in.get(), filter.get(), options.get(), nullptr)};
        const bson_t* document = nullptr;
        if (!mongoc_cursor_next(cursor.get(), &document)) die("MongoDB has lost a document");
    }

private:
    mongo::SharedPool pool_;
    std::unique_ptr<mongo::PooledClient> client_;
};

}  // namespace

MongoServer::MongoServer(const std::filesystem::path& folder) : port_(free_port()) {
    if (!std::filesystem::exists(program)) die("no MongoDB server: run test/mongo/setup-nx");
    std::filesystem::create_directories(folder / "data");
    const auto file = [&folder](const char* name) { return (folder / name).string(); };
    const std::vector<std::string> command{std::filesystem::absolute(program).string(),
                                           "--data-dir",
                                           file("data"),
                                           "--host",
                                           "127.0.0.1",
                                           "-p",
                                           std::to_string(port_),
                                           "--log-file",
                                           file("log"),
                                           "--pid-file",
                                           file("pid")};
    child_ = std::make_unique<Child>(command, std::vector<std::string>{"PATH=/usr/bin:/bin"},
                                     folder, folder / "output");
    const std::int64_t give_up_at = steady_ns() + start_patience_ns;
    for (;;) {
        const int socket = connect_to(port_);
        if (socket >= 0) {
            ::close(socket);
            return;
        }
        if (child_->has_ended()) die("MongoDB's server ended:\n" + text_of(folder / "output"));
        if (steady_ns() > give_up_at) die("MongoDB's server does not start");
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
}

std::string MongoServer::uri() const {
    return "mongodb://127.0.0.1:" + std::to_string(port_) + "/" + database;
}

void MongoServer::fill(std::uint64_t calls_count) const {
    const Client client(uri());
    client.insert("calls", calls_count, [](Document& document, std::uint64_t number) {
        document.text("callSid", call_sid_of(number))
            .text("campaignId", campaign_of(number))
            .text("to", phone_of(number))
            .text("from", "+15005550006")
            .text("status", "completed");
        if (has_name(number)) document.text("contactName", contact_of(number));
    });
    client.insert("campaigns", campaigns_count, [](Document& document, std::uint64_t number) {
        const std::string id = campaign_of(number);
        document.text("_id", id).text("name", std::string(campaign_prefix) + id);
    });
    client.insert("contacts", calls_count, [](Document& document, std::uint64_t number) {
        document.text("phoneNumber", phone_of(number)).text("name", contact_of(number));
    });
    client.index("calls", "callSid");
    client.index("contacts", "phoneNumber");
}

double MongoServer::find_one_loop(std::uint64_t calls_count, Questions questions,
                                  double duration_s) const {
    const Client client(uri());
    const CollectionPtr calls = client.collection("calls");
    const CollectionPtr campaigns = client.collection("campaigns");
    const CollectionPtr contacts = client.collection("contacts");
    const std::int64_t started_at = steady_ns();
    const auto ends_at = started_at + static_cast<std::int64_t>(duration_s * 1e9);
    std::uint64_t done = 0;
    while (steady_ns() < ends_at) {
        const std::uint64_t number = done % calls_count + 1;
        client.find_one(calls, "callSid", call_sid_of(number));
        if (questions == Questions::all) {
            client.find_one(campaigns, "_id", campaign_of(number));
            if (!has_name(number)) client.find_one(contacts, "phoneNumber", phone_of(number));
        }
        done += 1;
    }
    return static_cast<double>(done) * 1e9 / static_cast<double>(steady_ns() - started_at);
}

void MongoServer::freeze() const { child_->signal(SIGSTOP); }
void MongoServer::thaw() const { child_->signal(SIGCONT); }

}  // namespace wrapup::bench
