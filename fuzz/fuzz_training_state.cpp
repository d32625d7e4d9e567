// SPDX-License-Identifier: MIT
//
// Any bytes as the state and the notes of a training that is to be resumed: an Error, or a state that is read
// again as it was written.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "safetensors_mutator.h"
#include "scratch_folder.h"
#include "training/run_folder.h"

namespace {

using namespace astrom3;
using namespace astrom3::training;

bool is_same(const SavedState& a, const SavedState& b) {
  if (a.epochs.size() != b.epochs.size() || a.tensors.size() != b.tensors.size()) return false;
  for (const auto& [name, tensor] : a.tensors) {
    const auto other = b.tensors.find(name);
    if (other == b.tensors.end() || other->second.shape != tensor.shape) return false;
    const std::size_t n = tensor.data.size();
    if (other->second.data.size() != n) return false;
    if (n > 0 && std::memcmp(other->second.data.data(), tensor.data.data(), n * sizeof(float)) != 0)
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFolder scratch;
  static RunFolder folder(scratch.path() / "run", /*resume=*/true, /*force=*/false);
  const auto bytes = std::as_bytes(std::span(data, size));
  if (size > 0 && data[0] == '{') {
    scratch.write("run/run.json", bytes);
    try {
      folder.claim({{"model", "0f"}, {"options", "--epochs 3"}});
    } catch (const Error& error) {
      require(error.code() == Status::output_error);
    }
    return 0;
  }
  scratch.write("run/state.safetensors", bytes);
  scratch.write("run/model.safetensors", bytes);
  std::optional<SavedState> state;
  try {
    state = folder.load_state();
  } catch (const Error& error) {
    require(error.code() == Status::output_error);
    return 0;
  }
  require(state.has_value());
  folder.save_state(*state);
  std::optional<SavedState> again;
  try {
    again = folder.load_state();
  } catch (const Error&) {
    std::abort();
  }
  require(again.has_value() && is_same(*state, *again));
  return 0;
}
