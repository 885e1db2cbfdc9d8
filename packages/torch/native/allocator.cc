// Memory for CPU tensors: large blocks lie on huge pages and are kept for the next step instead of being handed back to the kernel at each free,
// which would clear their pages anew every time. The shapes of a training step repeat, so nearly every request finds a block.
#include "addon.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#ifdef __linux__
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <unordered_map>

namespace singleshot {
namespace {

constexpr size_t kHugePage = 2 << 20;
constexpr size_t kLarge = 1 << 20;            // smaller blocks are malloc's
constexpr size_t kAlignment = 64;             // what libtorch's own allocator promises
constexpr size_t kKeptAtLeast = size_t{1} << 30;

class Blocks {
 public:
  void* take(size_t bytes) {
    const size_t size = classOf(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = kept_.lower_bound(size);
    if (found != kept_.end() && found->first <= size + size / 4) {
      void* block = found->second;
      keptBytes_ -= found->first;
      used_.emplace(block, found->first);
      usedBytes_ += found->first;
      peak_ = std::max(peak_, usedBytes_);
      kept_.erase(found);
      return block;
    }
    void* block = map(size);
    used_.emplace(block, size);
    usedBytes_ += size;
    peak_ = std::max(peak_, usedBytes_);
    return block;
  }

  // False: the block is malloc's.
  bool give(void* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = used_.find(block);
    if (found == used_.end()) return false;
    usedBytes_ -= found->second;
    keptBytes_ += found->second;
    kept_.emplace(found->second, block);
    used_.erase(found);
    while (usedBytes_ + keptBytes_ > std::max(kKeptAtLeast, peak_ + peak_ / 4)) unmapLargest();
    return true;
  }

 private:
  // Eight classes an octave: at most an eighth is wasted.
  static size_t classOf(size_t bytes) {
    size_t step = kHugePage;
    while (step * 8 < bytes) step *= 2;
    return (bytes + step - 1) / step * step;
  }

  static void* map(size_t size) {
    void* start = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::runtime_error("out of memory: " + std::to_string(size >> 20) + " MiB more are not to be had");
    auto address = reinterpret_cast<uintptr_t>(start);
    const uintptr_t aligned = (address + kHugePage - 1) / kHugePage * kHugePage;
    if (aligned > address) munmap(start, aligned - address);
    munmap(reinterpret_cast<void*>(aligned + size), address + kHugePage - aligned);
    auto* block = reinterpret_cast<void*>(aligned);
    madvise(block, size, MADV_HUGEPAGE);
    return block;
  }

  void unmapLargest() {
    const auto largest = std::prev(kept_.end());
    munmap(largest->second, largest->first);
    keptBytes_ -= largest->first;
    kept_.erase(largest);
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> kept_;
  std::unordered_map<void*, size_t> used_;
  size_t usedBytes_ = 0, keptBytes_ = 0, peak_ = 0;
};

Blocks& blocks() {
  static auto* instance = new Blocks;  // outlives every tensor
  return *instance;
}

void release(void* block) {
  if (block != nullptr && !blocks().give(block)) std::free(block);
}

struct KeepingAllocator final : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }
#else
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

 private:
  static c10::DataPtr make(size_t bytes) {
    void* block = nullptr;
    if (bytes >= kLarge) {
      block = blocks().take(bytes);
    } else if (bytes > 0 && posix_memalign(&block, kAlignment, bytes) != 0) {
      throw std::runtime_error("out of memory: " + std::to_string(bytes) + " bytes more are not to be had");
    }
    return {block, block, &release, c10::Device(c10::kCPU)};
  }
};

}  // namespace

bool keepFreedMemory() {
  static KeepingAllocator allocator;
  c10::SetCPUAllocator(&allocator, 100);
  return c10::GetCPUAllocator() == &allocator;
}

}  // namespace singleshot

#else

namespace singleshot {
bool keepFreedMemory() { return false; }
}  // namespace singleshot

#endif
