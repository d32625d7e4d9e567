// SPDX-License-Identifier: MIT
#include "onnx/provenance.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "base/sha256.h"
#include "onnx/front_matter.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

// AstroMLCore/AstroM3-CLIP-photo on the Hugging Face hub, model.safetensors at revision
// 8904ed332cb9437691932a6d44e9a25a123cf76f.
constexpr std::string_view kPublishedSha256 =
    "05d5f0b8debb292a8b43095cd5c2ed15625c11365a37494d359cbf600565831d";

std::string metadata(const Checkpoint& checkpoint, std::string_view key) {
  const auto found = checkpoint.metadata.find(std::string(key));
  return found == checkpoint.metadata.end() ? std::string() : found->second;
}

}  // namespace

Provenance provenance_of(const Checkpoint& checkpoint) {
  Provenance provenance{.is_published = checkpoint.sha256 == kPublishedSha256,
                        .license = metadata(checkpoint, kLicenseKey),
                        .attribution = metadata(checkpoint, kAttributionKey),
                        .scaling = checkpoint.scaling.value_or(published_scaling()),
                        .has_own_scaling = checkpoint.scaling.has_value()};
  if (provenance.is_published) {
    provenance.license = "cc-by-4.0";
    provenance.attribution = "M. Rizhko and J. S. Bloom, AstroM3, arXiv:2411.08842";
  }
  if (!provenance.license.empty() && !provenance.attribution.empty()) return provenance;
  auto card = read_front_matter(checkpoint.directory / kHubCardName);
  if (card.empty()) card = read_front_matter(checkpoint.directory / kCardName);
  const auto stated = [&card](std::string_view key) {
    const auto found = card.find(key);
    return found == card.end() || found->second == kUnknownLicense ? std::string() : found->second;
  };
  if (provenance.license.empty())
    provenance.license = stated(stated("license") == "other" ? "license_name" : "license");
  if (provenance.attribution.empty()) provenance.attribution = stated("attribution");
  return provenance;
}

std::map<std::string, std::string> metadata_of_import(const OnnxGraph& graph, std::string_view bytes) {
  std::map<std::string, std::string> result{
      {"format", "pt"},
      {"astrom3.imported_from_sha256", sha256_hex(std::as_bytes(std::span(bytes.data(), bytes.size())))}};
  const auto take = [&](std::string_view from, std::string_view to) {
    constexpr std::size_t kMaxBytes = 400;
    const std::string_view value = graph.find_metadata(from);
    if (!value.empty() && value.size() <= kMaxBytes && value != kNotStated) result[std::string(to)] = value;
  };
  take("license", kLicenseKey);
  take("attribution", kAttributionKey);
  const std::string_view attention = graph.find_metadata("training_attention");
  if (attention == "full" || attention == "probsparse" || attention == "probsparse-exact")
    result["astrom3.attention"] = attention;
  if (graph.find_metadata("trained") == "false") result["astrom3.trained"] = "false";
  return result;
}

}  // namespace astrom3
