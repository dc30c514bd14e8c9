"""Hold quantiles of Student's t to closed forms and published values."""

from __future__ import annotations

import math

import pytest

from creditlab import _statistics


def test_t_quantiles_equal_the_closed_forms() -> None:
    # Shaw 2006, Sampling Student's T distribution, J. Comput. Finance, section 2: one, two and four degrees of freedom
    for level in (0.2, 0.5, 0.9, 0.95, 0.99):
        p = 0.5 + level / 2
        a = 4 * p * (1 - p)
        assert _statistics.t_quantile(level, 1) == pytest.approx(math.tan(math.pi * (p - 0.5)), rel=1e-13)
        assert _statistics.t_quantile(level, 2) == pytest.approx(2 * (p - 0.5) * math.sqrt(2 / a), rel=1e-13)
        q = math.cos(math.acos(math.sqrt(a)) / 3) / math.sqrt(a)
        assert _statistics.t_quantile(level, 4) == pytest.approx(2 * math.sqrt(q - 1), rel=1e-12)


def test_t_quantiles_equal_the_published_table() -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, column 0.975
    table = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 19: 2.093, 29: 2.045, 100: 1.984}
    for freedom, published in table.items():
        assert round(_statistics.t_quantile(0.95, freedom), 3) == published


def test_t_quantiles_equal_those_of_r() -> None:
    # R 4.2: qt(0.975, df)
    published = {3: 3.1824463052837078, 4: 2.7764451051977934, 9: 2.262157162798205, 999: 1.9623414611334493}
    for freedom, quantile in published.items():
        assert _statistics.t_quantile(0.95, freedom) == pytest.approx(quantile, rel=1e-13)


def test_t_quantiles_equal_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    for freedom in (*range(1, 200), 999, 10_000):
        for level in (0.5, 0.95, 0.99):
            expected = stats.t.ppf(0.5 + level / 2, freedom)
            assert _statistics.t_quantile(level, freedom) == pytest.approx(expected, rel=1e-12)


def test_no_degree_of_freedom_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="at least one"):
        _statistics.t_quantile(0.95, 0)
