#pragma once

// The production reconciler on a simulated clock, with a Twilio and an ElevenLabs that a test
// scripts.

#include "service/reconciler/reconciler.hpp"
#include "test/service/workers.hpp"

namespace wrapup {

struct ReconcilerWorld {
    ~ReconcilerWorld() {
        if (!reconciler) return;
        reconciler->stop();
        w.run_for(std::chrono::minutes{1});
    }

    void start(ReconcilerSettings settings = {}) {
        reconciler = std::make_unique<Reconciler>(
            Reconciler::Ports{w.clock, w.store, w.reads, w.commits, w.intake, w.twilio,
                              has_elevenlabs ? &w.elevenlabs : nullptr, &w.finder.slots(), w.log,
                              w.metrics, duties},
            w.io.get_executor(), std::move(settings));
        spawn_root(w.io.get_executor(), reconciler->run());
    }
    void restart(ReconcilerSettings settings = {}) {
        reconciler->stop();
        w.run_for(std::chrono::minutes{1});
        start(std::move(settings));
    }
    // A call that Twilio lists.
    void list(const std::string& sid, UtcTime made_at, const std::string& more = {},
              const std::string& status = "busy") {
        const bool is_over = status != "in-progress" && status != "odd";
        std::string json = R"({"sid":")" + sid + R"(","status":")" + status +
                           R"(","to":"+61413052898","from":"+15005550006","date_created":")" +
                           format_rfc2822(made_at) + '"';
        if (is_over) json += R"(,"end_time":")" + format_rfc2822(made_at + seconds{30}) + '"';
        if (more.find("direction") == std::string::npos) json += R"(,"direction":"outbound-api")";
        w.twilio.calls[sid] = json + more + "}";
    }
    std::int64_t known_count() {
        CallFilter filter;
        filter.limit = 1000;
        return std::ssize(w.store.list_calls(filter)->calls);
    }
    std::vector<TwilioSlot> slots() {
        return *w.store.twilio_slots(t0 - std::chrono::hours{48}, t0 + std::chrono::hours{48});
    }
    std::vector<TwilioDifference> differences() {
        return *w.store.twilio_differences(UtcTime::min(), UtcTime::max());
    }
    ReconcileStatus status() { return w.await(reconciler->status()); }
    ReconcileRun order(ReconcileOrder given) {
        const auto run = w.await(reconciler->order(given));
        EXPECT_TRUE(run) << run.error().detail;
        w.run_for(std::chrono::minutes{2});
        return *w.await(reconciler->find_run(run->id));
    }
    static ReconcilerSettings since(UtcTime at) {
        ReconcilerSettings settings;
        settings.since = at;
        return settings;
    }

    Workers w{WorkersChoice{.has_api_key = false, .has_webhook_secret = false}};
    bool has_elevenlabs = false;
    const Duties* duties = nullptr;
    std::unique_ptr<Reconciler> reconciler;
};

}  // namespace wrapup
