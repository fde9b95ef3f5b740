#include "adapters/mongo/checked_stream.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace wrapup::mongo {
namespace {

constexpr std::size_t header_bytes = 16;
constexpr std::size_t id_offset = 4;
constexpr std::size_t answered_id_offset = 8;
constexpr std::size_t opcode_offset = 12;
constexpr std::uint32_t opcode_reply = 1;     // Answers the first hello of a connection,
constexpr std::uint32_t opcode_query = 2004;  // which is asked with this.
constexpr std::size_t reply_documents_offset = header_bytes + 20;
constexpr std::uint32_t opcode_msg = 2013;
constexpr std::uint32_t more_to_come = 1U << 1;
constexpr std::uint32_t more_may_come = 1U << 16;  // In a question.
constexpr std::uint32_t flags_to_heed = 0xFFFF;    // The others may be passed over.
constexpr std::size_t msg_kind_offset = header_bytes + 4;
constexpr std::size_t message_bytes_max = 48'000'000;  // MongoDB's own bound.
constexpr std::size_t kept_bytes_max = 65'536;         // By a connection that waits.

std::atomic<std::uint64_t> unsound_answers{0};

// Little-endian.
std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
    std::uint32_t number = 0;
    for (const char byte : bytes.substr(offset, sizeof number)) {
        number = number >> 8 | std::uint32_t{static_cast<unsigned char>(byte)} << 24;
    }
    return number;
}

// Not by recursion: how deep documents lie is up to the sender. Where libbson's iterator cannot go
// on, libmongoc does not get further either.
bool is_sound_document(std::string_view bytes) {
    std::vector<std::string_view> left{bytes};
    while (!left.empty()) {
        const std::string_view one = left.back();
        left.pop_back();
        bson_t document;
        bson_iter_t iter;
        const auto* data = reinterpret_cast<const std::uint8_t*>(one.data());
        if (!bson_init_static(&document, data, one.size())) return false;
        if (!bson_iter_init(&iter, &document)) return false;
        while (bson_iter_next(&iter)) {
            std::uint32_t size = 0;
            if (BSON_ITER_HOLDS_DOCUMENT(&iter)) {
                bson_iter_document(&iter, &size, &data);
            } else if (BSON_ITER_HOLDS_ARRAY(&iter)) {
                bson_iter_array(&iter, &size, &data);
            } else {
                continue;
            }
            left.emplace_back(reinterpret_cast<const char*>(data), size);
        }
    }
    return true;
}

// libmongoc asserts both. The members of `cursor` are those of every answer to a `find`.
bool has_sound_code(const bson_t& answer) {
    bson_iter_t iter;
    if (!bson_iter_init_find(&iter, &answer, "code") || !BSON_ITER_HOLDS_NUMBER(&iter)) return true;
    return static_cast<std::uint32_t>(bson_iter_as_int64(&iter)) != 0;
}
bool has_sound_cursor(const bson_t& answer) {
    bson_iter_t iter;
    bson_iter_t member;
    if (!bson_iter_init_find(&iter, &answer, "cursor") || !bson_iter_recurse(&iter, &member)) {
        return true;
    }
    while (bson_iter_next(&member)) {
        if (BSON_ITER_IS_KEY(&member, "ns") && !BSON_ITER_HOLDS_UTF8(&member)) return false;
    }
    return true;
}

bool is_sound_body(std::string_view bytes) {
    bson_t answer;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return is_sound_document(bytes) && bson_init_static(&answer, data, bytes.size()) &&
           has_sound_code(answer) && has_sound_cursor(answer) &&
           // Of what was written, where libmongoc looks for a code, too. We write nothing.
           !bson_has_field(&answer, "writeConcernError") &&
           !bson_has_field(&answer, "writeConcernErrors");
}

bool are_sound_bodies(std::string_view bytes) {
    if (bytes.empty()) return false;
    while (!bytes.empty()) {
        if (bytes.size() < sizeof(std::uint32_t)) return false;
        const std::size_t size = number_at(bytes, 0);
        if (size > bytes.size() || !is_sound_body(bytes.substr(0, size))) return false;
        bytes.remove_prefix(size);
    }
    return true;
}

struct CheckedStream {
    mongoc_stream_t stream{};  // The first: libmongoc knows this by its address.
    mongoc_stream_t* base = nullptr;
    Exchange exchange;
    bool is_over = false;
    std::string answer;
    std::size_t taken = 0;  // Of `answer`.

    static CheckedStream& of(mongoc_stream_t* stream) {
        return *reinterpret_cast<CheckedStream*>(stream);
    }

    bool read_more(std::size_t size, std::int32_t timeout_ms) {
        const std::size_t old_size = answer.size();
        answer.resize(old_size + size);
        const ssize_t got =
            mongoc_stream_read(base, answer.data() + old_size, size, size, timeout_ms);
        return got == static_cast<ssize_t>(size);
    }

    bool read_answer(std::int32_t timeout_ms) {
        taken = 0;
        answer.clear();
        if (answer.capacity() > kept_bytes_max) answer.shrink_to_fit();
        if (!read_more(header_bytes, timeout_ms)) return false;
        const std::size_t size = number_at(answer, 0);
        const bool is_possible = size > header_bytes && size <= message_bytes_max;
        if (is_possible && !read_more(size - header_bytes, timeout_ms)) return false;
        if (is_possible && exchange.take(answer)) return true;
        unsound_answers += 1;
        errno = EBADMSG;
        return false;
    }

    ssize_t read(const mongoc_iovec_t& into, std::int32_t timeout_ms) {
        auto* bytes = static_cast<char*>(into.iov_base);
        std::size_t done = 0;
        while (done < into.iov_len) {
            if (taken == answer.size() && (is_over || !read_answer(timeout_ms))) {
                is_over = true;
                answer.clear();
                taken = 0;
                return -1;
            }
            const std::size_t count = std::min(into.iov_len - done, answer.size() - taken);
            std::memcpy(bytes + done, answer.data() + taken, count);
            done += count;
            taken += count;
        }
        return static_cast<ssize_t>(done);
    }

    // libmongoc writes a question as a whole.
    ssize_t write(mongoc_iovec_t* parts, std::size_t count, std::int32_t timeout_ms) {
        if (is_over) {
            errno = EPIPE;
            return -1;
        }
        std::string head;
        for (std::size_t i = 0; i < count && head.size() < Exchange::head_bytes; ++i) {
            head.append(static_cast<const char*>(parts[i].iov_base),
                        std::min(parts[i].iov_len, Exchange::head_bytes - head.size()));
        }
        exchange.ask(head);
        return mongoc_stream_writev(base, parts, count, timeout_ms);
    }
};

mongoc_stream_t* base_of(mongoc_stream_t* stream) { return CheckedStream::of(stream).base; }

ssize_t readv(mongoc_stream_t* stream, mongoc_iovec_t* parts, std::size_t count,
              std::size_t /*min_bytes*/, std::int32_t timeout_ms) {
    ssize_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const ssize_t got = CheckedStream::of(stream).read(parts[i], timeout_ms);
        if (got < 0) return got;
        total += got;
    }
    return total;
}

ssize_t writev(mongoc_stream_t* stream, mongoc_iovec_t* parts, std::size_t count,
               std::int32_t timeout_ms) {
    return CheckedStream::of(stream).write(parts, count, timeout_ms);
}

void destroy(mongoc_stream_t* stream) {
    mongoc_stream_destroy(base_of(stream));
    delete &CheckedStream::of(stream);
}

void fail(mongoc_stream_t* stream) {
    mongoc_stream_failed(base_of(stream));
    delete &CheckedStream::of(stream);
}

}  // namespace

bool is_sound_answer(std::string_view message) {
    if (message.size() < header_bytes || number_at(message, 0) != message.size()) return false;
    const std::uint32_t opcode = number_at(message, opcode_offset);
    if (opcode == opcode_reply) {
        return message.size() > reply_documents_offset &&
               are_sound_bodies(message.substr(reply_documents_offset));
    }
    // One section, the document itself. A checksum comes only where the question had one, and a
    // compressed answer only where compression was agreed on.
    return opcode == opcode_msg && message.size() > msg_kind_offset &&
           message[msg_kind_offset] == 0 && is_sound_body(message.substr(msg_kind_offset + 1));
}

void Exchange::ask(std::string_view head) {
    if (head.size() < head_bytes) {
        is_awaited_ = false;
        return;
    }
    const std::uint32_t opcode = number_at(head, opcode_offset);
    const std::uint32_t flags = opcode == opcode_msg ? number_at(head, header_bytes) : 0;
    is_awaited_ = opcode == opcode_query || (opcode == opcode_msg && (flags & more_to_come) == 0);
    may_more_come_ = (flags & more_may_come) != 0;
    asked_id_ = number_at(head, id_offset);
    answer_opcode_ = opcode == opcode_query ? opcode_reply : opcode_msg;
}

bool Exchange::take(std::string_view answer) {
    if (!is_awaited_ || !is_sound_answer(answer)) return false;
    if (number_at(answer, answered_id_offset) != asked_id_) return false;
    // Where it awaits the one kind, libmongoc reads the other as if it was that.
    if (number_at(answer, opcode_offset) != answer_opcode_) return false;
    const std::uint32_t flags =
        answer_opcode_ == opcode_msg ? number_at(answer, header_bytes) & flags_to_heed : 0;
    if (flags != 0 && !(flags == more_to_come && may_more_come_)) return false;
    is_awaited_ = flags == more_to_come;
    asked_id_ = number_at(answer, id_offset);  // By which the next one says what it follows.
    return true;
}

mongoc_stream_t* checked(mongoc_stream_t* stream) {
    constexpr int own_type = 100;  // Beyond those of libmongoc.
    auto* const made = new CheckedStream;
    made->base = stream;
    made->stream.type = own_type;
    made->stream.destroy = destroy;
    made->stream.failed = fail;
    made->stream.readv = readv;
    made->stream.writev = writev;
    made->stream.get_base_stream = base_of;
    made->stream.close = [](mongoc_stream_t* it) { return mongoc_stream_close(base_of(it)); };
    made->stream.flush = [](mongoc_stream_t* it) { return mongoc_stream_flush(base_of(it)); };
    made->stream.setsockopt = [](mongoc_stream_t* it, int level, int name, void* value,
                                 mongoc_socklen_t size) {
        return mongoc_stream_setsockopt(base_of(it), level, name, value, size);
    };
    made->stream.check_closed = [](mongoc_stream_t* it) {
        return mongoc_stream_check_closed(base_of(it));
    };
    made->stream.timed_out = [](mongoc_stream_t* it) {
        return mongoc_stream_timed_out(base_of(it));
    };
    made->stream.should_retry = [](mongoc_stream_t* it) {
        return mongoc_stream_should_retry(base_of(it));
    };
    return &made->stream;
}

std::uint64_t unsound_answers_count() { return unsound_answers; }

}  // namespace wrapup::mongo
