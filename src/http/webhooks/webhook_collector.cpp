#include "http/webhooks/webhook_collector.hpp"

namespace wrapup {

namespace {

bool is_used(WebhookKind kind) {
    switch (kind) {
        case WebhookKind::transcription:
        case WebhookKind::otel:
        case WebhookKind::failure: return true;
        case WebhookKind::audio:
        case WebhookKind::other: break;
    }
    return false;
}

}  // namespace

WebhookCollector::Need WebhookCollector::look_at(std::string_view piece) {
    if (is_ignored_) return Need::nothing;
    if (!has_type()) {
        scanner_.feed(piece);
        if (has_type() && !is_used(webhook_kind(*scanner_.type()))) {
            is_ignored_ = true;
            forget_body();
            return Need::nothing;
        }
    }
    if (!is_oversize_ && piece.size() > kept_bytes_max_ - body_.size()) {
        is_oversize_ = true;
        forget_body();
    }
    if (!is_oversize_) return Need::memory;
    return has_type() ? Need::too_much : Need::nothing;
}

}  // namespace wrapup
