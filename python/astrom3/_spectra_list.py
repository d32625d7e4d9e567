# SPDX-License-Identifier: MIT
"""A list of spectra as the engine holds it, and how everything that is a spectrum gets into one."""

from __future__ import annotations

import ctypes as c
import dataclasses
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._arrays import address, encode_texts, plain_numbers
from ._columns import Columns, columns_of
from ._errors import AstroM3Error
from ._library import (
    SPECTRUM_FLAG_NAMES,
    STATUS_NAMES,
    SpectrumStruct,
    SpectrumTensorStruct,
    check,
    lib,
)
from ._measured import Days, Measured, measured
from ._options import Options, engine_options
from ._texts import is_text
from ._units import factor
from ._words import c_text, c_text_or_none, shown

if TYPE_CHECKING:
    from .spectra import Spectrum

N_PIXELS = 2575
_KINDS = {"none": 0, "ivar": 1, "sigma": 2, "variance": 3}
_OF_SPECUTILS = {"std": "sigma", "var": "variance", "ivar": "ivar"}
_POWERS = {"sigma": 1, "variance": 2, "ivar": -2}  # of the unit of the flux
_WAVELENGTHS = ("Angstrom", "AA", "nm", "um", "micron")  # that the engine knows; others are converted
_PER_WAVELENGTH = "1e-17 erg / (Angstrom s cm2)"
Array = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a spectrum beside its pixels."""

    object_id: str | None = None
    ids: tuple[str, ...] = ()
    redshift: float | None = None
    snr: float | None = None
    file: str = ""
    family: str | None = None
    spectral_class: str = ""
    status: str = "ok"
    message: str = ""
    flag_names: tuple[str, ...] = ()
    unit_is_stated: bool = False

    def struct(self) -> tuple[SpectrumStruct, list[object]]:
        """For C, without pixels, and what it points to."""
        struct = SpectrumStruct(struct_size=c.sizeof(SpectrumStruct))
        struct.status = STATUS_NAMES.index(self.status)
        struct.message = c_text("message", self.message)
        struct.object_id = c_text_or_none("object_id", None if self.object_id is None else str(self.object_id))
        ids = encode_texts("ids", [str(one) for one in self.ids])
        struct.ids, struct.n_ids = ids, len(ids)
        struct.file = c_text("file", self.file)
        struct.family = c_text_or_none("family", self.family)
        struct.spectral_class = c_text("spectral_class", self.spectral_class)
        struct.flags = sum(1 << SPECTRUM_FLAG_NAMES.index(name) for name in self.flag_names)
        struct.unit_is_stated = self.unit_is_stated
        struct.redshift = math.nan if self.redshift is None else float(self.redshift)
        struct.snr = math.nan if self.snr is None else float(self.snr)
        return struct, [ids]


class SpectraList:
    """Spectra in the order in which they were added."""

    def __init__(self) -> None:
        self.handle = c.c_void_p()
        check(lib.astrom3_spectra_open(c.byref(self.handle)))

    def __del__(self) -> None:
        lib.astrom3_spectra_close(self.handle)

    def __len__(self) -> int:
        return int(lib.astrom3_spectra_size(self.handle))

    # ---- adding ----------------------------------------------------------------------------------------

    def read(self, path: str | os.PathLike[str], options: Options) -> None:
        """All spectra of a file; one that cannot be opened is a spectrum with its status, as on the command line."""
        try:
            check(lib.astrom3_spectra_read(self.handle, c_text("path", path), engine_options(options).pointer))
        except AstroM3Error as error:
            if error.code != "io_error":
                raise
            name = os.fsdecode(path)
            stem = os.path.splitext(os.path.basename(name))[0]
            self._add(Facts(object_id=stem, file=name, status=error.code, message=str(error)))

    def add(self, spectrum: Spectrum, object_id: str | None = None) -> None:
        """One that has been read, under another id where it is given."""
        facts = Facts(**{field.name: getattr(spectrum, field.name) for field in dataclasses.fields(Facts)})
        if object_id is not None:
            facts = dataclasses.replace(facts, object_id=object_id, ids=(), file="")
        if len(spectrum) == 0:
            self._add(facts)
        else:
            self._add(facts, (spectrum.wavelength, spectrum.flux, spectrum.ivar), "ivar")

    def add_any(self, value: Any, options: Options, object_id: str | None = None) -> None:
        """Anything that is a spectrum (``Spectrum.of``); of a file, all that are in it."""
        from .spectra import Spectrum

        facts = Facts(object_id=object_id)
        if isinstance(value, Spectrum):
            self.add(value, object_id)
        elif isinstance(value, (str, os.PathLike)):
            self._add_file(value, options, object_id)
        elif hasattr(value, "spectral_axis") and hasattr(value, "flux") and columns_of(value) is None:
            self._add_specutils(value, facts, options)
        elif (table := columns_of(value)) is not None:
            self._add_table(table, facts, options)
        else:
            self._add_tuple(value, facts, options)

    def _add_file(self, path: str | os.PathLike[str], options: Options, object_id: str | None) -> None:
        from .spectra import restored

        if object_id is None:
            return self.read(path, options)
        found = SpectraList()
        found.read(path, options)
        for i in range(len(found)):
            self.add(restored(found.get(i)), object_id)
        return None

    def _add_tuple(self, value: Any, facts: Facts, options: Options) -> None:
        if isinstance(value, np.ndarray) and value.ndim == 2 and value.shape[1] in (2, 3):
            value = [value[:, i] for i in range(value.shape[1])]
        if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
            raise TypeError(
                f"spectrum: expected a Spectrum, a path, (wavelength, flux, error) or a table, found {shown(value)}"
            )
        self.add_arrays(value[0], value[1], value[2] if len(value) == 3 else None, "sigma", facts, options)

    def _add_specutils(self, value: Any, facts: Facts, options: Options) -> None:
        """An object with `spectral_axis`, `flux` and `uncertainty`, which has an array and says what it is."""
        uncertainty, mask = getattr(value, "uncertainty", None), getattr(value, "mask", None)
        error, kind = None, "sigma"
        if uncertainty is not None:
            kind = _OF_SPECUTILS.get(str(getattr(uncertainty, "uncertainty_type", "")), "")
            if not kind:
                raise TypeError(
                    f"spectrum: an uncertainty of type {shown(uncertainty.uncertainty_type)} is not understood"
                )
            quantity = getattr(uncertainty, "quantity", None)
            error = uncertainty.array if quantity is None else quantity
        flux = value.flux
        if mask is not None and np.any(mask):
            flux = flux.copy()
            flux[np.asarray(mask)] = np.nan  # as in a masked array: missing values
        self.add_arrays(value.spectral_axis, flux, error, kind, facts, options)

    def add_arrays(self, wavelength: Any, flux: Any, error: Any, kind: str, facts: Facts, options: Options) -> None:
        """Arrays, with or without units; `kind` of the error is sigma, ivar or variance."""
        w, wavelength_unit = _wavelengths("wavelength", measured("wavelength", wavelength), options)
        measures = measured("flux", flux), measured("error", error) if error is not None else None
        values, units = _fluxes(measures, kind)
        arrays = [_pixels("wavelength", w), *(_pixels(name, one) for name, one in zip(("flux", "error"), values))]
        self._add(facts, tuple(arrays), kind if error is not None else "none", (wavelength_unit, *units), options)

    def _add_table(self, table: Columns, facts: Facts, options: Options) -> None:
        names = list(table)
        arrays, units = _table_columns({name: table[name] for name in names}, options)
        n = next((len(one) for one in arrays if one is not None), 0)
        if any(one is not None and len(one) != n for one in arrays):
            raise ValueError("spectrum: columns of different lengths")
        struct, keep = facts.struct()
        values = (c.c_void_p * len(arrays))(*(None if one is None else address(one) for one in arrays))
        texts = (c.c_char_p * len(units))(*(None if one is None else c_text("unit", one) for one in units))
        check(
            lib.astrom3_spectra_add_table(
                self.handle, c.byref(struct), encode_texts("column", names), values, texts, len(names), n,
                engine_options(options).pointer,
            )
        )  # fmt: skip
        assert keep is not None

    def _add(
        self, facts: Facts, arrays: tuple[Array, ...] = (), kind: str = "none",
        units: tuple[str | None, ...] = (None, None, None), options: Options | None = None,
    ) -> None:  # fmt: skip
        struct, keep = facts.struct()
        if any(len(one) != len(arrays[0]) for one in arrays):
            found = ", ".join(str(len(one)) for one in arrays)
            struct.status = STATUS_NAMES.index("length_mismatch")
            struct.message = f"arrays of {found} values".encode()
            arrays, kind = (), "none"
        if arrays:
            struct.n = len(arrays[0])
            struct.wavelength, struct.flux = address(arrays[0]), address(arrays[1])
            struct.error = address(arrays[2]) if len(arrays) > 2 else None
        struct.error_kind = _KINDS[kind]
        struct.wavelength_unit, struct.flux_unit, struct.error_unit = (
            None if unit is None else c_text("unit", unit) for unit in units
        )
        pointer = None if options is None else engine_options(options).pointer
        check(lib.astrom3_spectra_add(self.handle, c.byref(struct), pointer))
        assert keep is not None

    # ---- what is there ---------------------------------------------------------------------------------

    def get(self, i: int, object_id: str | None = "") -> dict[str, Any]:
        """The fields of a `Spectrum`; `object_id` is what it is called where that is not the text "" ."""
        found = SpectrumStruct(struct_size=c.sizeof(SpectrumStruct))
        check(lib.astrom3_spectra_get(self.handle, i, c.byref(found)))
        return {
            "wavelength": _array_at(found.wavelength, found.n),
            "flux": _array_at(found.flux, found.n),
            "ivar": _array_at(found.error, found.n),
            "object_id": found.object_id.decode() if object_id == "" else object_id,
            "ids": tuple(found.ids[k].decode() for k in range(found.n_ids)),
            "flag_names": _flag_names(found.flags),
            "status": STATUS_NAMES[found.status],
            "message": found.message.decode("utf-8", "replace"),
            "family": found.family.decode(),
            "file": os.fsdecode(found.file),
            "spectral_class": found.spectral_class.decode("utf-8", "replace"),
            "redshift": None if math.isnan(found.redshift) else found.redshift,
            "snr": None if math.isnan(found.snr) else found.snr,
            "unit_is_stated": bool(found.unit_is_stated),
        }

    def prepare(self, i: int, options: Options) -> dict[str, Any]:
        """The fields of a `SpectrumTensor`."""
        channels = np.empty((3, N_PIXELS), np.float32)
        made = SpectrumTensorStruct(struct_size=c.sizeof(SpectrumTensorStruct), channels=address(channels))
        check(lib.astrom3_spectra_prepare(self.handle, i, engine_options(options).pointer, c.byref(made)))
        return {
            "channels": channels,
            "flag_names": _flag_names(made.flags),
            "coverage": made.coverage,
            "mean": made.mean,
            "mad": made.mad,
        }


def _flag_names(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(SPECTRUM_FLAG_NAMES) if bits >> bit & 1)


def _array_at(pointer: int | None, n: int) -> Array:
    if pointer is None or n == 0:
        return np.zeros(0)
    return np.ctypeslib.as_array(c.cast(pointer, c.POINTER(c.c_double)), (n,)).copy()


def _pixels(name: str, values: Any) -> Array:
    return np.ascontiguousarray(plain_numbers(name, values), dtype=np.float64)


def _wavelengths(name: str, measure: Measured, options: Options) -> tuple[Any, str | None]:
    """Wavelengths and their unit in words that the engine knows."""
    unit = measure.unit
    if unit is None or options.wavelength_unit != "file":
        return measure.values, None
    if isinstance(unit, Days) or (to_angstrom := factor(unit, "AA")) is None:
        raise TypeError(f"{name}: {unit} is not a unit of wavelength such as Angstrom or nm")
    if str(unit) in _WAVELENGTHS:
        return measure.values, str(unit)
    return np.asarray(measure.values, dtype=np.float64) * to_angstrom, "Angstrom"


def _flux_unit(unit: Any) -> tuple[float, str] | None:
    """What one `unit` is in a unit whose words the engine knows, and these words; None where it is none of flux."""
    if isinstance(unit, Days):
        return None
    text = str(unit)
    if lib.astrom3_flux_unit_is_known(c_text("unit", text)):
        return 1.0, text
    for target in ("Jy", _PER_WAVELENGTH):
        if (by := factor(unit, target)) is not None:
            return by, target
    return None


def _scaled(values: Any, by: float) -> Any:
    return values if by == 1.0 else np.asarray(values, dtype=np.float64) * by


def _fluxes(measures: tuple[Measured, Measured | None], kind: str) -> tuple[list[Any], tuple[str | None, str | None]]:
    """Flux and error, and their units in words that the engine knows."""
    flux, error = measures
    if flux.unit is None:
        if error is not None and error.unit is not None and str(error.unit) != "":
            raise TypeError(f"error: in {error.unit} beside a flux without a unit")
        return [flux.values, *([] if error is None else [error.values])], (None, None)
    known = _flux_unit(flux.unit)
    if known is None:
        raise TypeError(f"flux: {flux.unit} is not a unit of flux such as 1e-17 erg / (s cm2 Angstrom)")
    by, text = known
    values = [_scaled(flux.values, by)]
    if error is None:
        return values, (text, None)
    of_error = 1.0 if error.unit is None else factor(error.unit, flux.unit ** _POWERS[kind])
    if of_error is None:
        raise TypeError(f"error: in {error.unit} of a flux in {flux.unit}")
    return [*values, _scaled(error.values, of_error * by ** _POWERS[kind])], (text, text)


def _table_columns(columns: Mapping[str, Any], options: Options) -> tuple[list[Array | None], list[str | None]]:
    """The columns of a table as numbers and their units in words; None of what cannot be pixels."""
    measures = {name: None if is_text(value) else measured(name, value) for name, value in columns.items()}
    fluxes = (one.unit for one in measures.values() if one is not None and one.unit is not None and str(one.unit))
    flux = next((unit for unit in fluxes if _flux_unit(unit) is not None), None)
    arrays: list[Array | None] = []
    units: list[str | None] = []
    for name, measure in measures.items():
        values, text = (None, None) if measure is None else _column(name, measure, flux, options)
        arrays.append(None if values is None else _pixels(name, values))
        units.append(text)
    return arrays, units


def _column(name: str, measure: Measured, flux: Any, options: Options) -> tuple[Any, str | None]:
    """One column beside a flux in that unit: a wavelength, a flux or its error, or something else."""
    if getattr(measure.values, "ndim", 1) != 1 or isinstance(measure.unit, Days):
        return None, None
    if measure.unit is None or str(measure.unit) == "":
        return measure.values, None
    if factor(measure.unit, "AA") is not None:
        return _wavelengths(name, measure, options)
    by, text = (1.0, "") if flux is None else _flux_unit(flux) or (1.0, "")
    for power in (1, 2, -2) if flux is not None else ():
        if (own := factor(measure.unit, flux**power)) is not None:
            return _scaled(measure.values, own * by**power), text
    return None, None
