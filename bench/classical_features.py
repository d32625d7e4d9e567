# SPDX-License-Identifier: MIT
"""Light curves of a table star by star, and the features of the light-curve package."""

import light_curve as licu
import numpy as np
from star_tables import stars_of

LIGHT_CURVE_VERSION = licu.__version__


def light_curves(path):
    """(object_id, t, mag, err) of each star, sorted by time, equal times dropped."""
    for star, rows in stars_of(path):
        t, m, e = np.array(rows, dtype=float).T
        t, first = np.unique(t, return_index=True)
        yield star, t, m[first], np.maximum(e[first], 1e-4)


def classical_extractor():
    """Every feature of the package that describes a light curve in magnitudes. Left out: fits of supernova models,
    dm-dt maps, features of several bands, and those of transients' upper limits."""
    return licu.Extractor(
        licu.Amplitude(),
        licu.AndersonDarlingNormal(),
        licu.BeyondNStd(1),
        licu.BeyondNStd(2),
        licu.BiweightScale(),
        licu.Chi2Pvar(),
        licu.Cusum(),
        licu.Duration(),
        licu.Eta(),
        licu.EtaE(),
        licu.ExcessVariance(),
        licu.InterPercentileRange(0.02),
        licu.InterPercentileRange(0.1),
        licu.InterPercentileRange(0.25),
        licu.Kurtosis(),
        licu.LaflerKinmanStringLength(),
        licu.LinearFit(),
        licu.LinearTrend(),
        licu.MagnitudePercentageRatio(0.4, 0.05),
        licu.MagnitudePercentageRatio(0.2, 0.05),
        licu.MaximumSlope(),
        licu.MaximumTimeInterval(),
        licu.Mean(),
        licu.MeanVariance(),
        licu.Median(),
        licu.MedianAbsoluteDeviation(),
        licu.MedianBufferRangePercentage(0.1),
        licu.MedianBufferRangePercentage(0.2),
        licu.MinimumTimeInterval(),
        licu.ObservationCount(),
        licu.OtsuSplit(),
        licu.ParabolaFit(),
        licu.PercentAmplitude(),
        licu.PercentDifferenceMagnitudePercentile(0.05),
        licu.PercentDifferenceMagnitudePercentile(0.1),
        licu.QnScale(),
        licu.ReducedChi2(),
        licu.Roms(),
        licu.Skew(),
        licu.StandardDeviation(),
        licu.StetsonK(),
        licu.TimeMean(),
        licu.TimeStandardDeviation(),
        licu.WeightedMean(),
        licu.Periodogram(
            peaks=5,
            resolution=10.0,
            max_freq_factor=2.0,
            nyquist="average",
            fast=True,
            features=[
                licu.Amplitude(),
                licu.BeyondNStd(2),
                licu.BeyondNStd(3),
                licu.StandardDeviation(),
                licu.InterPercentileRange(0.25),
                licu.PercentAmplitude(),
            ],
        ),
    )
