// SPDX-License-Identifier: MIT
//
// The C interface of astrom3: for Python, Julia, R, Fortran and every other language that can call C.
//
// Every function returns an astrom3_status code: 0 if it worked, else astrom3_last_error() is the text of the
// last error on this thread. Structures begin with struct_size: set it to sizeof, or call the *_init
// function, which also fills in the defaults. Handles are opaque; *_open makes them and *_close ends them,
// and accepts NULL, too. Any number of threads may use one handle at once, but not after it has been closed.
// Nothing is printed, and no pointer given to a call is kept after it unless a comment says so.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "astrom3/source/arrow_c_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Raised whenever a change here could break a program that was compiled before.
#define ASTROM3_C_API_VERSION 3

#if defined(__GNUC__)
#define ASTROM3_API __attribute__((visibility("default")))
#else
#define ASTROM3_API
#endif

/// 0 is ok; the names of the others are astrom3_status_name()'s.
typedef int32_t astrom3_status;

/// The ASTROM3_C_API_VERSION that the library was built with.
ASTROM3_API uint32_t astrom3_c_api_version(void);
/// "0.1.0"; static.
ASTROM3_API const char* astrom3_version(void);
/// Text of the last failure on this thread, "" when there was none; valid until its next failure.
ASTROM3_API const char* astrom3_last_error(void);
enum { ASTROM3_SPELL_PLAIN, ASTROM3_SPELL_KEYWORDS };
/// How the hints of this process write options: plain nonfinite=drop, or as keyword arguments
/// nonfinite="drop", columns={"mag": "m"}, id="star". The package of a language calls it once, when it loads
/// the library.
ASTROM3_API void astrom3_spell_options(int32_t spelling);
/// "too_few_points"; NULL for a number that is not a code. Static.
ASTROM3_API const char* astrom3_status_name(astrom3_status status);
/// One sentence; NULL for a number that is not a code. Static.
ASTROM3_API const char* astrom3_status_meaning(astrom3_status status);
/// The name of flag number `bit` (0 ..), NULL past the last one. Static.
ASTROM3_API const char* astrom3_flag_name(uint32_t bit);
/// The number of threads that 0 stands for.
ASTROM3_API uint32_t astrom3_available_threads(void);

// ---- the model --------------------------------------------------------------------------------------------

typedef struct astrom3_model astrom3_model;

/// What a checkpoint is. The texts belong to the model.
typedef struct astrom3_model_info {
  uint32_t struct_size;
  int32_t has_head;
  int32_t is_trained;
  uint32_t n_steps;    ///< T; 0 without an encoder of light curves
  uint32_t width;      ///< D; of several modalities the size of each embedding
  uint32_t n_classes;  ///< 0 without a head
  uint64_t n_parameters;
  const char* sha256;     ///< of model.safetensors, lower-case hex
  const char* isa;        ///< "scalar", "avx2", "avx512"
  const char* scaling;    ///< "checkpoint" or "published": what the default scaling of this model is
  const char* path;       ///< of the weights
  const char* precision;  ///< "float32", "int8"
  const char* identity;   ///< hex SHA-256 of weights, config.json, default scaling, attention and precision
} astrom3_model_info;

/// The directory of the checkpoint that ships with astrom3: share/astrom3/models/vstars4 beside the library's
/// folder. NULL if there is none. Static.
ASTROM3_API const char* astrom3_bundled_checkpoint(void);

/// Loads a checkpoint of any kind: a directory, or a .safetensors file with config.json beside it. What is
/// declared here is for checkpoints of light curves alone; for others astrom3/c_api/modalities.h goes on.
///
/// path             NULL: the checkpoint that ASTROM3_MODEL names, else the one that ships with astrom3
/// expected_sha256  NULL: not checked; otherwise a file that differs is refused (bad_model)
/// isa              NULL: the best there is
/// attention        NULL: "full", and of a checkpoint of several modalities the form of its training, with
///                  "probsparse-exact" for "probsparse"; or one of the three
/// seed             of probsparse's draws
/// precision        NULL: "float32"; or "int8": matrix products in eight bits, faster and slightly less exact
/// Status  bad_model, bad_config, bad_scaling, unsupported_isa, usage
ASTROM3_API astrom3_status astrom3_model_open(const char* path, const char* expected_sha256, const char* isa,
                                              const char* attention, uint64_t seed, const char* precision,
                                              astrom3_model** model);
ASTROM3_API void astrom3_model_close(astrom3_model* model);
/// Status  usage: a null pointer, or a struct_size that is not this one's
ASTROM3_API astrom3_status astrom3_model_describe(const astrom3_model* model, astrom3_model_info* info);
/// The name of class i of the head: from config.json; else, if there are ten classes, the name in the
/// published checkpoints; else i in digits. NULL if there is no such class. The text belongs to the model.
ASTROM3_API const char* astrom3_model_class_name(const astrom3_model* model, uint32_t i);

/// Passes tensors through the encoder: tensors that `preprocess` made, or that the caller made.
///
/// x_enc [n, T, 9], mask [n, T] (1 observed, 0 padding)
/// mean [n, D], sequence [n, T, D], logits [n, classes], written; NULL: not wanted
/// n_threads  0: all this process may use
/// stop       NULL, or set to 1 at any time: the call ends with `interrupted`
/// Status     usage: a null pointer, logits without a head; interrupted
ASTROM3_API astrom3_status astrom3_encode(const astrom3_model* model, const float* x_enc, const float* mask,
                                          size_t n, uint32_t n_threads, const int32_t* stop, float* mean,
                                          float* sequence, float* logits);

/// How unlike the classes of the head embeddings are: for each the share of the validation objects of the
/// training that lie nearer to a class (see astrom3/encoder/out_of_class.h). 0.95 is reached by 5 % of
/// objects like those of the training, and by more of those of other classes.
///
/// mean [n, D], as astrom3_encode() gives it with the form of attention of the training
/// scores [n], written: 0..1, NaN for an embedding with a value that is not finite
///
/// Status  usage: a null pointer, a checkpoint that was trained without, a model that embeds with another
///         form of attention than the training
ASTROM3_API astrom3_status astrom3_out_of_class(const astrom3_model* model, const float* mean, size_t n,
                                                double* scores);

// ---- checkpoints from the Hugging Face hub ----------------------------------------------------------------

typedef struct astrom3_download astrom3_download;

/// Where a checkpoint lies. The texts belong to the download.
typedef struct astrom3_download_info {
  uint32_t struct_size;
  const char* directory;       ///< for astrom3_model_open
  const char* commit;          ///< the revision as a hash
  const char* weights_sha256;  ///< the expected_sha256 for astrom3_model_open
  const char* scaling_file;    ///< upstream's info.json, or NULL
  const char* warnings;        ///< a line each, or NULL
  uint64_t bytes_received;     ///< 0: everything was in the cache
} astrom3_download_info;

/// Finds a checkpoint in the hub's cache, or downloads it there; every file is checked against its hash.
///
/// name        "ORG/NAME" or "ORG/NAME@REVISION"; NULL or "": the published checkpoint
/// cache_dir   NULL: HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub
/// offline     not 0: no connection
/// stop        NULL, or set to 1 at any time: the call ends with `interrupted`
/// n_received  NULL, or bytes of the present file so far, written all the time
/// Status      network_error, usage, interrupted
ASTROM3_API astrom3_status astrom3_download_open(const char* name, const char* cache_dir, int32_t offline,
                                                 const int32_t* stop, int64_t* n_received,
                                                 astrom3_download** download);
ASTROM3_API void astrom3_download_close(astrom3_download* download);
ASTROM3_API astrom3_status astrom3_download_describe(const astrom3_download* download,
                                                     astrom3_download_info* info);

// ---- options ----------------------------------------------------------------------------------------------

/// How light curves, spectra and metadata are read and treated: the options of `astrom3 embed` about this,
/// under the same names.
typedef struct astrom3_options astrom3_options;

enum {
  ASTROM3_OPTION_FLAG,  ///< "true" or "false"
  ASTROM3_OPTION_WHOLE_NUMBER,
  ASTROM3_OPTION_NUMBER,
  ASTROM3_OPTION_CHOICE,  ///< one of its words
  ASTROM3_OPTION_TEXT
};

/// What an option is. The texts belong to the astrom3_options that described it.
typedef struct astrom3_option_info {
  uint32_t struct_size;
  int32_t kind;              ///< ASTROM3_OPTION_FLAG ...
  int32_t is_repeatable;     ///< each astrom3_options_set() adds a value
  int32_t is_of_files;       ///< has no use for light curves in memory
  const char* name;          ///< "min-points"
  const char* group;         ///< the heading it has in --help
  const char* help;          ///< one line, or a few
  const char* words;         ///< of a choice, separated by commas; else ""
  const char* expected;      ///< what its values are: "a whole number from 2 to 10000000"
  const char* default_text;  ///< NULL: it has no value until it is set
} astrom3_option_info;

/// Every option at its default.
ASTROM3_API astrom3_status astrom3_options_open(astrom3_options** options);
ASTROM3_API void astrom3_options_close(astrom3_options* options);
/// Sets an option, by one thread at a time: astrom3_options_set(options, "min-points", "20").
///
/// name  as on the command line, without dashes before it; '_' is as good as '-'
/// text  its value; NULL: its default again
/// Status  usage naming the option, the text and what was expected
ASTROM3_API astrom3_status astrom3_options_set(astrom3_options* options, const char* name, const char* text);
/// The value of an option as a text; NULL if it has none, or if there is no such option. Valid until
/// the next call that sets or gets the option.
ASTROM3_API const char* astrom3_options_get(astrom3_options* options, const char* name);
/// Status  usage if options contradict each other: period-max below period-min
ASTROM3_API astrom3_status astrom3_options_check(const astrom3_options* options);
/// How many options there are; 0 for NULL.
ASTROM3_API size_t astrom3_options_count(const astrom3_options* options);
/// Option i (0 ..). Status  usage: a null pointer, another struct_size, no such option
ASTROM3_API astrom3_status astrom3_options_describe(const astrom3_options* options, size_t i,
                                                    astrom3_option_info* info);

// ---- light curves in memory -------------------------------------------------------------------------------

typedef struct astrom3_table astrom3_table;

enum {
  ASTROM3_INT8,
  ASTROM3_INT16,
  ASTROM3_INT32,
  ASTROM3_INT64,
  ASTROM3_UINT8,
  ASTROM3_UINT16,
  ASTROM3_UINT32,
  ASTROM3_UINT64,
  ASTROM3_FLOAT16,
  ASTROM3_FLOAT32,
  ASTROM3_FLOAT64
};

/// An observation is kept if `column` holds one of the numbers or one of the texts. Observations that are not
/// kept are not counted either.
typedef struct astrom3_condition {
  const char* column;
  const double* numbers;
  size_t n_numbers;
  const char* const* texts;
  size_t n_texts;
} astrom3_condition;

/// A column of a flat table.
typedef struct astrom3_column {
  const char* name;
  const void* data;  ///< [n_rows] of `type`, in native byte order, aligned; NOT copied; NULL: not read
  int32_t type;      ///< ASTROM3_FLOAT64 ...
  const char* const* categories;  ///< texts that the numbers stand for, below 0 is missing; or NULL
  size_t n_categories;
} astrom3_column;

// The rules for files say which columns are read, in which units, and which values are not measurements. The
// options of reading (format, columns, id-column, band, zero-point, ...) change this. options may be NULL:
// every option at its default. where [n_where] are conditions that all must hold; NULL: no condition.

/// Which of the columns of a flat table would be read: read [n] becomes 0, 1, or 2 for the column of ids.
/// Give the names of all columns, also of those that are not read: a survey is recognised by all of its
/// columns. Status  the code that a file with these columns would be rejected with: missing_column, ...
ASTROM3_API astrom3_status astrom3_table_columns(const char* const* names, size_t n,
                                                 const astrom3_options* options, uint8_t* read);

/// What a column is used for. A caller who knows the unit of a column can then convert it: times to days
/// (SECONDS: to seconds), fluxes to the option flux-unit, magnitudes to mag. COUNTS are fluxes of a survey
/// that defines their unit itself; with the option flux-unit they are in that unit, too.
enum {
  ASTROM3_NOT_READ = 0,
  ASTROM3_OTHER,  ///< a band, a flag, a zero point
  ASTROM3_OBJECT_ID,
  ASTROM3_TIME,
  ASTROM3_FLUX,
  ASTROM3_FLUX_ERR,
  ASTROM3_MAG,
  ASTROM3_MAG_ERR,
  ASTROM3_COUNTS,
  ASTROM3_COUNTS_ERR,
  ASTROM3_SECONDS,
  ASTROM3_WATCHED,  ///< not needed (its data may be null); of texts or few numbers, bands may be found in it
  ASTROM3_QUALITY   ///< not needed either; tells good rows from bad ones, and is not used
};

/// As astrom3_table_columns(), in more detail: uses [n] becomes ASTROM3_NOT_READ ... ASTROM3_QUALITY.
ASTROM3_API astrom3_status astrom3_table_uses(const char* const* names, size_t n,
                                              const astrom3_options* options, uint8_t* uses);

/// A flat table: light curve i is rows offsets[i] .. offsets[i+1]-1 of every column.
///
/// offsets   [n + 1] copied; not decreasing, within 0 .. n_rows
/// columns   [n_columns]; their data must outlive the table
/// Status    usage naming the column; as astrom3_table_columns()
ASTROM3_API astrom3_status astrom3_table_from_columns(const int64_t* offsets, size_t n, size_t n_rows,
                                                      const astrom3_column* columns, size_t n_columns,
                                                      const astrom3_options* options,
                                                      const astrom3_condition* where, size_t n_where,
                                                      astrom3_table** table);

/// A long table, one observation per row: the column of ids names its object. Light curves come in the order
/// of their first row; without such a column all rows are one light curve.
ASTROM3_API astrom3_status astrom3_table_from_rows(size_t n_rows, const astrom3_column* columns,
                                                   size_t n_columns, const astrom3_options* options,
                                                   const astrom3_condition* where, size_t n_where,
                                                   astrom3_table** table);

/// One Arrow array without a copy, in any layout that a Parquet file may have: list<struct>, struct of lists,
/// columns of lists (a record batch), lists of triples, one observation per row. A list may be list,
/// large_list, fixed_size_list, list_view or large_list_view, sliced, with nulls at any level. The option
/// `nested` chooses a column if several hold light curves.
///
/// schema  stays the caller's
/// array   taken over, also on failure: its release is NULL afterwards
/// Status  usage naming the column, its type and what was expected; as astrom3_table_columns()
ASTROM3_API astrom3_status astrom3_table_from_arrow(const struct ArrowSchema* schema,
                                                    struct ArrowArray* array, const astrom3_options* options,
                                                    const astrom3_condition* where, size_t n_where,
                                                    astrom3_table** table);
/// is_long becomes 1 if arrays of this schema hold one observation per row, so that a light curve may
/// continue in the next array; else 0. Status  as astrom3_table_from_arrow()
ASTROM3_API astrom3_status astrom3_table_is_long(const struct ArrowSchema* schema,
                                                 const astrom3_options* options, int32_t* is_long);
/// Number of light curves in the table; with the option band=split every band is one. 0 for NULL.
ASTROM3_API size_t astrom3_table_size(const astrom3_table* table);
/// The ids of its light curves: from the column of ids, else their numbers from `first` on; "<id>:<band>"
/// with band=split.
///
/// offsets [size + 1]  written: id i is bytes offsets[i] .. offsets[i+1]-1
/// bytes   [offsets[size]] written, UTF-8; NULL: only the offsets are wanted
/// Status  usage: a null pointer, or ids of more than 4 GiB
ASTROM3_API astrom3_status astrom3_table_ids(const astrom3_table* table, size_t first, int64_t* offsets,
                                             char* bytes);
/// Warnings: what may change a number of the table and is not used, or is taken otherwise than it may be
/// meant, as for a file of the same columns. *n becomes their number.
///
/// header  what is said beside the table, a line each that begins with '#'; may be NULL
ASTROM3_API astrom3_status astrom3_table_warnings(astrom3_table* table, const char* header, size_t* n);
/// Warning i of the last astrom3_table_warnings(), with its hint on a line of its own; NULL if there is none.
/// It lives until the next such call or the end of the table.
ASTROM3_API const char* astrom3_table_warning(const astrom3_table* table, size_t i);
ASTROM3_API void astrom3_table_close(astrom3_table* table);

// ---- embedding --------------------------------------------------------------------------------------------

enum { ASTROM3_AMPLITUDE, ASTROM3_PERIOD, ASTROM3_LKSL_STATISTIC, ASTROM3_RFR_SCORE, ASTROM3_N_FEATURES };

/// A feature whose values are given, not measured.
typedef struct astrom3_given {
  const double* values;  ///< [N] one for each light curve, or NULL
  double constant;       ///< if values is NULL: one value for all; NaN: the feature is measured
  int32_t standardised;  ///< not 0: the values are in the encoder's units
} astrom3_given;

typedef struct astrom3_embed_options {
  uint32_t struct_size;
  uint32_t n_threads;              ///< [0] 0: all this process may use
  const astrom3_options* options;  ///< [NULL] how light curves are treated; NULL: every option at its default
  uint64_t n_steps;                ///< [200] T if only tensors are wanted; otherwise T is that of the encoder
  astrom3_given given[ASTROM3_N_FEATURES];  ///< [measured] used before the option "set"
  int32_t* stop;    ///< [NULL] set it to 1 at any time: the call ends with `interrupted`
  int64_t* n_done;  ///< [NULL] light curves finished so far, written all the time
} astrom3_embed_options;

ASTROM3_API void astrom3_embed_options_init(astrom3_embed_options* options);

/// The wanted outputs; NULL: not wanted. N light curves, T steps, D width.
typedef struct astrom3_output {
  uint32_t struct_size;
  float* mean;              ///< [N, D] NaN where rejected
  float* sequence;          ///< [N, T, D] NaN where rejected
  float* logits;            ///< [N, classes] NaN where rejected
  float* x_enc;             ///< [N, T, 9] zeros where rejected
  float* mask;              ///< [N, T] zeros where rejected
  uint8_t* status;          ///< [N]
  uint32_t* flags;          ///< [N] see astrom3_flag_name()
  int64_t* n_raw;           ///< [N] observations given, after the selection
  int64_t* n_used;          ///< [N] steps with mask 1; without tensors, observations left
  double* features;         ///< [N, 4] raw units; NaN where rejected
  uint8_t* feature_source;  ///< [N, 4] 0 computed, 1 catalog (values), 2 set (constant)
  double* log10_mad;        ///< [N] NaN where rejected
  double* delta_t;          ///< [N] years of 365 days, NaN where rejected
  uint64_t n_ok;            ///< written
  int64_t first_rejected;   ///< written: number of the first rejected light curve, -1 if there is none
  char* message;            ///< [message_size] why that one was rejected, cut to fit; may be NULL
  size_t message_size;
} astrom3_output;

ASTROM3_API void astrom3_output_init(astrom3_output* output);

/// Embeds every light curve of `table`, as far as `output` needs it. A light curve that cannot be embedded
/// has its status in its row and does not fail the call.
///
/// model   may be NULL when no mean, sequence or logits are asked for
/// Status  usage (null pointer, struct_size, an option out of range, logits without a head), interrupted,
///         bad_scaling
/// Cost    about 15 ms per light curve and thread; memory beside the output: one light curve per thread
/// The same bits for any number of threads and any division into tables.
ASTROM3_API astrom3_status astrom3_embed(const astrom3_model* model, const astrom3_table* table,
                                         const astrom3_embed_options* options, astrom3_output* output);

// ---- periods ----------------------------------------------------------------------------------------------

typedef struct astrom3_period {
  uint32_t struct_size;
  int32_t doubled;
  double period;  ///< days
  double period_err;
  double power;
  double log_evidence;
  double false_alarm_probability;
  uint32_t flags;
  uint32_t n_alternates;
  double alternates[4];       ///< days, best first
  double period_probability;  ///< share of this period among its rivals, 0..1
} astrom3_period;

/// The period of magnitudes [n]. The function returns the status of the light curve.
///
/// band     [n], or NULL
/// options  of the period search: period-min, period-max, ...; NULL: their defaults
ASTROM3_API astrom3_status astrom3_find_period(const double* time, const double* mag, const double* mag_err,
                                               const uint8_t* band, size_t n, const astrom3_options* options,
                                               astrom3_period* period);

/// Generalised Lomb-Scargle power [count] at frequencies minimum + k step, cycles per day. y_err may be NULL:
/// equal weights.
ASTROM3_API astrom3_status astrom3_periodogram(const double* time, const double* y, const double* y_err,
                                               size_t n, double minimum, double step, size_t count,
                                               double* power);

/// A statistic of the user's choice [n_frequencies] at frequencies above 0 that increase, cycles per day:
/// astrom3/features/period_statistics.h has their meaning, formulas and failures.
///
/// band          [n], or NULL: one band
/// is_magnitude  y grows where it is faint (bls)
/// options       texts NAME=VALUE, then NULL: "method=pdm", "terms=3", "threads=4", ... (of several
///               durations one text each); NULL: the defaults
ASTROM3_API astrom3_status astrom3_period_statistic(const double* time, const double* y, const double* y_err,
                                                    const uint8_t* band, size_t n, int32_t is_magnitude,
                                                    const double* frequency, size_t n_frequencies,
                                                    const char* const* options, double* value);

typedef struct astrom3_box {
  uint32_t struct_size;
  double score;          ///< of the objective; 0: no box is low
  double depth;          ///< in units of y
  double depth_err;      ///< one sigma
  double duration_days;  ///< length of the box
  double mid_time;       ///< middle of the first box
} astrom3_box;

/// The box that method bls finds best at `frequency`; options as above.
ASTROM3_API astrom3_status astrom3_find_box(const double* time, const double* y, const double* y_err,
                                            size_t n, int32_t is_magnitude, double frequency,
                                            const char* const* options, astrom3_box* box);

/// The Nyquist frequency of the times, cycles per day; is_limit (may be NULL): 1 where they lie on a grid,
/// above whose Nyquist frequency there is nothing new.
ASTROM3_API astrom3_status astrom3_find_nyquist(const double* time, size_t n, double* frequency,
                                                int32_t* is_limit);

// ---- neighbours -------------------------------------------------------------------------------------------

typedef struct astrom3_index astrom3_index;

/// An exact index over rows [n, dimension], which are copied. A row that is not finite is never a neighbour.
ASTROM3_API astrom3_status astrom3_index_open(const float* rows, size_t n, size_t dimension,
                                              uint32_t n_threads, astrom3_index** index);
ASTROM3_API void astrom3_index_close(astrom3_index* index);
/// The k rows most similar to each of queries [n, dimension]: rows [n, k], -1 past the last;
/// similarity [n, k] (cosine), NaN past the last.
ASTROM3_API astrom3_status astrom3_index_find(const astrom3_index* index, const float* queries, size_t n,
                                              size_t k, uint32_t n_threads, int64_t* rows, float* similarity);

#ifdef __cplusplus
}
#endif
