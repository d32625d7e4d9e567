// SPDX-License-Identifier: MIT
//
// The values of the tensors that a checkpoint has to have, with what is remarkable about them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/tensor_match.h"
#include "encoder/weights_reader.h"

namespace astrom3 {

struct MatchedValues {
  std::map<std::string, Tensor, std::less<>> tensors;  ///< by the name in the spec
  std::string sha256;                                  ///< of the whole file
  std::uint64_t parameter_count = 0;                   ///< without the position buffer
  std::vector<Diagnostic> warnings;
};

/// Reads the whole file. `file` is named in messages; `seq_len` says how many positions are in use. Throws
/// Error bad_model naming tensor and index of a value that is not finite.
MatchedValues read_matched(WeightsReader& reader, const std::vector<MatchedTensor>& matched,
                           const std::string& file, std::int64_t seq_len);

}  // namespace astrom3
