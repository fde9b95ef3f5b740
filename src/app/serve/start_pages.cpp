#include "app/serve/start_pages.hpp"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace wrapup {
namespace {

using Segments = std::span<const ElfW(Phdr)>;

// The loader has written into such code, and its file lacks what it wrote.
bool is_relocated(const dl_phdr_info& object, Segments segments) {
    const auto dynamic = std::ranges::find(segments, ElfW(Word){PT_DYNAMIC}, &ElfW(Phdr)::p_type);
    if (dynamic == segments.end()) return true;  // Not known: left alone.
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + dynamic->p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_TEXTREL) return true;
        if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
    return false;
}

int drop_of(dl_phdr_info* object, std::size_t, void*) {
    const Segments segments(object->dlpi_phdr, object->dlpi_phnum);
    if (is_relocated(*object, segments)) return 0;
    const auto page = static_cast<std::uintptr_t>(getpagesize());
    for (const auto& segment : segments) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t from = begin / page * page;
        // What is refused stays as it is.
        (void)madvise(reinterpret_cast<void*>(from), begin + segment.p_memsz - from, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void drop_start_pages() { dl_iterate_phdr(&drop_of, nullptr); }

}  // namespace wrapup
