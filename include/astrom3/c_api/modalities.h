// SPDX-License-Identifier: MIT
//
// The C interface to spectra, metadata and the shared space: checkpoints with encoders of other modalities
// than light curves, what is read for them, and objects with any of their modalities.
//
// It goes on from astrom3/c_api.h, with the same rules: every function returns an astrom3_status, structures
// begin with struct_size, handles end with *_close. What a handle points to lives as long as the handle.
#pragma once

#include "astrom3/c_api.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ASTROM3_PHOTO, ASTROM3_SPECTRA, ASTROM3_METADATA, ASTROM3_N_MODALITIES };

// ---- the model --------------------------------------------------------------------------------------------

/// What a checkpoint of any kind has beside astrom3_model_info. The texts belong to the model.
typedef struct astrom3_model_space {
  uint32_t struct_size;
  int32_t has[ASTROM3_N_MODALITIES];  ///< an encoder of the modality
  uint32_t embedding_size;            ///< E, of each modality alike
  uint32_t fused_size;             ///< F, what the head is given: E, or 3 E if the fusion is a concatenation
  uint32_t n_pixels[2];            ///< the fewest and the most of a spectrum's tensor; 0: any number
  uint32_t n_columns;              ///< of metadata
  const char* kind;                ///< "photo", "spectra", "metadata", "shared"
  const char* attention;           ///< in use: "full", "probsparse", "probsparse-exact"; "" without photo
  const char* training_attention;  ///< that of its training, "full" or "probsparse"; "" without photo
} astrom3_model_space;

/// Status  usage: a null pointer, or another struct_size
ASTROM3_API astrom3_status astrom3_model_describe_space(const astrom3_model* model,
                                                        astrom3_model_space* space);

// ---- spectra ----------------------------------------------------------------------------------------------

/// A list of spectra, in the order in which they were added.
typedef struct astrom3_spectra astrom3_spectra;

enum { ASTROM3_ERROR_NONE, ASTROM3_ERROR_IVAR, ASTROM3_ERROR_SIGMA, ASTROM3_ERROR_VARIANCE };

/// A spectrum of the caller's, or one of a list. Texts may be NULL.
typedef struct astrom3_spectrum {
  uint32_t struct_size;
  int32_t status;          ///< why it could not be read; 0: it could
  const char* message;     ///< where status is not 0
  const char* object_id;   ///< given: NULL is its number in the list
  const char* const* ids;  ///< [n_ids] other names of the object, by which light curves find it
  size_t n_ids;
  const char* file;
  const char* family;           ///< read: "lamost", "sdss_spec", "desi", "table", ...
  size_t n;                     ///< pixels
  const double* wavelength;     ///< [n] in any order
  const double* flux;           ///< [n]
  const double* error;          ///< [n] NULL for ASTROM3_ERROR_NONE
  int32_t error_kind;           ///< ASTROM3_ERROR_NONE ...; of a list: ASTROM3_ERROR_IVAR
  int32_t is_air;               ///< given: the wavelengths are in air; of a list: 0
  int32_t unit_is_stated;       ///< the unit of the wavelengths was stated, and not supposed to be Angstrom
  uint32_t flags;               ///< remarks, see astrom3_spectrum_flag_name()
  const char* wavelength_unit;  ///< given, as a file has it: "nm"; NULL: not stated
  const char* flux_unit;        ///< given: "1e-17 erg/s/cm2/A", "Jy"; NULL: as it is
  const char* error_unit;       ///< given, of ASTROM3_ERROR_SIGMA: that of the flux, or NULL
  const char* spectral_class;   ///< of a file: "STAR", "GALAXY"; else ""
  double redshift;              ///< NaN: not known
  double snr;                   ///< signal to noise for the option pick=best-snr; NaN: not known
} astrom3_spectrum;

/// The name of flag number `bit` (0 ..) of spectra, NULL past the last one. Static.
ASTROM3_API const char* astrom3_spectrum_flag_name(uint32_t bit);

/// 1 if a flux in this unit, as a file spells it, is brought to 1e-17 erg/s/cm2/A, or is taken as it is (a
/// text that says no unit, counts); 0 if a spectrum in it is refused.
ASTROM3_API int32_t astrom3_flux_unit_is_known(const char* unit);

ASTROM3_API astrom3_status astrom3_spectra_open(astrom3_spectra** spectra);
ASTROM3_API void astrom3_spectra_close(astrom3_spectra* spectra);
ASTROM3_API size_t astrom3_spectra_size(const astrom3_spectra* spectra);

/// Adds all spectra of a file, of any family (docs/multimodal.md). One that cannot be read is added, too,
/// with its status.
///
/// options  wavelength-unit, wavelengths, flux-scale, spectrum-columns; NULL: their defaults
/// Status   usage; io_error where the file cannot be opened
ASTROM3_API astrom3_status astrom3_spectra_read(astrom3_spectra* spectra, const char* path,
                                                const astrom3_options* options);

/// Adds a spectrum, which is copied. Units become vacuum Angstrom, 1e-17 erg/s/cm2/A and inverse variance, as
/// with the columns of a file and with the same options; one whose units are not known is added with its
/// status.
///
/// Status  usage: a null pointer, another struct_size, an error_kind that is none
ASTROM3_API astrom3_status astrom3_spectra_add(astrom3_spectra* spectra, const astrom3_spectrum* spectrum,
                                               const astrom3_options* options);

/// Adds a spectrum of which `spectrum` has everything but the pixels, which are columns of a table [n_rows];
/// they are found by their names as in a file (docs/multimodal.md), and by the option spectrum-columns.
///
/// units   [n_columns] as a file has them, or NULL; NULL elements: as the column's name says
/// values  [n_columns]; NULL elements: columns that are no numbers
/// Status  usage: a null pointer, another struct_size
ASTROM3_API astrom3_status astrom3_spectra_add_table(astrom3_spectra* spectra,
                                                     const astrom3_spectrum* spectrum,
                                                     const char* const* names, const double* const* values,
                                                     const char* const* units, size_t n_columns,
                                                     size_t n_rows, const astrom3_options* options);

/// Spectrum i of the list: in vacuum Angstrom, 1e-17 erg/s/cm2/A and inverse variance; what it points to
/// lives until the list is changed or closed. Status  usage: no such spectrum
ASTROM3_API astrom3_status astrom3_spectra_get(const astrom3_spectra* spectra, size_t i,
                                               astrom3_spectrum* spectrum);

/// The tensor of a spectrum on the grid 3850, 3852, ... 8998 Angstrom (astrom3/spectrum/spectrum.h).
typedef struct astrom3_spectrum_tensor {
  uint32_t struct_size;
  uint32_t flags;
  float* channels;  ///< [3, ASTROM3_N_PIXELS] written; NULL: not wanted
  double coverage;  ///< share of the grid within the data
  double mean, mad;
} astrom3_spectrum_tensor;
enum { ASTROM3_N_PIXELS = 2575 };

/// Prepares spectrum i of the list. The function returns the status of the spectrum.
///
/// options  coverage, spectrum-nonfinite; NULL: their defaults
ASTROM3_API astrom3_status astrom3_spectra_prepare(const astrom3_spectra* spectra, size_t i,
                                                   const astrom3_options* options,
                                                   astrom3_spectrum_tensor* tensor);

// ---- metadata ---------------------------------------------------------------------------------------------

/// Rows of metadata, read and standardised for one model.
typedef struct astrom3_metadata astrom3_metadata;

/// One row. The texts belong to the metadata.
typedef struct astrom3_metadata_row {
  uint32_t struct_size;
  int32_t status;
  const char* object_id;
  const char* message;  ///< where status is not 0
  const char* flags;    ///< joined by ';': "parallax_not_positive;out_of_range:ruwe=12.1"
  const float* x;       ///< [n] what the encoder reads; NULL where status is not 0
  size_t n;
} astrom3_metadata_row;

/// The unit of a column under any catalogue's name: "mag", "mas", "mas/yr", "deg", "" of a pure number, "id"
/// of a column of ids; NULL for a name that is not known. Static.
ASTROM3_API const char* astrom3_metadata_unit(const char* column);

/// Reads a table of text or Parquet with a row for each object.
///
/// model    gives the columns and how they are standardised, unless the option metadata-scaling names a file
/// scaling  NULL, or the info.json that came with a checkpoint of the hub
/// options  metadata-id, metadata-scaling, impute; NULL: their defaults
/// Status   bad_metadata naming all columns that are missing; bad_scaling; usage
ASTROM3_API astrom3_status astrom3_metadata_read(const astrom3_model* model, const char* path,
                                                 const char* scaling, const astrom3_options* options,
                                                 astrom3_metadata** metadata);

/// The same of columns in memory, which are copied: numbers, or texts by their categories. NaN, and a number
/// below 0 of a text, are missing.
///
/// object_ids  [n_rows] or NULL: by the column of ids, else numbers: "0", "1", ...
ASTROM3_API astrom3_status astrom3_metadata_from_columns(const astrom3_model* model, size_t n_rows,
                                                         const astrom3_column* columns, size_t n_columns,
                                                         const char* const* object_ids, const char* scaling,
                                                         const astrom3_options* options,
                                                         astrom3_metadata** metadata);
ASTROM3_API void astrom3_metadata_close(astrom3_metadata* metadata);
/// Number of objects: of several rows for one id there is one, which is rejected as ambiguous.
ASTROM3_API size_t astrom3_metadata_size(const astrom3_metadata* metadata);
ASTROM3_API astrom3_status astrom3_metadata_get(const astrom3_metadata* metadata, size_t i,
                                                astrom3_metadata_row* row);
/// Remarks about the table as a whole, a line each, such as units that cannot be; "" if there are none.
ASTROM3_API const char* astrom3_metadata_warnings(const astrom3_metadata* metadata);
/// Where each column comes from, a line each: "bp_rp: BPmag - RPmag".
ASTROM3_API const char* astrom3_metadata_origins(const astrom3_metadata* metadata);

// ---- objects ----------------------------------------------------------------------------------------------

/// What is embedded. Everything may be NULL or 0, but not all of it.
typedef struct astrom3_objects_input {
  uint32_t struct_size;
  uint32_t n_threads;                        ///< 0: all this process may use
  const astrom3_table* const* light_curves;  ///< [n_tables] one after the other
  size_t n_tables;
  const char* const* light_curve_ids;       ///< [all light curves] or NULL: as the tables say
  astrom3_given given[ASTROM3_N_FEATURES];  ///< features of the light curves that are not measured
  const astrom3_spectra* spectra;
  const astrom3_metadata* metadata;
  const char* const* pairs;  ///< [2 n_pairs] object_id of a light curve, name of its spectrum, ...
  size_t n_pairs;
  int32_t probabilities;           ///< not 0: of the head's classes, too
  const astrom3_options* options;  ///< NULL: every option at its default
  int32_t* stop;                   ///< NULL, or set to 1 at any time: the call ends with `interrupted`
  int64_t* n_done;                 ///< NULL, or objects finished so far, written all the time
} astrom3_objects_input;

ASTROM3_API void astrom3_objects_input_init(astrom3_objects_input* input);

/// One row for each object.
typedef struct astrom3_objects astrom3_objects;

typedef struct astrom3_object {
  uint32_t struct_size;
  int32_t status;
  const char* object_id;
  const char* flags;  ///< joined by ';': "cropped;spectra:edge_extended;metadata:missing_value"
  const float* embeddings[ASTROM3_N_MODALITIES];  ///< [E] each; NULL where there is none
  const float* fused;                             ///< [F] or NULL
  const float* logits;                            ///< [classes] or NULL
  const float* probabilities;                     ///< [classes] or NULL
  const char* messages[ASTROM3_N_MODALITIES];  ///< why a modality has no embedding; "" where none was given
} astrom3_object;

/// Joins and embeds as `astrom3 embed` and `classify` do, and gives the same rows: every light curve with its
/// spectrum and its metadata; then the spectra that no light curve took; without light curves and spectra,
/// the rows of the metadata. A light curve and a row of metadata belong to the spectrum that has their id as
/// its object_id or among its ids.
///
/// Status  usage (null pointers, a modality the checkpoint has no encoder for, a checkpoint of kind photo,
///         probabilities without a head), interrupted, bad_scaling
/// The same bits for any number of threads.
ASTROM3_API astrom3_status astrom3_embed_objects(const astrom3_model* model,
                                                 const astrom3_objects_input* input,
                                                 astrom3_objects** objects);
ASTROM3_API void astrom3_objects_close(astrom3_objects* objects);
ASTROM3_API size_t astrom3_objects_size(const astrom3_objects* objects);
enum { ASTROM3_FUSED = ASTROM3_N_MODALITIES, ASTROM3_LOGITS, ASTROM3_PROBABILITIES };
/// One kind of numbers of all objects: out [size, width], NaN where an object has none.
///
/// what    ASTROM3_PHOTO ... ASTROM3_PROBABILITIES
/// Status  usage: a null pointer, no such numbers, another width than theirs
ASTROM3_API astrom3_status astrom3_objects_copy(const astrom3_objects* objects, int32_t what, size_t width,
                                                float* out);
ASTROM3_API astrom3_status astrom3_objects_get(const astrom3_objects* objects, size_t i,
                                               astrom3_object* object);

// ---- tensors ----------------------------------------------------------------------------------------------

/// Tensors of B objects that are made already, as `astrom3 encode` reads them, and what is wanted of them.
typedef struct astrom3_modality_tensors {
  uint32_t struct_size;
  uint32_t n_threads;
  size_t n_objects;                         ///< B
  size_t n_pixels;                          ///< N of the spectra
  const float* photometry;                  ///< [B, T, 9] or NULL
  const float* photometry_mask;             ///< [B, T]
  const float* spectra;                     ///< [B, 3, N] or NULL
  const float* metadata;                    ///< [B, columns] or NULL
  float* embeddings[ASTROM3_N_MODALITIES];  ///< [B, E] each, written; NULL: not wanted
  float* fused;                             ///< [B, F] NaN where a modality is missing that the fusion needs
  float* logits;                            ///< [B, classes] NaN likewise
  float* pair_logits[3];  ///< [B, B] cosines times temperature: ps, sm, mp; rows by the first
} astrom3_modality_tensors;

/// Status  usage (sizes, an output whose modalities are missing, a checkpoint of kind photo), bad_tensors
///         naming an object whose embedding has no direction
ASTROM3_API astrom3_status astrom3_encode_modalities(const astrom3_model* model,
                                                     astrom3_modality_tensors* tensors);

// ---- retrieval --------------------------------------------------------------------------------------------

/// How well objects are found in one modality by their embeddings in another.
typedef struct astrom3_retrieval {
  uint32_t struct_size;
  uint64_t n;          ///< objects with both embeddings
  double recall[3];    ///< share of objects found among the first 1, 5, 10
  double chance[3];    ///< of recall
  double median_rank;  ///< 1 is the best
  double chance_median_rank;
} astrom3_retrieval;

/// from, to [n, dimension]: the same objects in the same order; NaN where one has no embedding.
/// Status  no_input where no object has both; usage
ASTROM3_API astrom3_status astrom3_measure_retrieval(const float* from, const float* to, size_t n,
                                                     size_t dimension, uint32_t n_threads,
                                                     astrom3_retrieval* retrieval);

#ifdef __cplusplus
}
#endif
