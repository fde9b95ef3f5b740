#!/usr/bin/env bash
# tools/purity.sh BUILD: the archives of the pure floors may ask the linker for nothing that tells
# the time, draws chance, or speaks to the system. What tools/tidy.py reads, this sees after the
# compiler.
set -euo pipefail

build=${1:?usage: tools/purity.sh BUILD}
forbidden='(^|::)(clock_gettime|gettimeofday|time|clock|nanosleep|usleep|sleep|socket|connect|send'
forbidden+='|recv|poll|epoll_[a-z]+|open|openat|fopen|read|write|getenv|secure_getenv|rand|random'
forbidden+='|getrandom|getentropy|fork|exec[a-z]*|pthread_(create|mutex_lock|cond_wait)'
forbidden+='|dlopen|signal|sigaction)(@.*)?$'
forbidden+='|std::(chrono|thread|random_device|basic_(i|o)?fstream|this_thread|filesystem|mutex)\b'
forbidden+='|std::(__1::)?(cout|cerr|cin|clog)\b|boost::'

status=0 seen=0
for floor in base domain core; do
    archive=$(find "$build" -name "libwrapup_$floor.a" | head -n 1)
    [ -n "$archive" ] || continue
    seen=$((seen + 1))
    # A symbol that mentions a chrono type as an argument is fine; only its own name counts.
    found=$(nm -C -u "$archive" 2>/dev/null | sed -n 's/^ *U //p' | sed 's/[(<].*//' | sort -u |
        grep -E "$forbidden" || true)
    if [ -n "$found" ]; then
        printf 'libwrapup_%s.a is not pure, it needs:\n%s\n' "$floor" "$found" >&2
        status=1
    fi
done
[ "$seen" -gt 0 ] || {
    echo "no archive of a pure floor under $build" >&2
    exit 1
}
exit $status
