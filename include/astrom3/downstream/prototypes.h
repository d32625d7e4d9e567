// SPDX-License-Identifier: MIT
//
// Classes of embeddings by their likeness to labelled ones: no head and no training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace astrom3 {

/// centre   the mean of a class's embeddings, at unit length
/// closest  the one embedding of the class that is most like the judged one
enum class PrototypeJudge : std::uint8_t { centre, closest };

struct PrototypeOptions {
  PrototypeJudge judge = PrototypeJudge::centre;
  std::size_t shots = 0;   ///< labelled objects of each class that are used; 0: all
  std::uint64_t seed = 0;  ///< which of them, with `shots`
  /// Rows are brought to unit length first. false: they are directions of the shared space already, or means
  /// of such, whose length says how well the modalities agree and weighs them in the centre.
  bool to_unit_length = true;
};

/// Labelled embeddings.
struct LabelledPrototypes {
  std::span<const float> values;  ///< [N, dimension], every row finite and not zero
  std::size_t dimension = 0;
  std::span<const std::string> object_ids;  ///< [N]
  std::span<const std::int32_t> classes;    ///< [N] 0 .. n_classes-1, or -1: of no class, not used
  std::size_t n_classes = 0;
};

/// Immutable after construction; for any number of threads at once.
///
///   centre:  score_c = <e, m_c / |m_c|>,  m_c the mean of the class's rows
///   closest: score_c = the largest <e, r> of the rows r of class c
///
/// With `shots`, those of a class are used whose holdout_position("SEED ID") is smallest: the choice depends
/// on the seed and on ids alone. An object is never its own `closest`.
///
/// Source  the nearest-centre and nearest-object classification of AstroM3, there called zero-shot
class Prototypes {
 public:
  /// Throws Error usage when sizes do not fit, no_input naming a class that has no row, or fewer than
  /// `shots`.
  Prototypes(const LabelledPrototypes& labelled, std::span<const std::string> class_names,
             const PrototypeOptions& options);

  /// scores [n_classes] of an embedding [dimension]; the largest is the class's. `object_id` is left out of
  /// the prototypes for `closest`. -infinity where a class then has no other. Throws Error usage.
  void judge(std::span<const float> embedding, const std::string& object_id, std::span<float> scores) const;

  std::size_t n_classes() const noexcept { return n_classes_; }
  std::size_t size() const noexcept { return object_ids_.size(); }  ///< rows in use

 private:
  PrototypeOptions options_;
  std::size_t dimension_ = 0, n_classes_ = 0;
  std::vector<double> rows_;  ///< [rows in use, dimension]; of centre [n_classes, dimension]
  std::vector<std::string> object_ids_;
  std::vector<std::int32_t> classes_;
};

}  // namespace astrom3
