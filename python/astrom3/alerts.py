# SPDX-License-Identifier: MIT
"""Alert packets of ZTF and Rubin as light curves that ``AstroM3.many`` reads."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._extras import load
from ._words import listed

AB_ZERO_POINT_MJY = 3631e3
_ERRORS_PER_MAG = np.log(10) / 2.5  # relative error of a flux whose magnitude is off by one
# A star of the reference image belongs to the alert where it is nearer than this, in arc seconds: ALeRCE's rule.
# Source  lc_correction of ALeRCE; Förster et al. 2021, AJ 161, 242, section 3.2
_NEAREST_STAR_ARCSEC = 1.4
_ZTF_BANDS = {1: "zg", 2: "zr", 3: "zi"}
_POSITIVE = ("t", "1", "true")

LightCurve = dict[str, npt.NDArray[Any]]


def from_ztf_alert(packet: Mapping[str, Any] | bytes, *, difference: bool = False) -> LightCurve:
    """The light curve of an alert of ZTF: `candidate` and the detections among `prv_candidates`.

    An alert has the magnitude of the difference from a reference image. The flux of a variable star is the sum of this
    difference and of the star in the reference: flux = 10^(-0.4 magnr) +- 10^(-0.4 magpsf), AB, in mJy. Detections
    without such a star within 1.4 arc seconds, and upper limits, are left out.

    Parameters
    ----------
    packet : mapping or bytes
        As fastavro gives it; bytes of an Avro file are read by fastavro, which must be installed.
    difference : bool
        Return the flux of the difference alone, as for an object that is not in the reference.

    Returns
    -------
    dict of arrays
        `object_id`, `mjd`, `flux` and `flux_err` (mJy), `band` (zg, zr, zi), one element per observation: an
        element of the list that ``AstroM3.many`` takes.

    Raises
    ------
    ValueError
        The packet is not an alert of ZTF; the message names what is missing.

    Examples
    --------
    >>> candidate = {"jd": 2460000.5, "fid": 1, "magpsf": 18.0, "sigmapsf": 0.1, "isdiffpos": "t",
    ...              "magnr": 16.0, "distnr": 0.3}
    >>> alert = from_ztf_alert({"objectId": "ZTF18abc", "candidate": candidate, "prv_candidates": None})
    >>> alert["band"].tolist(), alert["flux"].round(3).tolist()
    (['zg'], [1.675])
    """
    packet = _packet(packet, "ZTF", "candidate")
    rows = []
    for detection in (*(packet.get("prv_candidates") or ()), packet["candidate"]):
        if detection.get("magpsf") is None or detection.get("sigmapsf") is None:
            continue  # an upper limit
        for name in ("jd", "fid", "isdiffpos"):
            if detection.get(name) is None:
                raise ValueError(f"packet: a detection has no {name!r}; this is no alert of ZTF")
        sign = 1.0 if str(detection["isdiffpos"]).lower() in _POSITIVE else -1.0
        changed = AB_ZERO_POINT_MJY * 10 ** (-0.4 * float(detection["magpsf"]))
        flux = sign * changed
        if not difference:
            distance, magnitude = detection.get("distnr"), detection.get("magnr")
            if magnitude is None or distance is None or not 0 <= distance < _NEAREST_STAR_ARCSEC:
                continue
            flux += AB_ZERO_POINT_MJY * 10 ** (-0.4 * float(magnitude))
        error = changed * _ERRORS_PER_MAG * float(detection["sigmapsf"])
        band = _ZTF_BANDS.get(int(detection["fid"]), str(detection["fid"]))
        rows.append((float(detection["jd"]) - 2400000.5, flux, error, band))
    return _light_curve(packet.get("objectId"), rows)


def from_rubin_alert(packet: Mapping[str, Any] | bytes, *, difference: bool = False) -> LightCurve:
    """The light curve of an alert of Rubin: `diaSource`, `prvDiaSources` and `prvDiaForcedSources`.

    The flux is that of the image itself (`scienceFlux`), not of its difference from a template. Forced photometry is
    taken for visits that have no detection. Sources that are marked as bad are left out.

    Parameters
    ----------
    packet : mapping or bytes
        As fastavro gives it; bytes of an Avro file are read by fastavro, which must be installed.
    difference : bool
        Return the flux of the difference (`psfFlux`), as for an object that is not in the template.

    Returns
    -------
    dict of arrays
        As from ``from_ztf_alert``; bands are u, g, r, i, z, y.

    Raises
    ------
    ValueError
        The packet is not an alert of Rubin; the message names what is missing.
    """
    packet = _packet(packet, "Rubin", "diaSource")
    value, error = ("psfFlux", "psfFluxErr") if difference else ("scienceFlux", "scienceFluxErr")
    rows: dict[tuple[float, str], tuple[float, float, float, str]] = {}
    detected = (packet["diaSource"], *(packet.get("prvDiaSources") or ()))
    for source in (*detected, *(packet.get("prvDiaForcedSources") or ())):
        for name in ("midpointMjdTai", "band", value):
            if name not in source:
                raise ValueError(f"packet: a source has no {name!r}; this is no alert of Rubin that is understood")
        if source[value] is None or source.get(error) is None:
            continue
        if source.get("psfFlux_flag") or source.get("pixelFlags_bad"):
            continue
        key = (float(source["midpointMjdTai"]), str(source["band"]))
        rows.setdefault(key, (key[0], float(source[value]) * 1e-6, float(source[error]) * 1e-6, key[1]))
    return _light_curve(packet["diaSource"].get("diaObjectId"), rows.values())


def _packet(packet: Any, survey: str, wanted: str) -> Mapping[str, Any]:
    if isinstance(packet, (bytes, bytearray, memoryview)):
        packet = _read_avro(bytes(packet))
    if not isinstance(packet, Mapping):
        raise TypeError(
            f"packet: expected an alert of {survey} as a mapping or as bytes, found {type(packet).__name__}"
        )
    if not isinstance(packet.get(wanted), Mapping):
        raise ValueError(f"packet: there is no {wanted!r} among {listed(packet)}; this is no alert of {survey}")
    return packet


def _read_avro(content: bytes) -> Any:
    fastavro = load("fastavro", "an alert as bytes of Avro")
    if not content.startswith(b"Obj\x01"):
        raise ValueError(
            "packet: these bytes are no Avro file; of a stream whose schema is elsewhere, give what "
            "fastavro.schemaless_reader makes of them"
        )
    return next(iter(fastavro.reader(io.BytesIO(content))), None)


def _light_curve(object_id: object, rows: Iterable[tuple[float, float, float, str]]) -> LightCurve:
    columns = list(zip(*sorted(rows), strict=True)) or [(), (), (), ()]
    mjd, flux, error = (np.array(column, np.float64) for column in columns[:3])
    return {
        "object_id": np.full(len(mjd), "" if object_id is None else str(object_id)),
        "mjd": mjd,
        "flux": flux,
        "flux_err": error,
        "band": np.array(columns[3], dtype=np.str_),
    }
