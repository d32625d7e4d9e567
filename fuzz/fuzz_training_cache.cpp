// SPDX-License-Identifier: MIT
//
// Any bytes as the light curves that a training keeps: none, or objects that are read again as they were
// written.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "safetensors_mutator.h"
#include "scratch_folder.h"
#include "training/object_cache.h"

namespace {

using namespace astrom3;
using namespace astrom3::training;

template <class T>
bool has_same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

bool is_same(const TrainingObjects& a, const TrainingObjects& b) {
  if (a.objects.size() != b.objects.size() || a.rejects != b.rejects || a.n_rejected != b.n_rejected)
    return false;
  for (std::size_t i = 0; i < a.objects.size(); ++i) {
    const TrainingObject &x = a.objects[i], &y = b.objects[i];
    if (x.object_id != y.object_id || x.label != y.label || !has_same_bits(x.observations, y.observations))
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFolder folder;
  folder.write("cache.safetensors", std::as_bytes(std::span(data, size)));
  const auto objects = read_cache(folder.path() / "cache.safetensors", "0f");
  if (!objects) return 0;
  write_cache(folder.path() / "again.safetensors", "0f", *objects);
  const auto again = read_cache(folder.path() / "again.safetensors", "0f");
  require(again.has_value() && is_same(*objects, *again));
  return 0;
}
