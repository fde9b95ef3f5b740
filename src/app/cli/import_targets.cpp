#include "app/cli/import_targets.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <optional>

#include "adapters/sqlite/data_folder.hpp"
#include "app/cli/api_client.hpp"
#include "app/config/setting_values.hpp"
#include "app/serve/opened_store.hpp"
#include "codec/json/answer_json.hpp"
#include "codec/json/json_text.hpp"

namespace wrapup {
namespace {

UtcTime wall_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

class StoreTarget final : public ImportTarget {
public:
    StoreTarget(const Settings& settings, std::optional<DataFolderLock> lock)
        : settings_(settings), lock_(std::move(lock)) {}

    std::string name() const override {
        if (has_database()) return "the database of DATABASE_URL";
        return "the store in " + settings_.data_dir.string();
    }

    Result<ImportOutcome> write(ImportKind, const std::vector<ImportItem>& items,
                                bool is_dry_run) override {
        std::error_code error;
        if (is_dry_run && !has_database() &&
            !std::filesystem::exists(store_path(settings_), error)) {
            return ImportOutcome{items.size(), 0, {}};
        }
        WRAPUP_CHECK(open());
        const UtcTime now = wall_now();
        WRAPUP_TRY(const ImportPlan plan, plan_import(**store_, items, now));
        if (!is_dry_run && !plan.ops.empty()) {
            WRAPUP_TRY(const auto outcomes, (**store_).commit(plan.ops, now));
            for (const auto& outcome : outcomes) {
                if (!outcome) return outcome.error();
            }
        }
        has_changed_ = has_changed_ || (!is_dry_run && !plan.ops.empty());
        return ImportOutcome{plan.changed_count, plan.unchanged_count, {}};
    }

    Result<std::optional<ImportProgress>> find_progress(std::string_view key) override {
        WRAPUP_CHECK(open());
        WRAPUP_TRY(const std::vector<KeptValue> kept, (**store_).kept_values(import_progress_key));
        if (kept.empty()) return std::nullopt;
        is_kept_ = true;
        return decode_import_progress(kept.front().value, key);
    }
    // What changed nothing is read again as fast as it was.
    void keep_progress(std::string_view key, const ImportProgress& progress) override {
        if (!std::exchange(has_changed_, false)) return;
        put(encode(progress, key));
        is_kept_ = true;
    }
    void forget_progress() override {
        if (std::exchange(is_kept_, false)) put("");
    }

private:
    void put(std::string value) {
        NoteReconciliation note;
        note.values.push_back({std::string(import_progress_key), std::move(value)});
        const std::vector<StoreOp> ops{std::move(note)};
        (void)(**store_).commit(ops, wall_now());
    }
    Result<void> open() {
        if (store_) return {};
        if (!lock_) {
            WRAPUP_TRY(lock_, DataFolderLock::acquire(settings_.data_dir.string()));
        }
        WRAPUP_TRY(OpenedStore opened,
                   OpenedStore::open(settings_, wall_now(), OpenedStore::Role::tool));
        store_.emplace(std::move(opened));
        return {};
    }
    bool has_database() const { return !settings_.database_url.empty(); }

    Settings settings_;
    std::optional<DataFolderLock> lock_;
    std::optional<OpenedStore> store_;
    bool has_changed_ = false;  // Since the progress was kept.
    bool is_kept_ = false;      // Some progress, this import's or another's.
};

// One line of the body, as the API takes it.
std::string json_line(const ImportItem& item) {
    JsonObjectWriter line;
    const auto add = [&](std::string_view key, const std::string& text) {
        if (!text.empty()) line.text(key, text);
    };
    if (const auto* call = std::get_if<ImportedCall>(&item)) {
        add("call_sid", call->call_id);
        visit_fields(add, call->metadata);
    } else if (const auto* campaign = std::get_if<Campaign>(&item)) {
        add("id", campaign->id);
        add("name", campaign->name);
        add("description", campaign->description);
    } else if (const auto* spared = std::get_if<DoNotCall>(&item)) {
        add("phone", spared->phone);
        add("reason", spared->reason);
    } else {
        const auto& contact = std::get<Contact>(item);
        add("phone", contact.phone);
        add("name", contact.name);
        add("campaign", contact.campaign);
        add("time_zone", contact.time_zone);
    }
    return line.take() + "\n";
}

class ServerTarget final : public ImportTarget {
public:
    // `why`: why not the store; empty when the server was asked for.
    ServerTarget(ApiClient client, std::string name, std::string why)
        : client_(std::move(client)), name_(std::move(name)), why_(std::move(why)) {}

    std::string name() const override { return name_; }

    Result<ImportOutcome> write(ImportKind kind, const std::vector<ImportItem>& items,
                                bool is_dry_run) override {
        std::string body;
        for (const ImportItem& item : items) body += json_line(item);
        std::string target = "/api/import?kind=" + std::string(to_string(kind));
        if (is_dry_run) target += "&dry_run=true";
        auto answer = client_.post(target, body);
        if (!answer) {
            const std::string why = why_.empty() ? "" : why_ + ", and ";
            return Error{answer.error().code, why + answer.error().detail};
        }
        const auto parsed = parse_answer_json(answer->body);
        if (answer->status != 200 || !parsed) {
            return Error{Errc::unavailable, problem_text(answer->status, answer->body)};
        }
        return read_outcome(*parsed, items.size());
    }

    // Nobody knows what became of that server's store meanwhile.
    Result<std::optional<ImportProgress>> find_progress(std::string_view) override {
        return std::nullopt;
    }
    void keep_progress(std::string_view, const ImportProgress&) override {}
    void forget_progress() override {}

private:
    static Result<ImportOutcome> read_outcome(const boost::json::value& answer,
                                              std::size_t items_count) {
        const auto count = [&](const char* name) -> std::size_t {
            const auto* number = member(answer, {name}).if_int64();
            return number == nullptr || *number < 0 ? 0 : static_cast<std::size_t>(*number);
        };
        ImportOutcome outcome{count("changed"), count("unchanged"), {}};
        for (const auto& bad : list_member(answer, {"bad"})) {
            const auto* line = member(bad, {"line"}).if_int64();
            const bool is_known =
                line != nullptr && *line >= 1 && static_cast<std::size_t>(*line) <= items_count;
            if (!is_known) continue;
            outcome.refused.emplace_back(static_cast<std::size_t>(*line) - 1,
                                         text_member(bad, {"detail"}));
        }
        const std::size_t known_count =
            outcome.changed_count + outcome.unchanged_count + outcome.refused.size();
        if (known_count != items_count) {
            return Error{Errc::unavailable, "the server's answer does not add up"};
        }
        return outcome;
    }

    ApiClient client_;
    std::string name_;
    std::string why_;
};

Result<std::unique_ptr<ImportTarget>> server_target(const Console& console, const CommandLine& line,
                                                    const Settings& settings,
                                                    const std::string& why) {
    WRAPUP_TRY(ApiClient client, open_api(console, line));
    std::string url = line.url.empty() ? settings.client_url : line.url;
    url = url.empty() ? local_api_url(settings) : mask_public_url(url);
    return std::unique_ptr<ImportTarget>(
        std::make_unique<ServerTarget>(std::move(client), "the server at " + url, why));
}

}  // namespace

Result<std::unique_ptr<ImportTarget>> open_import_target(const Console& console,
                                                         const CommandLine& line,
                                                         const Settings& settings) {
    const bool names_server = !line.url.empty() || !settings.client_url.empty();
    if (names_server) return server_target(console, line, settings, "");
    std::optional<DataFolderLock> lock;
    std::error_code error;
    if (std::filesystem::exists(settings.data_dir, error)) {
        auto taken = DataFolderLock::acquire(settings.data_dir.string());
        if (!taken && taken.error().code == Errc::conflict) {
            return server_target(console, line, settings, taken.error().detail);
        }
        if (!taken) return std::move(taken).error();
        lock.emplace(*std::move(taken));
    }
    return std::unique_ptr<ImportTarget>(std::make_unique<StoreTarget>(settings, std::move(lock)));
}

}  // namespace wrapup
