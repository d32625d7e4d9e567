// SPDX-License-Identifier: MIT
#include "onnx/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "base/joined.h"
#include "base/regular_file.h"
#include "onnx/encoder_graph.h"
#include "onnx/front_matter.h"
#include "onnx/provenance.h"

namespace astrom3 {
namespace {

constexpr std::string_view kFirstLines = "---\n# Written by `astrom3 export`";

std::string front_matter(const Provenance& provenance) {
  std::string out = fmt::format("{} {}; export replaces it, and no other card.\n", kFirstLines, kVersion);
  // The hub knows licences by lower-case identifiers; another is "other", with its name.
  const std::string license = yaml_value(provenance.license);
  const bool is_identifier =
      license == provenance.license &&
      std::none_of(license.begin(), license.end(), [](unsigned char c) { return std::isupper(c) != 0; });
  if (provenance.license.empty()) {
    out += fmt::format("license: other\nlicense_name: {}\n", kUnknownLicense);
  } else {
    out += (is_identifier ? "license: " : "license: other\nlicense_name: ") + license + "\n";
  }
  if (!provenance.attribution.empty())
    out += fmt::format("attribution: {}\n", yaml_value(provenance.attribution));
  out += "library_name: onnx\npipeline_tag: feature-extraction\n";
  if (provenance.is_published) out += "base_model: AstroMLCore/AstroM3-CLIP-photo\n";
  return out + "tags:\n- astronomy\n- light-curves\n- variable-stars\n- time-series\n- onnx\n---\n";
}

std::string introduction(const Checkpoint& checkpoint, const Provenance& provenance,
                         const std::string& file) {
  std::string out = fmt::format(
      "\n# AstroM3 photometry encoder, ONNX\n\n"
      "`{}` turns the light curve of a variable star into {} numbers in which similar stars lie close.\n"
      "{} the photometry branch of AstroM3 (Rizhko & Bloom, "
      "[arXiv:2411.08842](https://arxiv.org/abs/2411.08842)): "
      "{}\n"
      "transformer layers of width {} over {} observations. Opset {}, one file, free batch size.\n",
      file, checkpoint.config.d_model, provenance.is_published ? "It is" : "Its architecture is that of",
      checkpoint.config.e_layers, checkpoint.config.d_model, checkpoint.config.seq_len, kOnnxOpset);
  if (!checkpoint.is_trained())
    out += "\n**These weights are random: the checkpoint says that it was never trained.**\n";
  return out;
}

std::string usage(const EncoderConfig& c, const std::string& file, bool logits) {
  return fmt::format(
      "\n## Use\n\n"
      "```python\n"
      "import numpy as np\n"
      "import onnxruntime as ort\n\n"
      "session = ort.InferenceSession(\"{}\", providers=[\"CPUExecutionProvider\"])\n"
      "x_enc = np.zeros((1, {T}, {C}), np.float32)  # the tensor below\n"
      "mask = np.zeros((1, {T}), np.float32)       # 1 where there is an observation\n"
      "mean, sequence{extra} = session.run([\"mean\", \"sequence\"{names}], {{\"x_enc\": x_enc, \"mask\": "
      "mask}})\n"
      "```\n\n"
      "| name | shape | what |\n|---|---|---|\n"
      "| `x_enc` | batch × {T} × {C} | nine channels a step |\n"
      "| `mask` | batch × {T} | 1 observed, 0 padding |\n"
      "| `mean` | batch × {D} | the embedding: the mean over observed steps |\n"
      "| `sequence` | batch × {T} × {D} | one vector a step, padding included |\n{head}\n"
      "`astrom3 preprocess` makes both inputs from raw light curves; `astrom3 embed` does everything at "
      "once.\n",
      file, fmt::arg("T", c.seq_len), fmt::arg("C", c.enc_in), fmt::arg("D", c.d_model),
      fmt::arg("extra", logits ? ", logits" : ""), fmt::arg("names", logits ? ", \"logits\"" : ""),
      fmt::arg("head",
               logits ? fmt::format("| `logits` | batch × {} | one a class |\n", c.num_classes) : ""));
}

std::string channels(const Provenance& provenance, std::int64_t steps) {
  std::string out = fmt::format(
      "\n## The input\n\n"
      "Exact duplicate rows are dropped and the rest sorted by time. Statistics are taken over all "
      "observations, in\n"
      "double precision; then the middle {} are kept, or zero rows (all nine channels) are appended.\n\n"
      "| channel | value |\n|---|---|\n"
      "| 0 | (time − first) / (last − first) |\n"
      "| 1, 2 | (flux − mean) / MAD, error / MAD; MAD is the median of \\|flux − median\\|, unscaled |\n"
      "| 3 to 6 | amplitude, period, `lksl_statistic`, `rfr_score`: see below |\n"
      "| 7 | log10(MAD) |\n| 8 | (last − first) / 365 days |\n\n"
      "{}\n",
      steps,
      provenance.scaling.none
          ? "**Channels 3 to 6 are raw values**: this checkpoint was trained without standardisation."
          : "**Channels 3 to 6 are z-scores, not catalogue values.** The training data standardised them, "
            "the "
            "period after\n"
            "its logarithm; values straight from the catalogue put the network out of its distribution.");
  if (provenance.scaling.none) return out;
  out += provenance.has_own_scaling ? "\nThe scaling of this checkpoint:\n"
                                    : "\nThe checkpoint carries no scaling of its own; this is the one "
                                      "solved from published examples:\n";
  out += "\n| channel | value fed | mean | std |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const std::string_view name = feature_name(static_cast<Feature>(i));
    const std::string value =
        provenance.scaling.log10[i] ? fmt::format("log10({})", name) : std::string(name);
    out += fmt::format("| {} | ({} − mean) / std | {:.6f} | {:.6f} |\n", i + 3, value,
                       provenance.scaling.mean[i], provenance.scaling.std[i]);
  }
  return out + fmt::format("\nIn channel 6 a perfect score of 1 becomes {:.3f}.\n",
                           provenance.scaling.standardise(Feature::rfr_score, 1));
}

std::string attention(const Checkpoint& checkpoint) {
  const std::string trained = checkpoint.training_attention();
  const bool is_stated = checkpoint.metadata.contains("astrom3.attention");
  std::string out = fmt::format(
      "\n## Attention\n\n"
      "This file computes full attention: every step sees every step, the padded ones too, since the mask is "
      "used for\n"
      "`mean` and the head only, as it was in training. The checkpoint {} `{}`.\n",
      is_stated ? "was trained with" : "does not say how it was trained; the published ones were with",
      escaped(trained));
  if (trained == "full") return out;
  return out +
         "\nThat is another network. ProbSparse attention lets a few queries of each head attend, chosen "
         "from randomly\n"
         "drawn keys, and gives all others the mean of the values; and upstream's code hands its result on "
         "without moving\n"
         "the heads back to their steps, so the output projection was trained on another order of its "
         "inputs. The two\n"
         "forms do not agree in expectation. `mean` and `sequence` of this file are well defined and "
         "repeatable; a head\n"
         "trained with ProbSparse makes sense with ProbSparse only.\n";
}

std::string classes(const EncoderConfig& c, bool logits) {
  std::vector<std::string> names = class_names(c);
  const bool are_known = !c.class_names.empty() || names.front() != "0";
  if (!logits || !are_known) return {};
  for (std::string& name : names) name = escaped(name);
  return fmt::format("\n## Classes\n\nIn the order of `logits`: {}.\n", joined(names, ", "));
}

std::string data(const Provenance& provenance) {
  if (!provenance.is_published) return {};
  return "\n## Training data\n\n"
         "21,440 variable stars of ASAS-SN, **V band**, that have a LAMOST spectrum; not ZTF. Class ids are "
         "alphabetical:\n"
         "DSCT, EA, EB, EW, HADS, M, ROT, RRAB, RRC, SR. A table of sensitivities by class that was "
         "published with another\n"
         "order has its names permuted.\n";
}

std::string weights(const Checkpoint& checkpoint, const Provenance& provenance) {
  std::string out = fmt::format("\n## Weights, licence, citation\n\nMade from a checkpoint with SHA-256 `{}`",
                                checkpoint.sha256);
  out += provenance.is_published ? ", which is `AstroMLCore/AstroM3-CLIP-photo` of the Hugging Face hub.\n"
                                 : ".\n";
  if (provenance.license.empty()) {
    out += "The checkpoint does not state under which licence its weights are.\n";
  } else {
    out +=
        fmt::format("The weights are under {}{}{}.\n", escaped(provenance.license),
                    provenance.attribution.empty() ? "" : "; credit: ", escaped(provenance.attribution, 400));
  }
  return out +
         "\n```bibtex\n"
         "@article{rizhko2024astrom3,\n"
         "  title   = {{AstroM$^3$}: A self-supervised multimodal model for astronomy},\n"
         "  author  = {Rizhko, M. and Bloom, J. S.},\n"
         "  journal = {arXiv:2411.08842},\n"
         "  year    = {2024}\n"
         "}\n"
         "```\n";
}

}  // namespace

std::string model_card(const Checkpoint& checkpoint, const std::string& onnx_name, bool logits) {
  const Provenance provenance = provenance_of(checkpoint);
  const std::string file = escaped(onnx_name, 200);
  return front_matter(provenance) + introduction(checkpoint, provenance, file) +
         usage(checkpoint.config, file, logits) + channels(provenance, checkpoint.config.seq_len) +
         attention(checkpoint) + classes(checkpoint.config, logits) + data(provenance) +
         weights(checkpoint, provenance);
}

bool is_ours_to_write(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return true;
  std::string head(kFirstLines.size(), '\0');
  try {
    RegularFile(file, Status::bad_model).read_at(0, std::as_writable_bytes(std::span(head)));
  } catch (const Error&) {  // shorter, or not to be read
    return false;
  }
  return head == kFirstLines;
}

}  // namespace astrom3
