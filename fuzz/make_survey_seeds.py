#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes seeds of fuzz_survey: a short table of every format that is recognised by its columns.

    fuzz/make_survey_seeds.py fuzz/corpus/survey

The first byte of a seed chooses options, see fuzz_survey.cpp; a value stands for each column by its name.
"""

import sys
from pathlib import Path

# What the columns hold in three rows; others hold the row's number.
VALUES = {
    "time": "58000.25 58001.5 58003.75",
    "mag": "14.5 14.25 14.75",
    "error": "0.02 0.03 99.99",
    "flux": "120.5 118.25 -3.5",
    "band": "g r g",
    "number of band": "1 2 1",
    "good": "0 0 1",
    "word": "true false true",
    "quality": "G B G",
    "id": "77 77 78",
    "unit": "uJy mJy adu",
    "system": "AB Vega ST",
}
KINDS = {
    "time": "hjd jd mjd time tmid date midpointmjdtai midpointtai ant_mjd i:jd obstime r:midpointmjdtai",
    "mag": "mag magnitude magpsf magpsf_corr mag_corr i:magpsf ant_mag limit mag_0 raw_mag",
    "error": "magerr mag_err sigmapsf sigmapsf_corr e_mag_corr i:sigmapsf ant_magerr uncertainty merr mer_0 duj",
    "flux": "flux psfflux psffluxerr r:psfflux r:psffluxerr flux_error psflux psfluxerr fluxcal fluxcalerr flux_err forcediffimflux ujy dujy"
    " forcediffimfluxunc pdcsap_flux pdcsap_flux_err sap_flux det_flux det_flux_err kspsap_flux kspsap_flux_err"
    " aperture_flux cal_aper_flux raw_flux corr_flux tamflux2 tamflux2_err",
    "band": "filter band filt ant_passband passband f r:band",
    "number of band": "fid i:fid filterid",
    "unit": "unit",
    "system": "magsys",
    "good": "catflags quality_flag sap_quality tess_flags tglc_flags blend infobitssci",
    "word": "dubious corrected detected detected_bool rejected_by_photometry psfflux_flag",
    "quality": "grade quality",
    "id": "oid objectid diaobjectid source_id masterid masterframe snid name object_id",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}

# Options, separator, columns.
TABLES = {
    "skypatrol2": (0, ",", "JD,Flux,Flux Error,Mag,Mag Error,Limit,FWHM,Filter,Quality,Camera"),
    "ztf_dr": (1, ",", "objectid,filterid,hmjd,mag,magerr,catflags"),
    "ztf_flagged": (2, ",", "oid,time,mag,magerr,catflags,band"),
    "rubin_dia": (1, ",", "diaObjectId,midpointMjdTai,psfFlux,psfFluxErr,band,psfFlux_flag"),
    "rubin": (1, ",", "objectId,midpointMjdTai,psfFlux,psfFluxErr,band"),
    "rubin_alert": (0, ",", "diaObjectId,midPointMjdTai,psFlux,psFluxErr,filterName"),
    "elasticc": (0, ",", "diaObjectId,midPointTai,psFlux,psFluxErr,filterName"),
    "elasticc_full": (0, ",", "diaObjectId,ccdVisitId,midPointTai,psFlux,psFluxErr,filterName,snr,nobs"),
    "rubin_dp02": (1, ",", "diaObjectId,ccdVisitId,midPointTai,psFlux,psFluxErr,filterName,apFlux,pixelFlags_bad"),
    "rubin_short": (1, ",", "diaObjectId,ccdVisitId,midPointTai,psFlux,psFluxErr,filterName"),
    "fink_rubin": (1, ",", "r:diaObjectId,r:midpointMjdTai,r:psfFlux,r:psfFluxErr,r:band"),
    "ps1": (1, ",", "objID,filterID,obsTime,psfFlux,psfFluxErr,psfQfPerfect,infoFlag"),
    "plasticc_short": (1, ",", "object_id,mjd,passband,flux,flux_err"),
    "gaia_short": (1, ",", "source_id,transit_id,band,time,flux,flux_error"),
    "row_units": (0, ",", "mjd,flux,flux_err,unit"),
    "row_systems": (1, ",", "mjd,mag,mag_err,filter,magsys"),
    "snana": (1, " ", "VARLIST: MJD FLT FIELD FLUXCAL FLUXCALERR PHOTFLAG"),
    "plasticc": (1, ",", "object_id,mjd,passband,flux,flux_err,detected_bool"),
    "lasair": (1, ",", "objectId,candid,jd,fid,magpsf,sigmapsf,isdiffpos"),
    "alerce": (3, ",", "oid,mjd,fid,mag_corr,e_mag_corr,e_mag_corr_ext,corrected,dubious"),
    "fink": (1, ",", "i:objectId,i:jd,i:magpsf,i:sigmapsf,i:fid"),
    "antares": (1, ",", "ant_mjd,ant_survey,ant_passband,ant_mag,ant_magerr"),
    "crts_frame": (0, ",", "MasterFrame,CRTSID,Mag,Magerr,RA,Dec,FOV,JD,MJD,Blend"),
    "kepler": (0, ",", "time,timecorr,cadenceno,sap_flux,pdcsap_flux,pdcsap_flux_err,sap_quality"),
    "tess": (3, ",", "time,cadenceno,pdcsap_flux,pdcsap_flux_err,quality"),
    "qlp": (0, ",", "time,cadenceno,sap_flux,det_flux,det_flux_err,quality"),
    "qlp_old": (0, ",", "time,cadenceno,sap_flux,kspsap_flux,kspsap_flux_err,quality"),
    "tglc": (0, ",", "time,aperture_flux,cal_aper_flux,tess_flags,tglc_flags"),
    "eleanor": (0, ",", "time,raw_flux,corr_flux,flux_err,quality"),
    "superwasp": (0, ",", "TMID,TAMFLUX2,TAMFLUX2_ERR,IMAGEID"),
    "superwasp_days": (0, ",", "HJD,TAMFLUX2,TAMFLUX2_ERR"),
    "aavso_report": (2, ",", "#NAME,DATE,MAG,MERR,FILT,TRANS,MTYPE"),
    "bands_of_another_name": (1, ";", "star_id;bjd_tdb [d];flux_uJy;flux_uJy_err;passband;zp;magsys"),
    "bars": (2, "|", "source_id|JD|mag|e_mag|filt|flags"),
    "tabs": (0, "\t", "_RAJ2000\t_DEJ2000\tHJD\tVmag\tmag\te_mag"),
    "mixed_units": (0, ",", "time (h),flux [Jy],flux_err [mJy],quality,ra,dec"),
}


def rows_of(columns: list[str]) -> list[list[str]]:
    rows = []
    for i in range(3):
        row = []
        for name in columns:
            kind = KIND_OF.get(name.lower().lstrip("#"))
            row.append(VALUES[kind].split()[i] if kind else str(i + 1))
        rows.append(row)
    return rows


def main() -> None:
    folder = Path(sys.argv[1])
    for name, (options, separator, header) in TABLES.items():
        columns = header.split(separator)
        rows = rows_of(columns)
        if name == "snana":
            header = "SNID: 5\nFILTERS: gr\n" + header
            for row in rows:
                row[0] = "OBS:"
        text = "\n".join([header, *(separator.join(row) for row in rows), ""])
        (folder / name).write_bytes(bytes([options]) + text.encode())


if __name__ == "__main__":
    main()
