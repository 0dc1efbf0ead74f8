import math

import numpy as np
import pytest
import statsmodels.api as sm

from lesion_core.stats.logistic import expit, fit_logistic, log_odds

RNG = np.random.default_rng(6)
X = np.column_stack([np.ones(200), RNG.normal(size=200), RNG.exponential(size=200) * 30])
Y = RNG.random(200) < expit(X @ np.array([-0.5, 1.2, 0.02]))
CODES = np.arange(200) // 3


def test_against_statsmodels():
    fit, theirs = fit_logistic(Y, X), sm.Logit(Y.astype(float), X).fit(disp=0, tol=1e-12)
    assert fit.coefficients == pytest.approx(theirs.params, rel=1e-7)
    assert fit.covariance == pytest.approx(theirs.cov_params(), rel=1e-6)


def test_offset_and_patients_against_statsmodels():
    offset = 0.3 * X[:, 1]
    model = sm.GLM(Y.astype(float), X, family=sm.families.Binomial(), offset=offset)
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": CODES, "use_correction": False}, tol=1e-12)
    fit = fit_logistic(Y, X, offset=offset, codes=CODES)
    k = len(set(CODES))
    assert fit.coefficients == pytest.approx(theirs.params, rel=1e-7)
    assert fit.covariance == pytest.approx(theirs.cov_params() * k / (k - 1), rel=1e-6)


def test_the_last_step_is_taken_whatever_the_rounding_of_the_likelihood(sas):
    """Close to the maximum a step changes the likelihood by less than its rounding, which the rows' order decides."""
    x = np.column_stack([np.ones(43), log_odds(expit(-3 + 1.1 * sas["albumin"]))])
    y = sas["event"].astype(bool)
    orders = [np.random.default_rng(seed).permutation(43) for seed in range(200)]
    found = np.array([fit_logistic(y[order], x[order]).coefficients for order in orders])
    assert np.ptp(found, axis=0).max() < 1e-12


def test_no_maximum():
    y = np.array([False, False, True, True])
    apart = fit_logistic(y, np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 4.0]]))
    assert apart.reason
    assert np.isnan(apart.coefficients).all()
    flat = fit_logistic(y, np.column_stack([np.ones(4), np.full(4, 0.7)]))
    assert "do not vary" in flat.reason
    assert "both classes" in fit_logistic(np.ones(4, bool), np.ones((4, 1))).reason


def test_one_patient_has_no_sandwich():
    fit = fit_logistic(Y, X, codes=np.zeros(200, int))
    assert math.isnan(fit.covariance[0, 0])


def test_log_odds_and_back():
    p = np.array([1e-9, 0.2, 0.5, 0.999])
    assert expit(log_odds(p)) == pytest.approx(p, rel=1e-12)
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert expit(np.array([-1000.0, 1000.0])).tolist() == [0, 1]
