# Sourced by the other scripts: where the project is, how to speak, how many jobs fit.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# A coroutine-heavy file costs the compiler about 1.5 GB under a sanitizer: more jobs than memory
# for them only end in the kernel killing one.
jobs_count() {
    local cores memory_mb fit
    cores=$(nproc)
    memory_mb=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    fit=$((memory_mb / 1500))
    if [ "$fit" -lt 1 ]; then fit=1; fi
    if [ "$fit" -lt "$cores" ]; then say "$fit"; else say "$cores"; fi
}

# configure PRESET: says nothing unless it fails.
configure() {
    local log
    log=$(mktemp)
    if ! cmake --preset "$1" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# build PRESET [TARGET…]
build() {
    local preset=$1
    shift
    configure "$preset" || return 1
    cmake --build --preset "$preset" -j "$(jobs_count)" ${1:+--target "$@"}
}

cpp_files() {
    local folders=() folder
    for folder in src sim sandbox test fuzz bench; do
        if [ -d "$folder" ]; then folders+=("$folder"); fi
    done
    find "${folders[@]}" -name node_modules -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print0
}
