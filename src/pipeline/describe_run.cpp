// SPDX-License-Identifier: MIT
//
// The identity of a run: everything that decides its numbers, and nothing else.
#include "astrom3/describe_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>
#include <string>
#include <utility>

#include "astrom3/version.h"
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

std::string describe(const PeriodOptions& period) {
  return fmt::format("period_min={}; period_max={}; oversampling={}; candidates={}; harmonics={}",
                     period.period_min,
                     period.period_max > 0 ? fmt::format("{}", period.period_max) : "min(1000, span/2)",
                     period.oversampling, period.n_candidates, period.n_harmonics);
}

std::string describe(const CleaningOptions& cleaning, const SourceOptions& source) {
  constexpr const char* kMadZero[] = {"reject", "std", "meanad"};
  std::string text = fmt::format(
      "min_points={}; nonfinite={}; negative_error={}; on_mad_zero={}; error_floor={}; upper_limits={}",
      cleaning.min_points, cleaning.nonfinite == NonfinitePolicy::drop ? "drop" : "reject",
      cleaning.allow_negative_error ? "allow" : "reject", kMadZero[static_cast<int>(cleaning.on_mad_zero)],
      cleaning.error_floor_mag, source.upper_limits == UpperLimitPolicy::drop ? "drop" : "reject");
  if (!source.null_values.empty())
    text += fmt::format("; null_values={}", fmt::join(source.null_values, ","));
  if (source.missing_error.has_value()) text += fmt::format("; missing_error={}", *source.missing_error);
  return text;
}

std::string describe_photometry(const SourceOptions& source) {
  constexpr const char* kUnits[] = {"nJy", "uJy", "mJy", "Jy", "AB27.5"};
  std::string text = fmt::format(
      "format={}; band={}; zero_point_jy={}; flux_unit={}", source.format.empty() ? "auto" : source.format,
      source.split_bands ? "split" : (source.band.empty() ? "any" : source.band),
      source.zero_point_jy.has_value() ? fmt::format("{}", *source.zero_point_jy) : "by band",
      source.flux_unit.has_value() ? kUnits[static_cast<int>(*source.flux_unit)] : "mJy or the survey's");
  if (source.quality_mask.has_value()) text += fmt::format("; quality_mask={}", *source.quality_mask);
  if (!source.nested.empty()) text += fmt::format("; nested={}", source.nested);
  if (source.hdu.has_value()) text += fmt::format("; hdu={}", *source.hdu);
  return text;
}

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

Identity describe_encoder(const Encoder& encoder) {
  const Checkpoint& checkpoint = encoder.checkpoint();
  Identity identity{{"model_sha256", checkpoint.sha256},
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
    for (auto& entry : describe_encoder(*encoder)) identity.push_back(std::move(entry));
  }
  identity.emplace_back("scaling", describe(object.scaling));
  identity.emplace_back("feature_policy", describe_policy(options, catalog));
  identity.emplace_back("period_search", describe(object.features.period));
  if (!catalog.empty()) {
    identity.emplace_back("feature_catalog", catalog.filename().string());
    identity.emplace_back("feature_catalog_sha256", sha256_of(RegularFile(catalog, Status::bad_catalog)));
  }
  identity.emplace_back("photometry", describe_photometry(source_options));
  identity.emplace_back("cleaning", describe(object.cleaning, source_options));
  if (options.last_stage >= Stage::tensor) {
    identity.emplace_back("tensor", fmt::format("n_steps={}; padding={}", object.tensor.n_steps,
                                                object.tensor.padding == Padding::zeros ? "zeros" : "aux"));
  }
  return identity;
}

}  // namespace astrom3
