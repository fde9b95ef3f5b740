#include <algorithm>
#include <set>

#include "adapters/postgres/hosts.hpp"
#include "adapters/postgres/migrations.hpp"
#include "app/migrate/sql_side.hpp"
#include "base/text.hpp"

namespace wrapup::migrate {
namespace {

using postgres::Connection;

constexpr std::string_view by_slot = "_by_slot";

// What stands behind a slash in a password is taken for the database, and the rest for a port.
bool has_usable_port(const postgres::HostParameters& host) {
    return std::ranges::all_of(host.values, [](const auto& one) {
        return one.first != "port" || parse_int(one.second).has_value();
    });
}

// Without who is let in and how: "postgres://db1:5432,db2:5432/calls". What is wrong with a URL is
// told without quoting it.
Result<std::string> name_of(const std::string& url) {
    const bool is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    const auto hosts = is_url ? postgres::read_hosts(url) : Error{Errc::invalid_input, ""};
    if (!hosts || !std::ranges::all_of(*hosts, has_usable_port)) {
        return Error{Errc::invalid_input,
                     "is neither sqlite:PATH nor the URL of a PostgreSQL database, such as "
                     "postgres://user@host:5432/database; characters with a meaning in URLs stand "
                     "in it as %40 and the like"};
    }
    std::string name;
    for (const auto& host : *hosts) name += (name.empty() ? "postgres://" : ",") + host.place;
    std::string database;
    for (const auto& [key, value] : hosts->front().values) {
        if (key == "dbname" || (key == "user" && database.empty())) database = value;
    }
    return name + "/" + database;
}

class PostgresSide final : public SqlSide<Connection> {
public:
    explicit PostgresSide(std::string name) : SqlSide(std::move(name)) {}

    Result<void> open(const std::string& url, Role role) {
        Connection::Options options;
        options.url = url;
        // A table of any size is counted or emptied; a standby may be far away.
        options.answer_deadline = std::chrono::minutes{5};
        options.commit_deadline = std::chrono::minutes{1};
        options.looks_at_all = true;
        options.is_alone = true;
        WRAPUP_TRY(connection_, Connection::open(options));
        WRAPUP_CHECK(connection_->execute("SET statement_timeout = 0"));
        WRAPUP_TRY(const bool is_state_there, is_there("migrations"));
        if (role == Role::source && !is_state_there) {
            return Error{Errc::not_found, name() + ": holds no state of wrapup's"};
        }
        return postgres::migrate(
            *connection_, postgres::migrations(),
            role == Role::target ? postgres::HalfMigrated::taken : postgres::HalfMigrated::refused);
    }

    Result<std::vector<Table>> tables() override {
        std::vector<Table> found;
        WRAPUP_CHECK(transact([&](Connection& db) {
            auto columns = db.query(
                "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
                " JOIN information_schema.tables t USING (table_schema, table_name)"
                " WHERE c.table_schema = 'wrapup' AND t.table_type = 'BASE TABLE'"
                " AND c.is_generated = 'NEVER'"
                " ORDER BY c.table_name COLLATE \"C\", c.column_name COLLATE \"C\"");
            while (columns.next()) add_column(db, found, columns);
            auto keys = db.query(
                "SELECT c.relname, a.attname FROM pg_index i, pg_class c, pg_attribute a,"
                " LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)"
                " WHERE c.oid = i.indrelid AND a.attrelid = c.oid AND a.attnum = k.attnum"
                " AND c.relnamespace = 'wrapup'::regnamespace AND i.indisprimary"
                " ORDER BY c.relname, k.place");
            while (keys.next()) {
                const auto table = std::ranges::find(found, state_name(keys.view(0)), &Table::name);
                const bool is_slot = keys.view(1) == "slot";
                if (table != found.end() && !is_slot) table->key.push_back(keys.text(1));
            }
        }));
        return found;
    }
    Result<void> note_moved_to(const std::string& target) override {
        return postgres::note_moved(*connection_, target);
    }

protected:
    Result<void> transact(const std::function<void(Connection&)>& work) override {
        connection_->run("BEGIN");
        work(*connection_);
        return connection_->end();
    }
    Result<bool> is_half_migrated() override { return is_there(sql::half_migrated); }

    // Sequences know nothing of rows that came with their numbers.
    void open_up(Connection& db) override {
        db.run("DROP TABLE IF EXISTS moved_away");
        db.run("SELECT setval('call_numbers', max(no)) FROM calls HAVING max(no) > 0");
        db.run("SELECT setval('delivery_ids', max(id)) FROM deliveries HAVING max(id) > 0");
        std::vector<std::pair<std::string, std::string>> columns;
        auto query = db.query(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'wrapup' AND is_identity = 'YES'");
        while (query.next()) columns.emplace_back(query.text(0), query.text(1));
        for (const auto& [table, column] : columns) {
            const std::string largest = "max(\"" + column + "\")";
            db.run("SELECT setval(pg_get_serial_sequence('wrapup." + table + "', '" + column +
                   "'), " + largest + ") FROM \"" + table + "\" HAVING " + largest + " > 0");
        }
    }

    std::string written_to(const std::string& table) const override {
        return slotted_.contains(table) ? table + std::string(by_slot) : table;
    }

private:
    // Counts lie in a slot for each node, and a view adds them up (sql/slots.hpp).
    static std::string_view state_name(std::string_view table) {
        if (table.ends_with(by_slot)) table.remove_suffix(by_slot.size());
        return table;
    }
    void add_column(Connection& db, std::vector<Table>& tables, postgres::Query& column) {
        const std::string_view table = state_name(column.view(0));
        if (is_left_out(table) || is_left_out(table, column.view(1))) return;
        if (table != column.view(0)) {
            slotted_.emplace(table);
            if (column.view(1) == "slot") return;
        }
        if (tables.empty() || tables.back().name != table) {
            tables.push_back({std::string(table), {}, {}});
        }
        const std::string_view type = column.view(2);
        const bool is_text = type == "text";
        if (!is_text && type != "bigint" && type != "integer" && type != "smallint") {
            db.fail(Errc::conflict, "column " + std::string(table) + "." + column.text(1) + " is " +
                                        std::string(type) + ", which no migration copies");
        }
        tables.back().columns.push_back({column.text(1), is_text});
    }
    Result<bool> is_there(std::string_view table) {
        bool is_there = false;
        WRAPUP_CHECK(transact([&](Connection& db) {
            auto query = db.query("SELECT to_regclass('wrapup.' || ?1) IS NOT NULL", table);
            is_there = query.next() && query.integer(0) != 0;
        }));
        return is_there;
    }

    std::unique_ptr<Connection> connection_;
    std::set<std::string> slotted_;
};

}  // namespace

Result<void> check_postgres(const std::string& url) {
    if (auto name = name_of(url); !name) return std::move(name).error();
    return {};
}

Result<std::unique_ptr<StateSide>> open_postgres(const std::string& url, Role role) {
    WRAPUP_TRY(std::string name, name_of(url));
    auto side = std::make_unique<PostgresSide>(std::move(name));
    WRAPUP_CHECK(side->open(url, role));
    return std::unique_ptr<StateSide>(std::move(side));
}

}  // namespace wrapup::migrate
