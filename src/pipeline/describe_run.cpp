// SPDX-License-Identifier: MIT
//
// The identity of a run: everything that decides its numbers, and nothing else.
#include "astrom3/pipeline/describe_run.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"
#include "base/regular_file.h"
#include "base/sha256.h"

namespace astrom3 {
namespace {

std::string describe(const Scaling& scaling) {
  if (scaling.none) return "none";
  std::string text = scaling.source.empty() ? "given" : scaling.source;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    text += fmt::format("; {}={}{:.9g},{:.9g}", feature_name(static_cast<Feature>(i)),
                        scaling.log10[i] ? "log10," : "", scaling.mean[i], scaling.std[i]);
  }
  return text;
}

/// "amplitude=computed; period=catalog-or-computed; ...; rfr_score=set:z:0.392".
std::string describe_policy(const RunOptions& options, const std::filesystem::path& catalog) {
  std::string text;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const auto& given = options.object.overrides[i];
    const auto feature = static_cast<Feature>(i);
    std::string how = catalog.empty() ? "computed" : "catalog, else computed";
    if (given.has_value()) how = fmt::format("set:{}{}", given->standardised ? "z:" : "", given->value);
    if (feature == Feature::rfr_score && !given.has_value()) {
      how += options.object.features.rfr == RfrMethod::line ? " (line)" : " (forest)";
    }
    text += fmt::format("{}{}={}", text.empty() ? "" : "; ", feature_name(feature), how);
  }
  return text;
}

/// The values of the options of each group; declared on the defaults, since an option may be named only if it
/// is changed.
class DescribedOptions {
 public:
  DescribedOptions(const ObjectOptions& object, const SourceOptions& reading) {
    declare_options(object_.cleaning, table_);
    declare_options(reading_, table_);
    declare_options(object_.features, table_);
    declare_options(object_.tensor, table_);
    object_ = object;
    reading_ = reading;
  }
  std::string of(const OptionGroup& group) const { return table_.identity(group.identity); }

 private:
  ObjectOptions object_;
  SourceOptions reading_;
  OptionTable table_;
};

/// What decides the result of ProbSparse attention beside the weights: the seed, or the draws that were
/// given.
void describe(const Encoder& encoder, Identity& identity) {
  const AttentionOptions& attention = encoder.attention();
  identity.emplace_back("attention", attention_name(attention.form));
  if (attention.form != Attention::probsparse) return;
  if (attention.key_samples == draw_key_samples(encoder.config(), attention.seed)) {
    identity.emplace_back("attention_seed", fmt::format("{}", attention.seed));
  } else {
    identity.emplace_back("attention_key_samples_sha256",
                          sha256_hex(std::as_bytes(std::span(attention.key_samples))));
  }
}

}  // namespace

Identity describe_encoder(const Encoder& encoder, const Scaling* scaling) {
  const Checkpoint& checkpoint = encoder.checkpoint();
  Identity identity{{"model_sha256", checkpoint.sha256},
                    {"model_identity", model_identity(encoder, scaling)},
                    {"model_config", deciding_config(checkpoint.config)},
                    {"model_trained", checkpoint.is_trained() ? "true" : "false"}};
  if (const auto name = checkpoint.metadata.find("astrom3.name"); name != checkpoint.metadata.end())
    identity.emplace_back("model_name", name->second);
  describe(encoder, identity);
  identity.emplace_back("precision", precision_name(encoder.precision()));
  return identity;
}

Identity describe_run(const Encoder* encoder, const RunOptions& options, const SourceOptions& source_options,
                      const std::filesystem::path& catalog) {
  const ObjectOptions& object = options.object;
  Identity identity{{"astrom3_version", kVersion}};
  if (encoder != nullptr) {
    for (auto& entry : describe_encoder(*encoder, &object.scaling)) identity.push_back(std::move(entry));
  }
  identity.emplace_back("scaling", describe(object.scaling));
  identity.emplace_back("feature_policy", describe_policy(options, catalog));
  const DescribedOptions described(object, source_options);
  std::string period_search = described.of(option_groups::kPeriodSearch);
  if (const std::size_t n = object.features.period.n_alternates;
      options.last_stage == Stage::features && n != PeriodOptions{}.n_alternates)
    period_search += fmt::format("; alternates={}", n);
  identity.emplace_back(option_groups::kPeriodSearch.identity, std::move(period_search));
  if (!catalog.empty()) {
    identity.emplace_back("feature_catalog", catalog.filename().string());
    identity.emplace_back("feature_catalog_sha256", sha256_of(RegularFile(catalog, Status::bad_catalog)));
  }
  for (const OptionGroup& group : {option_groups::kInput, option_groups::kCleaning})
    identity.emplace_back(group.identity, described.of(group));
  if (options.last_stage >= Stage::tensor)
    identity.emplace_back(
        option_groups::kTensor.identity,
        fmt::format("n_steps={}; {}", object.tensor.n_steps, described.of(option_groups::kTensor)));
  return identity;
}

}  // namespace astrom3
