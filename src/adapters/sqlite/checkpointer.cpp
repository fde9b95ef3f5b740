#include "adapters/sqlite/checkpointer.hpp"

namespace wrapup::sqlite {
namespace {

// A frame is a page of 4 KiB. Small steps keep each one short.
constexpr int frames_per_checkpoint = 4096;
// The log starts anew only when a write finds all of it moved, which under steady load the thread
// never quite achieves. From here on the writer moves the little that is left by itself.
constexpr int frames_max = 16'384;

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::start(Connection& writer,
                                                          std::function<void()> tell_damage) {
    WRAPUP_TRY(auto own,
               Connection::open(writer.path(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
    // A connection learns from its first read that there is a log. Before that a checkpoint
    // succeeds and moves nothing.
    own->execute("SELECT count(*) FROM sqlite_schema");
    WRAPUP_CHECK(own->take_failure());
    return std::unique_ptr<Checkpointer>{
        new Checkpointer(writer, std::move(own), std::move(tell_damage))};
}

Checkpointer::Checkpointer(Connection& writer, std::unique_ptr<Connection> own,
                           std::function<void()> tell_damage)
    : writer_(writer), own_(std::move(own)), tell_damage_(std::move(tell_damage)) {
    sqlite3_wal_hook(writer_.handle(), &Checkpointer::on_commit, this);
    thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
    sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
    {
        const std::lock_guard lock{mutex_};
        is_stopping_ = true;
    }
    is_wanted_.notify_one();
    thread_.join();
}

void Checkpointer::checkpoint(sqlite3* connection, const char* schema) {
    const int code =
        sqlite3_wal_checkpoint_v2(connection, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (means_damage(code)) tell_damage_();
}

// Whatever a checkpoint meets, the commit itself is durable: a later checkpoint goes on from there.
int Checkpointer::on_commit(void* self, sqlite3* writer, const char* schema, int frames_count) {
    auto* const checkpointer = static_cast<Checkpointer*>(self);
    if (frames_count >= frames_max) checkpointer->checkpoint(writer, schema);
    checkpointer->note_commit(frames_count);
    return SQLITE_OK;
}

void Checkpointer::note_commit(int frames_count) {
    {
        const std::lock_guard lock{mutex_};
        if (frames_count < frames_done_) frames_done_ = 0;  // The log was started anew.
        if (frames_count - frames_done_ < frames_per_checkpoint) return;
        frames_done_ = frames_count;
        wants_one_ = true;
    }
    is_wanted_.notify_one();
}

void Checkpointer::run() {
    std::unique_lock lock{mutex_};
    while (true) {
        is_wanted_.wait(lock, [this] { return wants_one_ || is_stopping_; });
        if (is_stopping_) return;
        wants_one_ = false;
        lock.unlock();
        checkpoint(own_->handle(), nullptr);
        lock.lock();
    }
}

}  // namespace wrapup::sqlite
