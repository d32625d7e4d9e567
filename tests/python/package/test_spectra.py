# SPDX-License-Identifier: MIT
"""Spectra: out of files, arrays, quantities and tables, by the rules of files, and bad ones with their code."""

import json
import pickle
import struct
import types

import astrom3
import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.table import QTable
from conftest import ROOT

GOLDEN = ROOT / "tests" / "golden" / "multimodal"
FORMATS = GOLDEN / "spectra_formats"
GRID = np.arange(3850, 9000, 2.0)
WAVELENGTH = np.linspace(3700.0, 9100.0, 2701)
FLUX = 100 + 30 * np.sin(WAVELENGTH / 97) + np.cos(WAVELENGTH / 11)
ERROR = 1 + 0.1 * np.sin(WAVELENGTH / 50)
IVAR = 1 / (ERROR * ERROR)
UNIT = u.Unit("1e-17 erg / (Angstrom s cm2)")


def tensors(path):
    """name -> array of a safetensors file."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    types_of = {"F32": np.float32, "F64": np.float64}
    return {
        name: np.frombuffer(data[8 + size :][slice(*entry["data_offsets"])], types_of[entry["dtype"]]).reshape(
            entry["shape"]
        )
        for name, entry in json.loads(data[8 : 8 + size]).items()
        if name != "__metadata__" and entry["dtype"] in types_of
    }


def channels(spectrum, **options):
    return spectrum.preprocess(**options).channels


PLAIN = astrom3.Spectrum(WAVELENGTH, FLUX, ERROR)


# ---- files -------------------------------------------------------------------------------------------------


def test_every_family_gives_its_golden_array():
    expected = tensors(FORMATS / "expected.safetensors")
    files = [file for file in FORMATS.iterdir() if file.suffix not in (".parquet", ".safetensors")]
    found = {spectrum.object_id: spectrum for file in sorted(files) for spectrum in astrom3.read_spectra(file)}
    families = {spectrum.family for spectrum in found.values()}
    assert families == {"lamost", "lamost_table", "sdss_spec", "desi", "image", "ecsv", "table"}
    for name, array in expected.items():
        file, _, object_id = name.removesuffix(".spectra").partition("#")
        spectrum = found[object_id or file.split(".")[0]]
        # As in C++: the array was made in float64 of the float32 numbers of the file.
        assert np.allclose(channels(spectrum), array, rtol=3e-7, atol=0), name


def test_a_file_of_several_is_read_by_read_spectra_alone():
    assert [one.object_id for one in astrom3.read_spectra(FORMATS / "coadd-desi.fits.gz")] == ["11", "12"]
    with pytest.raises(ValueError, match="2 spectra, expected one; read_spectra"):
        astrom3.read_spectrum(FORMATS / "coadd-desi.fits.gz")
    both = astrom3.read_spectra([FORMATS / "coadd-desi.fits.gz", FORMATS / "wcs1d.fits"])
    assert len(both) == 3


def test_a_file_that_is_not_there_is_an_error_alone_and_a_status_among_others():
    with pytest.raises(astrom3.AstroM3Error) as caught:
        astrom3.read_spectrum(FORMATS / "none.fits")
    assert caught.value.code == "io_error"
    found = astrom3.read_spectra([FORMATS / "none.fits", FORMATS / "wcs1d.fits"])
    assert [one.status for one in found] == ["io_error", "ok"] and "none.fits" in found[0].file


def card(text):
    return text.ljust(80).encode()


def fits_image(path, rows, **keywords):
    """A primary image float32 [rows, pixels]."""
    cards = [("SIMPLE", "T"), ("BITPIX", "-32"), ("NAXIS", "2"), ("NAXIS1", rows.shape[1]), ("NAXIS2", rows.shape[0])]
    head = b"".join(card(f"{name:8}= {value:>20}") for name, value in [*cards, *keywords.items()]) + card("END")
    data = rows.astype(">f4").tobytes()
    path.write_bytes(head + b" " * (-len(head) % 2880) + data + b"\0" * (-len(data) % 2880))


def test_spspec_of_sdss_has_errors_that_become_inverse_variances(tmp_path):
    """spSpec-MJD-PLATE-FIBER.fit: flux, without the continuum, one sigma, mask; log10 wavelengths from COEFF0."""
    loglam = 3.5682 + 1e-4 * np.arange(3900)
    flux = (100 + 30 * np.sin(10**loglam / 97)).astype(np.float32)
    sigma = (1 + 0.1 * np.cos(10**loglam / 50)).astype(np.float32)
    sigma[7] = 0
    fits_image(
        tmp_path / "spSpec-51630-0266-197.fit", np.array([flux, flux * 0, sigma, flux * 0]), COEFF0=3.5682, COEFF1=1e-4,
        TELESCOP="'SDSS 2.5-M'",
    )  # fmt: skip
    spectrum = astrom3.read_spectrum(tmp_path / "spSpec-51630-0266-197.fit")
    assert (spectrum.family, spectrum.object_id) == ("sdss_spSpec", "spSpec-51630-0266-197")
    assert np.allclose(spectrum.wavelength, 10**loglam, rtol=1e-13) and spectrum.ivar[7] == 0
    known = sigma > 0
    assert np.allclose(spectrum.ivar[known], 1 / sigma[known].astype(float) ** 2, rtol=1e-12)
    same = astrom3.Spectrum(10**loglam, flux, sigma)
    assert np.allclose(channels(spectrum), channels(same), rtol=2e-7)


# ---- arrays, units, tables ---------------------------------------------------------------------------------


def test_the_tensor_is_the_recipe():
    flux, ivar = np.interp(GRID, WAVELENGTH, FLUX), np.interp(GRID, WAVELENGTH, IVAR)
    mad = np.median(np.abs(flux - np.median(flux)))
    made = PLAIN.preprocess()
    expected = [(flux - flux.mean()) / mad, ivar / mad, np.full(len(GRID), np.log10(mad))]
    assert np.allclose(made.channels, expected, rtol=1e-6) and made.channels.dtype == np.float32
    assert (made.coverage, made.flag_names) == (1, ())
    assert np.isclose(made.mad, mad) and np.isclose(made.mean, flux.mean())


@pytest.mark.parametrize(
    "same",
    [
        lambda: astrom3.Spectrum(WAVELENGTH, FLUX, ivar=IVAR),
        lambda: astrom3.Spectrum(WAVELENGTH * u.AA, FLUX * UNIT, ERROR * UNIT),
        lambda: astrom3.Spectrum(WAVELENGTH * u.AA, FLUX * UNIT, ivar=IVAR / UNIT**2),
        lambda: astrom3.Spectrum(list(WAVELENGTH), list(FLUX), list(ERROR)),
        lambda: astrom3.Spectrum.of((WAVELENGTH, FLUX, ERROR)),
        lambda: astrom3.Spectrum.of(np.array([WAVELENGTH, FLUX, ERROR]).T),
        lambda: astrom3.Spectrum.of({"wavelength": WAVELENGTH, "flux": FLUX, "ivar": IVAR}),
        lambda: astrom3.Spectrum.of(pd.DataFrame({"loglam": np.log10(WAVELENGTH), "flux": FLUX, "err": ERROR})),
        lambda: astrom3.Spectrum.of(
            {"lam": WAVELENGTH, "f": FLUX, "v": ERROR}, spectrum_columns=("flux=f", "error=v")
        ),
        lambda: astrom3.Spectrum.of({"wave [nm]": WAVELENGTH / 10, "flux": FLUX, "variance": ERROR**2}),
        lambda: astrom3.Spectrum.of(QTable({"wave": WAVELENGTH * u.AA, "flux": FLUX * UNIT, "ivar": IVAR / UNIT**2})),
        lambda: astrom3.Spectrum.of(
            types.SimpleNamespace(
                spectral_axis=WAVELENGTH * u.AA, flux=FLUX * UNIT,
                uncertainty=types.SimpleNamespace(uncertainty_type="var", array=ERROR**2, quantity=ERROR**2 * UNIT**2),
            )
        ),
        lambda: pickle.loads(pickle.dumps(PLAIN)),
    ],
)  # fmt: skip
def test_a_spectrum_is_the_same_in_every_form(same):
    found = same()
    assert np.allclose(found.wavelength, WAVELENGTH, rtol=1e-13) and np.allclose(found.ivar, IVAR, rtol=1e-12)
    assert np.allclose(channels(found), channels(PLAIN), rtol=1e-6)


@pytest.mark.parametrize(
    ("wavelength", "flux", "rtol"),
    [
        (WAVELENGTH * u.AA.to(u.nm) * u.nm, FLUX * UNIT, 1e-13),
        (WAVELENGTH * 1e-10 * u.m, FLUX * UNIT, 1e-12),
        (WAVELENGTH * u.AA, FLUX * 1e-17 * u.erg / u.s / u.cm**2 / u.AA, 1e-12),
        (WAVELENGTH * u.AA, FLUX * 1e-20 * u.W / u.m**2 / u.AA, 1e-12),
        (WAVELENGTH * u.AA, (FLUX * UNIT).to(u.Jy, u.spectral_density(WAVELENGTH * u.AA)), 1e-8),
        (WAVELENGTH * u.AA, (FLUX * UNIT).to(u.MJy, u.spectral_density(WAVELENGTH * u.AA)), 1e-8),
        (WAVELENGTH * u.AA, (FLUX * UNIT).to(u.mJy, u.spectral_density(WAVELENGTH * u.AA)), 1e-8),
    ],
)
def test_units_are_converted(wavelength, flux, rtol):
    found = astrom3.Spectrum(wavelength, flux, flux / 100)
    assert np.allclose(found.wavelength, WAVELENGTH, rtol=1e-13)
    assert np.allclose(found.flux, FLUX, rtol=rtol)
    assert np.allclose(found.ivar * FLUX**2, 1e4, rtol=10 * rtol)


def test_what_is_no_unit_of_a_spectrum_is_refused_by_name():
    with pytest.raises(TypeError, match="^wavelength: GHz is not a unit of wavelength"):
        astrom3.Spectrum(WAVELENGTH * u.GHz, FLUX)
    with pytest.raises(TypeError, match="^flux: mag is not a unit of flux"):
        astrom3.Spectrum(WAVELENGTH, FLUX * u.mag)
    with pytest.raises(TypeError, match="^error: in .* beside a flux without a unit"):
        astrom3.Spectrum(WAVELENGTH, FLUX, ERROR * UNIT)
    with pytest.raises(TypeError, match="^error: in Jy of a flux in"):
        astrom3.Spectrum(WAVELENGTH, FLUX * UNIT, ERROR * u.Jy)
    with pytest.raises(ValueError, match="^ivar"):
        astrom3.Spectrum(WAVELENGTH, FLUX, ERROR, ivar=IVAR)
    with pytest.raises(TypeError, match="uncertainty of type"):
        odd = types.SimpleNamespace(uncertainty_type="unknown", array=ERROR)
        astrom3.Spectrum.of(types.SimpleNamespace(spectral_axis=WAVELENGTH * u.AA, flux=FLUX * UNIT, uncertainty=odd))
    for wrong in (5, "a\0b", [1, 2, 3, 4], None):
        with pytest.raises((TypeError, ValueError)):
            astrom3.Spectrum.of(wrong)


def test_a_flux_scale_brings_flux_of_no_unit_to_that_of_the_model():
    scaled = astrom3.Spectrum(WAVELENGTH, FLUX / 8, ERROR / 8, flux_scale=8)
    assert np.array_equal(channels(scaled), channels(PLAIN))  # a power of two changes no bit
    assert channels(astrom3.Spectrum(WAVELENGTH, FLUX / 8, ERROR / 8))[2, 0] != channels(PLAIN)[2, 0]


def test_air_is_converted_and_flagged():
    air = astrom3.Spectrum(WAVELENGTH, FLUX, ERROR, wavelengths="air")
    assert air.flag_names == ("air_converted",) and 1.0 < (air.wavelength - WAVELENGTH)[0] < 1.3


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(TypeError, match="^coverage: no such argument"):
        astrom3.Spectrum(WAVELENGTH, FLUX, coverage="extend")
    with pytest.raises(TypeError, match="^flux_scale: no such argument"):
        PLAIN.preprocess(flux_scale=2)
    with pytest.raises(ValueError, match="^wavelength_unit: expected"):
        astrom3.Spectrum(WAVELENGTH, FLUX, wavelength_unit="parsec")


# ---- bad inputs --------------------------------------------------------------------------------------------


def code_of(action):
    with pytest.raises(astrom3.AstroM3Error) as caught:
        action()
    return caught.value.code, str(caught.value)


def changed(at, value, of=FLUX):
    out = np.array(of)
    out[at] = value
    return out


BAD = {
    "SP01 one pixel": ("too_few_pixels", lambda: astrom3.Spectrum([5000.0], [1.0], [1.0]), {}),
    "SP02 NaN": ("not_a_number", lambda: astrom3.Spectrum(WAVELENGTH, changed(9, np.nan), ERROR), {}),
    "SP02 masked": ("not_a_number", lambda: astrom3.Spectrum(WAVELENGTH, np.ma.masked_greater(FLUX, 120), ERROR), {}),
    "SP02 wavelength": ("not_a_number", lambda: astrom3.Spectrum(changed(9, np.nan, WAVELENGTH), FLUX, ERROR),
                        {"spectrum_nonfinite": "drop"}),
    "SP03 ivar below 0": ("bad_ivar", lambda: astrom3.Spectrum(WAVELENGTH, FLUX, ivar=changed(3, -1.0, IVAR)), {}),
    "SP03 error below 0": ("bad_ivar", lambda: astrom3.Spectrum(WAVELENGTH, FLUX, changed(3, -1.0, ERROR)), {}),
    "SP04 equal wavelengths": ("duplicate_wavelength",
                               lambda: astrom3.Spectrum(changed(3, WAVELENGTH[4], WAVELENGTH), FLUX), {}),
    "SP05 nanometres": ("wavelength_unit", lambda: astrom3.Spectrum(WAVELENGTH / 10, FLUX, ERROR), {}),
    "SP05 logarithms": ("wavelength_unit", lambda: astrom3.Spectrum(np.log10(WAVELENGTH), FLUX, ERROR), {}),
    "SP05 below 0": ("wavelength_unit", lambda: astrom3.Spectrum(WAVELENGTH - 4000, FLUX, ERROR), {}),
    "SP06 coverage": ("coverage", lambda: astrom3.Spectrum(WAVELENGTH[:2000], FLUX[:2000], ERROR[:2000]), {}),
    "SP07 no flux": ("no_flux", lambda: astrom3.Spectrum(WAVELENGTH, 0 * FLUX, ERROR), {}),
    "SP07 no variation": ("no_variation", lambda: astrom3.Spectrum(WAVELENGTH, 0 * FLUX + 3, ERROR), {}),
    "SP08 overflow": ("overflow_float32", lambda: astrom3.Spectrum(WAVELENGTH, FLUX * 1e-17, ERROR * 1e-17), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_every_bad_spectrum_has_its_code(name):
    """SP01, SP02, SP03, SP04, SP05, SP06, SP07, SP08"""
    code, make, options = BAD[name]
    found, message = code_of(lambda: make().preprocess(**options))
    assert found == code and "--" not in message, message


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [("SP02 NaN", "spectrum_nonfinite", "drop"), ("SP06 coverage", "coverage", "extend")],
)
def test_the_remedy_of_the_message_works(name, option, value):
    _, make, _ = BAD[name]
    _, message = code_of(lambda: make().preprocess())
    assert f'{option}="{value}"' in message
    made = make().preprocess(**{option: value})
    assert np.isfinite(made.channels).all()
    assert made.flag_names == (("pixels_dropped",) if name.startswith("SP02") else ("edge_extended",))


def test_nanometres_are_read_where_they_are_called_so():
    named = astrom3.Spectrum(WAVELENGTH / 10, FLUX, ERROR, wavelength_unit="nm")
    assert np.allclose(channels(named), channels(PLAIN), rtol=1e-5)


def test_what_is_odd_is_flagged():
    """SP04, SP06, SP09"""

    def flags(*arrays, **more):
        return set(astrom3.Spectrum(*arrays, **more).preprocess().flag_names)

    assert flags(WAVELENGTH[::-1], FLUX[::-1], ERROR[::-1]) == {"sorted"}
    assert flags(WAVELENGTH, FLUX) == {"no_ivar"}
    gap = (WAVELENGTH < 5000) | (WAVELENGTH > 5300)
    assert flags(WAVELENGTH[gap], FLUX[gap], ERROR[gap]) == {"gap"}
    most = WAVELENGTH < 8950
    assert flags(WAVELENGTH[most], FLUX[most], ERROR[most]) == {"edge_extended"}
    assert flags(WAVELENGTH, FLUX * 1e5, ERROR * 1e5) == {"flux_scale"}
    assert flags(WAVELENGTH, FLUX - 105, ERROR) == {"negative_flux"}


def test_a_table_without_its_columns_lists_those_that_are_there():
    """SP01"""
    code, message = code_of(lambda: astrom3.Spectrum.of({"wavelength": WAVELENGTH, "counts": FLUX}))
    assert code == "missing_column" and "counts" in message and "spectrum_columns" in message
    code, _ = code_of(lambda: astrom3.Spectrum.of({"wavelength": WAVELENGTH, "wave": WAVELENGTH, "flux": FLUX}))
    assert code == "ambiguous_column"
    code, _ = code_of(lambda: astrom3.Spectrum(WAVELENGTH, FLUX[:-1]))
    assert code == "length_mismatch"
