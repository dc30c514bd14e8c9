"""Compute means over seeds with their Student t intervals."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple, Tuple

import numpy as np

LEVEL = 0.95


@functools.lru_cache(maxsize=None)
def t_quantile(level: float, freedom: int) -> float:
    """What the absolute value of Student's t with this many degrees of freedom stays below with the probability `level`.

    With `t = sqrt(freedom) tan(angle)` the probability is a finite sum of positive terms (Abramowitz and Stegun 1964, 26.7.3 and
    26.7.4), concave in the angle, so that Newton's method climbs from 0 to the quantile and does not pass it.
    """
    if freedom < 1:
        raise ValueError("t has at least one degree of freedom")
    if not 0.0 <= level < 1.0:
        raise ValueError(f"{level} is no probability below 1")
    angle = 0.0
    while True:
        probability, density = _t_probability(angle, freedom)
        following = angle + (level - probability) / density
        if not following > angle:
            return math.sqrt(freedom) * math.tan(angle)
        angle = following


def _t_probability(angle: float, freedom: int) -> Tuple[float, float]:
    """The probability that t lies within `sqrt(freedom) tan(angle)` on either side of 0, and its derivative by the angle.

    It is the integral of `factor cos(x)^(freedom - 1)` from 0 to the angle, two degrees of freedom more at a time.
    """
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2 == 1
    probability, factor, power = (2.0 * angle / math.pi, 2.0 / math.pi, cosine) if odd else (sine, 1.0, cosine * cosine)
    terms = []
    for step in range(1 if odd else 2, freedom, 2):
        terms.append(factor * sine * power / step)
        factor *= (step + 1) / step
        power *= cosine * cosine
    return math.fsum([probability, *terms]), factor * cosine ** (freedom - 1)


class Moments(NamedTuple):
    """Statistics of groups of values, one entry a group. What cannot be said of a group is NaN."""

    n: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


def moments(values: np.ndarray, group: np.ndarray, groups: int) -> Moments:
    """Mean, sample standard deviation (divisor n - 1) and 95 % Student t interval of the mean of each group.

    Values are summed in their order, and squares of distances from the mean in a second pass, as the program does for
    `summary.csv`.
    """
    n = np.bincount(group, minlength=groups)
    with np.errstate(all="ignore"):
        mean = np.bincount(group, weights=values, minlength=groups) / n
        distances = values - mean[group]
        squares = np.bincount(group, weights=distances * distances, minlength=groups)
        sd = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        sizes, place = np.unique(n, return_inverse=True)
        widths = [t_quantile(LEVEL, int(size) - 1) / math.sqrt(size) if size > 1 else math.nan for size in sizes]
        half = np.asarray(widths, dtype=np.float64)[place] * sd
        low, high = mean - half, mean + half
    finite = np.isfinite(low) & np.isfinite(high)
    return Moments(
        n,
        np.where(np.isfinite(mean), mean, np.nan),
        np.where(np.isfinite(sd), sd, np.nan),
        np.where(finite, low, np.nan),
        np.where(finite, high, np.nan),
    )
