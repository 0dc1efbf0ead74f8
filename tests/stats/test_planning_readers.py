import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.planning import area_variance_function
from lesion_core.stats.planning_readers import (
    ReaderComponents,
    conjecture,
    from_pilot,
    reader_study_cases,
    reader_study_power,
)
from lesion_core.stats.readers import obuchowski_rockette

# Chakraborty's RJafroc book, chapter on FROC sample size: DBM components VarTR, VarTC, VarErr of its FROC example.
TR, TC, ERROR = 0.0001526507, 0.009644327, 0.09484637
RJAFROC = ReaderComponents(TR, (ERROR + TC) / 100, 0.0, TC / 100, 0.0, cases=100)


@pytest.mark.parametrize(
    ("difference", "power"),
    [
        (0.01, 0.06443046),
        (0.02, 0.108789),
        (0.03, 0.1847115),
        (0.04, 0.2907927),
        (0.05, 0.4195443),
        (0.08, 0.7983611),
        (0.1, 0.936068),
    ],
)
def test_rjafroc(difference, power):
    assert reader_study_power(difference, RJAFROC, readers=5, cases=100) == pytest.approx(power, abs=5e-7)


def test_against_simulated_studies():
    """The Obuchowski-Rockette model itself, its F test by hand."""
    c = ReaderComponents(0.0004, 0.0010, 0.0004, 0.00045, 0.00025, cases=100)
    r, d = 6, 0.05
    t_of, r_of = np.repeat([0, 1], r), np.tile(np.arange(r), 2)
    same_t, same_r = t_of[:, None] == t_of, r_of[:, None] == r_of
    noise = np.where(same_t & same_r, c.var, np.where(same_r, c.cov1, np.where(same_t, c.cov2, c.cov3)))
    rng = np.random.default_rng(3)
    values = rng.multivariate_normal(np.zeros(2 * r), noise, 20_000).reshape(-1, 2, r)
    values += rng.normal(size=values.shape) * math.sqrt(c.interaction) + np.array([d, 0])[:, None]
    means, readers = values.mean(2), values.mean(1)
    ms_t = r * (means - means.mean(1, keepdims=True)).__pow__(2).sum(1)
    rest = values - means[:, :, None] - readers[:, None] + values.mean((1, 2))[:, None, None]
    ms_tr = (rest**2).sum((1, 2)) / (r - 1)
    error = ms_tr + r * (c.cov2 - c.cov3)
    from scipy.stats import f

    df2 = error**2 / (ms_tr**2 / (r - 1))
    simulated = np.mean(f.sf(ms_t / error, 1, df2) < 0.05)
    assert reader_study_power(d, c, readers=r, cases=100) == pytest.approx(simulated, abs=0.02)


def test_level_at_no_difference():
    for applies_to in ("readers and cases", "cases", "readers"):
        power = reader_study_power(0.0, RJAFROC, readers=5, cases=100, applies_to=applies_to)
        assert power == pytest.approx(0.05, abs=1e-9)


def test_claims_differ():
    powers = {
        applies_to: reader_study_power(0.05, RJAFROC, readers=5, cases=100, applies_to=applies_to)
        for applies_to in ("readers and cases", "cases", "readers")
    }
    assert powers["readers and cases"] < min(powers["cases"], powers["readers"])
    # These readers, other cases: noncentral chi squared with 1 df.
    spread = ERROR / 100 + TC / 100 + 4 * TC / 100
    root = math.sqrt(5 * 0.05**2 / 2 / spread)
    from scipy.stats import norm

    expected = norm.sf(1.959963984540054 - root) + norm.cdf(-1.959963984540054 - root)
    assert powers["cases"] == pytest.approx(expected, abs=1e-12)


def test_cases_needed():
    plan = reader_study_cases(0.05, RJAFROC, readers=10)
    assert plan.power >= 0.8
    assert reader_study_power(0.05, RJAFROC, readers=10, cases=plan.cases - 1) < 0.8
    assert f"{plan.cases} cases" in plan.sentence()
    hopeless = reader_study_cases(0.01, RJAFROC, readers=4)
    assert "take more readers" in hopeless.sentence()
    assert "at least 3" in reader_study_cases(0.05, RJAFROC, readers=2).reason


def test_pilot():
    rng = np.random.default_rng(11)
    truth = np.arange(60) < 25
    ratings = np.round(rng.normal(size=60) + 0.9 * rng.normal(size=(2, 4, 60)) + 1.2 * truth, 0)
    study = obuchowski_rockette(truth, ratings)
    found, p = from_pilot(study, cases=60), study.components
    expected = max(p.ms_interaction - p.var + p.cov1 + max(p.cov2 - p.cov3, 0), 0)
    assert found.interaction == pytest.approx(expected)
    assert (found.var, found.cov3, found.cases) == (p.var, p.cov3, 60)
    with pytest.raises(StatisticsError, match="no variances"):
        from_pilot(obuchowski_rockette(np.ones(60, int), ratings), cases=60)
    with pytest.raises(StatisticsError, match="no variances"):
        from_pilot(study, cases=0)


def test_conjecture_is_obuchowskis_formula():
    c = conjecture(0.8, positives=50, ratio=2, reader_range=0.1)
    v = area_variance_function(0.8, 2) / 50
    # 2 [s_b^2 (1 - r_b) + s_c^2 ((1 - r1) + (J - 1)(r2 - r3))] / J, with s_b a quarter of the range.
    expected = 2 / 6 * (0.025**2 * 0.2 + v * (1 - 0.47))
    mine = 2 / 6 * (c.interaction + c.var - c.cov1 + 5 * (c.cov2 - c.cov3))
    assert mine == pytest.approx(expected)
    assert c.cases == 150
    more = [reader_study_power(0.08, c, readers=readers, cases=150) for readers in (4, 6, 10)]
    assert more == sorted(more)


def test_unusable_settings():
    with pytest.raises(StatisticsError, match="at least 1"):
        reader_study_power(0.05, RJAFROC, readers=0, cases=10)
    with pytest.raises(StatisticsError, match="applies_to"):
        reader_study_power(0.05, RJAFROC, readers=5, cases=10, applies_to="all")
    with pytest.raises(StatisticsError, match="power must lie"):
        reader_study_cases(0.05, RJAFROC, readers=5, power=1.5)
    with pytest.raises(StatisticsError, match="must not exceed"):
        conjecture(0.8, positives=50, reader_range=0.1, neither=0.5)
    with pytest.raises(StatisticsError, match="not negative"):
        conjecture(0.8, positives=50, reader_range=-0.1)
    with pytest.raises(StatisticsError, match="same_reader must lie"):
        conjecture(0.8, positives=50, reader_range=0.1, same_reader=2)
    assert math.isnan(reader_study_power(0.05, RJAFROC, readers=2, cases=10))
