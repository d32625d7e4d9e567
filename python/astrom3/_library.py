# SPDX-License-Identifier: MIT
"""The C interface (``astrom3/c_api.h``) as ctypes sees it. Calls release the GIL."""

from __future__ import annotations

import ctypes as c
import os
import pathlib

from ._errors import AstroM3Error

ABI_VERSION = 3
N_FEATURES = 4
_SPELL_KEYWORDS = 1
FEATURES = ("amplitude", "period", "lksl_statistic", "rfr_score")
MODALITIES = ("photo", "spectra", "metadata")
FEATURE_SOURCES = ("computed", "catalog", "set")


class ModelInfo(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("has_head", c.c_int32),
        ("is_trained", c.c_int32),
        ("n_steps", c.c_uint32),
        ("width", c.c_uint32),
        ("n_classes", c.c_uint32),
        ("n_parameters", c.c_uint64),
        ("sha256", c.c_char_p),
        ("isa", c.c_char_p),
        ("scaling", c.c_char_p),
        ("path", c.c_char_p),
        ("precision", c.c_char_p),
        ("identity", c.c_char_p),
    ]


class Condition(c.Structure):
    _fields_ = [
        ("column", c.c_char_p),
        ("numbers", c.POINTER(c.c_double)),
        ("n_numbers", c.c_size_t),
        ("texts", c.POINTER(c.c_char_p)),
        ("n_texts", c.c_size_t),
    ]


class Column(c.Structure):
    _fields_ = [
        ("name", c.c_char_p),
        ("data", c.c_void_p),
        ("type", c.c_int32),
        ("categories", c.POINTER(c.c_char_p)),
        ("n_categories", c.c_size_t),
    ]


class Given(c.Structure):
    _fields_ = [("values", c.c_void_p), ("constant", c.c_double), ("standardised", c.c_int32)]


class OptionInfo(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("kind", c.c_int32),
        ("is_repeatable", c.c_int32),
        ("is_of_files", c.c_int32),
        ("name", c.c_char_p),
        ("group", c.c_char_p),
        ("help", c.c_char_p),
        ("words", c.c_char_p),
        ("expected", c.c_char_p),
        ("default_text", c.c_char_p),
    ]


class EmbedOptions(c.Structure):
    owner: object  # of what `options` points to

    _fields_ = [
        ("struct_size", c.c_uint32),
        ("n_threads", c.c_uint32),
        ("options", c.c_void_p),
        ("n_steps", c.c_uint64),
        ("given", Given * N_FEATURES),
        ("stop", c.POINTER(c.c_int32)),
        ("n_done", c.POINTER(c.c_int64)),
    ]


class Output(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("mean", c.c_void_p),
        ("sequence", c.c_void_p),
        ("logits", c.c_void_p),
        ("x_enc", c.c_void_p),
        ("mask", c.c_void_p),
        ("status", c.c_void_p),
        ("flags", c.c_void_p),
        ("n_raw", c.c_void_p),
        ("n_used", c.c_void_p),
        ("features", c.c_void_p),
        ("feature_source", c.c_void_p),
        ("log10_mad", c.c_void_p),
        ("delta_t", c.c_void_p),
        ("n_ok", c.c_uint64),
        ("first_rejected", c.c_int64),
        ("message", c.c_char_p),
        ("message_size", c.c_size_t),
    ]


class DownloadInfo(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("directory", c.c_char_p),
        ("commit", c.c_char_p),
        ("weights_sha256", c.c_char_p),
        ("scaling_file", c.c_char_p),
        ("warnings", c.c_char_p),
        ("bytes_received", c.c_uint64),
    ]


class ModelSpace(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("has", c.c_int32 * len(MODALITIES)),
        ("embedding_size", c.c_uint32),
        ("fused_size", c.c_uint32),
        ("n_pixels", c.c_uint32 * 2),
        ("n_columns", c.c_uint32),
        ("kind", c.c_char_p),
        ("attention", c.c_char_p),
        ("training_attention", c.c_char_p),
    ]


class SpectrumStruct(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("status", c.c_int32),
        ("message", c.c_char_p),
        ("object_id", c.c_char_p),
        ("ids", c.POINTER(c.c_char_p)),
        ("n_ids", c.c_size_t),
        ("file", c.c_char_p),
        ("family", c.c_char_p),
        ("n", c.c_size_t),
        ("wavelength", c.c_void_p),
        ("flux", c.c_void_p),
        ("error", c.c_void_p),
        ("error_kind", c.c_int32),
        ("is_air", c.c_int32),
        ("unit_is_stated", c.c_int32),
        ("flags", c.c_uint32),
        ("wavelength_unit", c.c_char_p),
        ("flux_unit", c.c_char_p),
        ("error_unit", c.c_char_p),
        ("spectral_class", c.c_char_p),
        ("redshift", c.c_double),
        ("snr", c.c_double),
    ]


class SpectrumTensorStruct(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("flags", c.c_uint32),
        ("channels", c.c_void_p),
        ("coverage", c.c_double),
        ("mean", c.c_double),
        ("mad", c.c_double),
    ]


class MetadataRow(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("status", c.c_int32),
        ("object_id", c.c_char_p),
        ("message", c.c_char_p),
        ("flags", c.c_char_p),
        ("x", c.POINTER(c.c_float)),
        ("n", c.c_size_t),
    ]


class ObjectsInput(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("n_threads", c.c_uint32),
        ("light_curves", c.POINTER(c.c_void_p)),
        ("n_tables", c.c_size_t),
        ("light_curve_ids", c.POINTER(c.c_char_p)),
        ("given", Given * N_FEATURES),
        ("spectra", c.c_void_p),
        ("metadata", c.c_void_p),
        ("pairs", c.POINTER(c.c_char_p)),
        ("n_pairs", c.c_size_t),
        ("probabilities", c.c_int32),
        ("options", c.c_void_p),
        ("stop", c.POINTER(c.c_int32)),
        ("n_done", c.POINTER(c.c_int64)),
    ]


class ObjectStruct(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("status", c.c_int32),
        ("object_id", c.c_char_p),
        ("flags", c.c_char_p),
        ("embeddings", c.c_void_p * len(MODALITIES)),
        ("fused", c.c_void_p),
        ("logits", c.c_void_p),
        ("probabilities", c.c_void_p),
        ("messages", c.c_char_p * len(MODALITIES)),
    ]


class ModalityTensors(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("n_threads", c.c_uint32),
        ("n_objects", c.c_size_t),
        ("n_pixels", c.c_size_t),
        ("photometry", c.c_void_p),
        ("photometry_mask", c.c_void_p),
        ("spectra", c.c_void_p),
        ("metadata", c.c_void_p),
        ("embeddings", c.c_void_p * len(MODALITIES)),
        ("fused", c.c_void_p),
        ("logits", c.c_void_p),
        ("pair_logits", c.c_void_p * 3),
    ]


class RetrievalStruct(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("n", c.c_uint64),
        ("recall", c.c_double * 3),
        ("chance", c.c_double * 3),
        ("median_rank", c.c_double),
        ("chance_median_rank", c.c_double),
    ]


class BoxResult(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("score", c.c_double),
        ("depth", c.c_double),
        ("depth_err", c.c_double),
        ("duration_days", c.c_double),
        ("mid_time", c.c_double),
    ]


class PeriodResult(c.Structure):
    _fields_ = [
        ("struct_size", c.c_uint32),
        ("doubled", c.c_int32),
        ("period", c.c_double),
        ("period_err", c.c_double),
        ("power", c.c_double),
        ("log_evidence", c.c_double),
        ("false_alarm_probability", c.c_double),
        ("flags", c.c_uint32),
        ("n_alternates", c.c_uint32),
        ("alternates", c.c_double * 4),
        ("period_probability", c.c_double),
    ]


_P = c.c_void_p
_TEXTS = c.POINTER(c.c_char_p)
_CONDITIONS = c.POINTER(Condition)
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "astrom3_c_api_version": (c.c_uint32, []),
    "astrom3_version": (c.c_char_p, []),
    "astrom3_last_error": (c.c_char_p, []),
    "astrom3_spell_options": (None, [c.c_int32]),
    "astrom3_status_name": (c.c_char_p, [c.c_int32]),
    "astrom3_status_meaning": (c.c_char_p, [c.c_int32]),
    "astrom3_flag_name": (c.c_char_p, [c.c_uint32]),
    "astrom3_available_threads": (c.c_uint32, []),
    "astrom3_bundled_checkpoint": (c.c_char_p, []),
    "astrom3_model_open": (
        c.c_int32,
        [c.c_char_p, c.c_char_p, c.c_char_p, c.c_char_p, c.c_uint64, c.c_char_p, c.POINTER(_P)],
    ),
    "astrom3_model_close": (None, [_P]),
    "astrom3_model_describe": (c.c_int32, [_P, c.POINTER(ModelInfo)]),
    "astrom3_model_class_name": (c.c_char_p, [_P, c.c_uint32]),
    "astrom3_model_describe_space": (c.c_int32, [_P, c.POINTER(ModelSpace)]),
    "astrom3_out_of_class": (c.c_int32, [_P, _P, c.c_size_t, _P]),
    "astrom3_encode": (c.c_int32, [_P, _P, _P, c.c_size_t, c.c_uint32, c.POINTER(c.c_int32), _P, _P, _P]),
    "astrom3_download_open": (
        c.c_int32,
        [c.c_char_p, c.c_char_p, c.c_int32, c.POINTER(c.c_int32), c.POINTER(c.c_int64), c.POINTER(_P)],
    ),
    "astrom3_download_close": (None, [_P]),
    "astrom3_download_describe": (c.c_int32, [_P, c.POINTER(DownloadInfo)]),
    "astrom3_table_uses": (c.c_int32, [c.POINTER(c.c_char_p), c.c_size_t, _P, c.POINTER(c.c_uint8)]),
    "astrom3_table_from_columns": (
        c.c_int32,
        [_P, c.c_size_t, c.c_size_t, c.POINTER(Column), c.c_size_t, _P, _CONDITIONS, c.c_size_t, c.POINTER(_P)],
    ),
    "astrom3_table_from_rows": (
        c.c_int32,
        [c.c_size_t, c.POINTER(Column), c.c_size_t, _P, _CONDITIONS, c.c_size_t, c.POINTER(_P)],
    ),
    "astrom3_table_from_arrow": (c.c_int32, [_P, _P, _P, _CONDITIONS, c.c_size_t, c.POINTER(_P)]),
    "astrom3_table_is_long": (c.c_int32, [_P, _P, c.POINTER(c.c_int32)]),
    "astrom3_table_ids": (c.c_int32, [_P, c.c_size_t, _P, _P]),
    "astrom3_table_size": (c.c_size_t, [_P]),
    "astrom3_table_warnings": (c.c_int32, [_P, c.c_char_p, c.POINTER(c.c_size_t)]),
    "astrom3_table_warning": (c.c_char_p, [_P, c.c_size_t]),
    "astrom3_table_close": (None, [_P]),
    "astrom3_embed_options_init": (None, [c.POINTER(EmbedOptions)]),
    "astrom3_output_init": (None, [c.POINTER(Output)]),
    "astrom3_embed": (c.c_int32, [_P, _P, c.POINTER(EmbedOptions), c.POINTER(Output)]),
    "astrom3_options_open": (c.c_int32, [c.POINTER(_P)]),
    "astrom3_options_close": (None, [_P]),
    "astrom3_options_set": (c.c_int32, [_P, c.c_char_p, c.c_char_p]),
    "astrom3_options_check": (c.c_int32, [_P]),
    "astrom3_options_count": (c.c_size_t, [_P]),
    "astrom3_options_describe": (c.c_int32, [_P, c.c_size_t, c.POINTER(OptionInfo)]),
    "astrom3_find_period": (
        c.c_int32,
        [_P, _P, _P, _P, c.c_size_t, _P, c.POINTER(PeriodResult)],
    ),
    "astrom3_periodogram": (
        c.c_int32,
        [_P, _P, _P, c.c_size_t, c.c_double, c.c_double, c.c_size_t, _P],
    ),
    "astrom3_period_statistic": (
        c.c_int32,
        [_P, _P, _P, _P, c.c_size_t, c.c_int32, _P, c.c_size_t, c.POINTER(c.c_char_p), _P],
    ),
    "astrom3_find_box": (
        c.c_int32,
        [_P, _P, _P, c.c_size_t, c.c_int32, c.c_double, c.POINTER(c.c_char_p), c.POINTER(BoxResult)],
    ),
    "astrom3_find_nyquist": (c.c_int32, [_P, c.c_size_t, c.POINTER(c.c_double), c.POINTER(c.c_int32)]),
    "astrom3_spectrum_flag_name": (c.c_char_p, [c.c_uint32]),
    "astrom3_flux_unit_is_known": (c.c_int32, [c.c_char_p]),
    "astrom3_spectra_open": (c.c_int32, [c.POINTER(_P)]),
    "astrom3_spectra_close": (None, [_P]),
    "astrom3_spectra_size": (c.c_size_t, [_P]),
    "astrom3_spectra_read": (c.c_int32, [_P, c.c_char_p, _P]),
    "astrom3_spectra_add": (c.c_int32, [_P, c.POINTER(SpectrumStruct), _P]),
    "astrom3_spectra_add_table": (
        c.c_int32,
        [_P, c.POINTER(SpectrumStruct), _TEXTS, c.POINTER(_P), _TEXTS, c.c_size_t, c.c_size_t, _P],
    ),
    "astrom3_spectra_get": (c.c_int32, [_P, c.c_size_t, c.POINTER(SpectrumStruct)]),
    "astrom3_spectra_prepare": (c.c_int32, [_P, c.c_size_t, _P, c.POINTER(SpectrumTensorStruct)]),
    "astrom3_metadata_unit": (c.c_char_p, [c.c_char_p]),
    "astrom3_metadata_read": (c.c_int32, [_P, c.c_char_p, c.c_char_p, _P, c.POINTER(_P)]),
    "astrom3_metadata_from_columns": (
        c.c_int32,
        [_P, c.c_size_t, c.POINTER(Column), c.c_size_t, _TEXTS, c.c_char_p, _P, c.POINTER(_P)],
    ),
    "astrom3_metadata_close": (None, [_P]),
    "astrom3_metadata_size": (c.c_size_t, [_P]),
    "astrom3_metadata_get": (c.c_int32, [_P, c.c_size_t, c.POINTER(MetadataRow)]),
    "astrom3_metadata_warnings": (c.c_char_p, [_P]),
    "astrom3_metadata_origins": (c.c_char_p, [_P]),
    "astrom3_objects_input_init": (None, [c.POINTER(ObjectsInput)]),
    "astrom3_embed_objects": (c.c_int32, [_P, c.POINTER(ObjectsInput), c.POINTER(_P)]),
    "astrom3_objects_close": (None, [_P]),
    "astrom3_objects_size": (c.c_size_t, [_P]),
    "astrom3_objects_copy": (c.c_int32, [_P, c.c_int32, c.c_size_t, _P]),
    "astrom3_objects_get": (c.c_int32, [_P, c.c_size_t, c.POINTER(ObjectStruct)]),
    "astrom3_encode_modalities": (c.c_int32, [_P, c.POINTER(ModalityTensors)]),
    "astrom3_measure_retrieval": (
        c.c_int32,
        [_P, _P, c.c_size_t, c.c_size_t, c.c_uint32, c.POINTER(RetrievalStruct)],
    ),
    "astrom3_index_open": (c.c_int32, [_P, c.c_size_t, c.c_size_t, c.c_uint32, c.POINTER(_P)]),
    "astrom3_index_close": (None, [_P]),
    "astrom3_index_find": (c.c_int32, [_P, _P, c.c_size_t, c.c_size_t, c.c_uint32, _P, _P]),
}


def _find() -> str:
    named = os.environ.get("ASTROM3_LIBRARY")
    return named or str(pathlib.Path(__file__).parent / "lib" / "libastrom3_c.so")


def _load() -> c.CDLL:
    library = c.CDLL(_find())
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    found = library.astrom3_c_api_version()
    if found != ABI_VERSION:
        raise ImportError(f"{_find()}: its C interface has version {found}, this package needs {ABI_VERSION}")
    library.astrom3_spell_options(_SPELL_KEYWORDS)
    return library


lib = _load()


def _names(function: str, first: int = 0) -> tuple[str, ...]:
    names: list[str] = []
    while (name := getattr(lib, function)(first + len(names))) is not None:
        names.append(name.decode())
    return tuple(names)


STATUS_NAMES = _names("astrom3_status_name")
FLAG_NAMES = _names("astrom3_flag_name")
SPECTRUM_FLAG_NAMES = _names("astrom3_spectrum_flag_name")
INTERRUPTED = STATUS_NAMES.index("interrupted")


def version() -> str:
    """The engine's version, which is the package's."""
    return str(lib.astrom3_version().decode())


def clean_message(text: str) -> str:
    """An engine's message without its ``error[code]:``, which the exception carries apart."""
    return text.split("]: ", 1)[1] if text.startswith("error[") and "]: " in text else text


def check(code: int) -> None:
    """Raises what the engine said when a call did not work."""
    if code:
        text = lib.astrom3_last_error().decode("utf-8", "replace")
        raise AstroM3Error(clean_message(text), STATUS_NAMES[code])
