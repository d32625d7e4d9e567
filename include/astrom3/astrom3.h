// SPDX-License-Identifier: MIT
//
// All of astrom3's public C++ API.
#pragma once

#include "astrom3/attention.h"      // IWYU pragma: export
#include "astrom3/batch.h"          // IWYU pragma: export
#include "astrom3/bundled.h"        // IWYU pragma: export
#include "astrom3/catalog.h"        // IWYU pragma: export
#include "astrom3/checkpoint.h"     // IWYU pragma: export
#include "astrom3/confusion.h"      // IWYU pragma: export
#include "astrom3/describe_run.h"   // IWYU pragma: export
#include "astrom3/embed_object.h"   // IWYU pragma: export
#include "astrom3/embeddings.h"     // IWYU pragma: export
#include "astrom3/encode_file.h"    // IWYU pragma: export
#include "astrom3/encoder.h"        // IWYU pragma: export
#include "astrom3/error.h"          // IWYU pragma: export
#include "astrom3/evaluate.h"       // IWYU pragma: export
#include "astrom3/features.h"       // IWYU pragma: export
#include "astrom3/flags.h"          // IWYU pragma: export
#include "astrom3/holdout.h"        // IWYU pragma: export
#include "astrom3/hub.h"            // IWYU pragma: export
#include "astrom3/isa.h"            // IWYU pragma: export
#include "astrom3/labels.h"         // IWYU pragma: export
#include "astrom3/light_curve.h"    // IWYU pragma: export
#include "astrom3/objective.h"      // IWYU pragma: export
#include "astrom3/onnx.h"           // IWYU pragma: export
#include "astrom3/outliers.h"       // IWYU pragma: export
#include "astrom3/period_search.h"  // IWYU pragma: export
#include "astrom3/periodogram.h"    // IWYU pragma: export
#include "astrom3/pipeline.h"       // IWYU pragma: export
#include "astrom3/precision.h"      // IWYU pragma: export
#include "astrom3/projection.h"     // IWYU pragma: export
#include "astrom3/run_parts.h"      // IWYU pragma: export
#include "astrom3/scaling.h"        // IWYU pragma: export
#include "astrom3/search.h"         // IWYU pragma: export
#include "astrom3/sink.h"           // IWYU pragma: export
#include "astrom3/source.h"         // IWYU pragma: export
#include "astrom3/study.h"          // IWYU pragma: export
#include "astrom3/tensor.h"         // IWYU pragma: export
#include "astrom3/text_file.h"      // IWYU pragma: export
#include "astrom3/training.h"       // IWYU pragma: export
#include "astrom3/treatment.h"      // IWYU pragma: export
#include "astrom3/version.h"        // IWYU pragma: export
