# SPDX-License-Identifier: MIT
"""Spectra: out of files of every family, out of arrays, and the tensor that the encoder of spectra sees."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ._errors import AstroM3Error
from ._keywords import OPTIONS_OF_SPECTRA, options_of, spell_out
from ._options import OF_SPECTRA, Options, SpectrumKeywords
from ._spectra_list import Facts, SpectraList
from ._words import shown

Floats = npt.NDArray[np.float64]
_PREPARING = ("coverage", "spectrum_nonfinite")
_READING = tuple(name for name in OF_SPECTRA if name not in _PREPARING)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SpectrumTensor:
    """What the encoder of spectra sees of a spectrum.

    Attributes
    ----------
    channels : (3, 2575) float32
        On the grid 3850, 3852, ... 8998 Å: (flux - mean) / MAD, inverse variance / MAD, log10 MAD.
    flag_names : tuple of str
        Remarks, such as ``"edge_extended"``; docs/multimodal.md explains them.
    coverage : float
        The share of the grid within the data.
    mean, mad : float
        Of the flux on the grid.
    """

    channels: npt.NDArray[np.float32]
    flag_names: tuple[str, ...]
    coverage: float
    mean: float
    mad: float

    def __repr__(self) -> str:
        flags = ", ".join(self.flag_names) or "none"
        return (
            f"SpectrumTensor(coverage: {self.coverage:.3f}; mean: {self.mean:.4g}; mad: {self.mad:.4g}; flags: {flags})"
        )


@dataclasses.dataclass(frozen=True, eq=False, repr=False, init=False)
class Spectrum:
    """A spectrum in vacuum Å, with its flux in 1e-17 erg/s/cm²/Å and its inverse variance.

    Parameters
    ----------
    wavelength : (n,) array or Quantity
        In any order. Without a unit: Å in vacuum, unless `wavelength_unit` or `wavelengths` say otherwise.
    flux : (n,) array or Quantity
        Flux per wavelength or per frequency. Without a unit it is taken as it is.
    error : (n,) array or Quantity, optional
        One sigma; becomes 1/σ². An error of 0 or infinity becomes 0: nothing is known of that pixel.
    ivar : (n,) array or Quantity, optional
        The inverse variance, in the place of `error`.
    object_id : str, optional
        Of the object; light curves and metadata are joined by it.
    ids : sequence of str
        Other names of the object.
    redshift, snr : float, optional
    **options
        `wavelength_unit`, `wavelengths` and `flux_scale` of ``Options``: how the arrays are to be read.

    Raises
    ------
    AstroM3Error
        A unit is not known, or the arrays have different lengths; `code` says which.

    Attributes
    ----------
    wavelength, flux, ivar : (n,) float64
    flag_names : tuple of str
        Remarks of reading, such as ``"air_converted"``.
    status, message : str
        ``"ok"``, or the code of what was wrong with one of several spectra of `read_spectra`, and a sentence.
    family, file, spectral_class : str
        Of a file: ``"lamost"``, ``"sdss_spec"``, ...; its path; ``"STAR"``, ``"GALAXY"``, ... if it says so.

    Examples
    --------
    >>> import numpy as np
    >>> wavelength = np.arange(3800.0, 9050.0)
    >>> spectrum = Spectrum(wavelength, 100 + 5 * np.sin(wavelength / 70), np.full(len(wavelength), 2.0))
    >>> spectrum.preprocess().channels.shape
    (3, 2575)
    """

    wavelength: Floats
    flux: Floats
    ivar: Floats
    object_id: str | None
    ids: tuple[str, ...]
    flag_names: tuple[str, ...]
    status: str
    message: str
    family: str
    file: str
    spectral_class: str
    redshift: float | None
    snr: float | None
    unit_is_stated: bool

    def __init__(
        self,
        wavelength: Any,
        flux: Any,
        error: Any = None,
        *,
        ivar: Any = None,
        object_id: str | None = None,
        ids: Iterable[str] = (),
        redshift: float | None = None,
        snr: float | None = None,
        **options: Unpack[SpectrumKeywords],
    ) -> None:
        if error is not None and ivar is not None:
            raise ValueError("ivar: give an error or an inverse variance, not both")
        facts = Facts(object_id=object_id, ids=tuple(ids), redshift=redshift, snr=snr)
        spectra = SpectraList()
        spectra.add_arrays(
            wavelength, flux, ivar if error is None else error, "sigma" if ivar is None else "ivar", facts,
            options_of(options, _READING),
        )  # fmt: skip
        self._take(spectra.get(0, object_id))
        self._raise_if_bad()

    def _take(self, values: dict[str, Any]) -> Spectrum:
        for name, value in values.items():
            object.__setattr__(self, name, value)
        return self

    def _raise_if_bad(self) -> None:
        if self.status != "ok":
            raise AstroM3Error(self.message, self.status)

    @classmethod
    def of(cls, value: Any, **options: Unpack[SpectrumKeywords]) -> Spectrum:
        """A spectrum of anything that is one.

        Parameters
        ----------
        value
            A `Spectrum`; the path of a file; ``(wavelength, flux)`` or ``(wavelength, flux, error)``, also as an
            (n, 3) array; a table (mapping, pandas, Arrow, astropy) whose columns are called as in a file; an object
            with `spectral_axis`, `flux` and `uncertainty` as ``Spectrum1D`` of specutils.
        **options
            How it is to be read: the options of spectra.
        """
        if isinstance(value, Spectrum):
            return value
        spectrum = spectra_of([value], options_of(options, _READING))
        if len(spectrum) != 1:
            raise ValueError(f"{shown(value)}: {len(spectrum)} spectra, expected one; read_spectra gives all of them")
        spectrum[0]._raise_if_bad()
        return spectrum[0]

    def preprocess(self, **options: Unpack[SpectrumKeywords]) -> SpectrumTensor:
        """The encoder's input. AstroM3Error with the `code` of what is wrong, such as ``"coverage"``."""
        spectra = SpectraList()
        spectra.add(self)
        return SpectrumTensor(**spectra.prepare(0, options_of(options, _PREPARING)))

    def __len__(self) -> int:
        return len(self.wavelength)

    def __repr__(self) -> str:
        name = "" if self.object_id is None else f"{self.object_id!r}, "
        if self.status != "ok":
            return f"Spectrum({name}{self.status}: {self.message})"
        there = f"{self.wavelength.min():.1f} to {self.wavelength.max():.1f} Å, " if len(self) else ""
        flags = f", flags: {', '.join(self.flag_names)}" if self.flag_names else ""
        return f"Spectrum({name}{len(self)} pixels, {there}{self.family}{flags})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (restored, ({field.name: getattr(self, field.name) for field in dataclasses.fields(self)},))


def restored(values: dict[str, Any]) -> Spectrum:
    """A spectrum with these fields, as they are."""
    return Spectrum.__new__(Spectrum)._take(values)


def spectra_of(values: Iterable[Any], options: Options) -> list[Spectrum]:
    """Spectra of anything, each with its status."""
    spectra = SpectraList()
    found: list[Spectrum] = []
    for value in values:
        spectra.add_any(value, options)
        is_file = isinstance(value, (str, os.PathLike))
        for i in range(len(found), len(spectra)):
            found.append(restored(spectra.get(i) if is_file else spectra.get(i, getattr(value, "object_id", None))))
    return found


def read_spectra(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], **options: Unpack[SpectrumKeywords]
) -> list[Spectrum]:
    """All spectra of a file, or of several, in their order.

    The family of a file is told by its content: LAMOST, SDSS, DESI, Gaia XP, FITS with WCS, FITS and ECSV tables, CSV,
    text (docs/multimodal.md). One that cannot be read is there, too, with a `status` and a `message`.

    Parameters
    ----------
    paths : path, or iterable of paths
    **options
        `wavelength_unit`, `wavelengths`, `flux_scale` and `spectrum_columns` of ``Options``.
    """
    files = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    treatment = options_of(options, _READING)
    spectra = SpectraList()
    for file in files:
        if not isinstance(file, (str, os.PathLike)):
            raise TypeError(f"paths: expected paths, found {shown(file)}")
        spectra.read(file, treatment)
    return [restored(spectra.get(i)) for i in range(len(spectra))]


def read_spectrum(path: str | os.PathLike[str], **options: Unpack[SpectrumKeywords]) -> Spectrum:
    """The spectrum of a file that holds one. Arguments as in `read_spectra`.

    Raises
    ------
    AstroM3Error
        It cannot be read; `code` says why.
    ValueError
        The file holds several.
    """
    return Spectrum.of(os.fspath(path), **options)


for _function in (Spectrum.__init__, vars(Spectrum)["of"].__func__, read_spectra, read_spectrum):
    spell_out(_function, [one for one in OPTIONS_OF_SPECTRA if one.name in _READING])
spell_out(Spectrum.preprocess, [one for one in OPTIONS_OF_SPECTRA if one.name in _PREPARING])
del _function
