"""How many cases a study needs, and what power it has: an area or two paired areas.

Areas follow the binormal variance function of Obuchowski and McClish 1997 (Statistics in Medicine 16:1529) behind
Obuchowski's sample size tables (1998, 2000). Those print its constants rounded (0.0099 for 1 / 32 pi, 1.414 for the
root of 2): numbers differ from the tables by up to 0.5 %. Made for five-point ratings, the published function leaves
out the covariance of the curve's two parameters and is cautious for continuous scores (its variance is 1.3 to 1.6 times
too large at areas of 0.8 to 0.9); ``data="continuous"`` puts it in. ``alpha`` is two-sided. Proportions stand in
``planning_proportions``, multi-reader studies in ``planning_readers``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical, normal_cdf, normal_quantile
from lesion_core.stats.inputs import confidence

Data = Literal["ratings", "continuous"]


@dataclass(frozen=True)
class Plan:
    """What a study needs.

    Attributes:
        positives: positive cases.
        negatives: negative cases.
        power: power that these numbers give, 0-1; NaN for plans by precision.
        width: full width of the interval that these numbers are expected to give; NaN for plans by power.
        method: formula and its source.
        reason: why there is no plan; "" when there is one (else the counts are 0).
    """

    positives: int
    negatives: int
    power: float
    width: float
    method: str
    reason: str = ""

    @property
    def n(self) -> int:
        """All cases."""
        return self.positives + self.negatives

    def sentence(self) -> str:
        """The plan in words."""
        if self.reason:
            return f"no plan: {self.reason}"
        reached = f"power {self.power:.3f}" if math.isnan(self.width) else f"interval {self.width:.3f} wide"
        return f"{self.n} cases ({self.positives} positive, {self.negatives} negative): {reached} ({self.method})"


def area_variance_function(area: float, ratio: float, *, data: Data = "ratings") -> float:
    """Variance of an estimated area times the number of positives (Obuchowski 1998, equation 3).

    exp(-a^2 / 2) (5 a^2 + 8 + (a^2 + 8) / ratio) / 32 pi with a = sqrt 2 Phi^-1(area): both classes spread alike. For
    continuous data 5 a^2 becomes a^2: the covariance of intercept and slope, -4 a^2, is put in.

    Args:
        area: 0.5 to below 1.
        ratio: negatives per positive, above 0.
        data: "ratings" as published, "continuous" for scores without ties.

    Raises:
        StatisticsError: outside those ranges.
    """
    _check_area(area)
    if not ratio > 0:
        raise StatisticsError(f"ratio must be above 0 (negatives per positive), got {ratio}")
    if data not in ("ratings", "continuous"):
        raise StatisticsError(f"data must be ratings or continuous, got {data!r}")
    a = math.sqrt(2) * normal_quantile(area)
    own = 5 if data == "ratings" else 1
    return math.exp(-a * a / 2) * ((own * a * a + 8) + (a * a + 8) / ratio) / (32 * math.pi)


def auc_power(
    area: float,
    *,
    positives: int,
    negatives: int,
    null: float = 0.5,
    alpha: float = 0.05,
    data: Data = "ratings",
) -> float:
    """Power to show that an area differs from ``null`` (Obuchowski 1998, two-sided normal).

    Args:
        area: the area expected, 0.5 to below 1.
        positives: positive cases.
        negatives: negative cases.
        null: the area to be told from.
        alpha: two-sided error, 0-1.
        data: see `area_variance_function`.

    Raises:
        StatisticsError: outside the ranges.
    """
    ratio = _ratio(positives, negatives)
    spread_null = math.sqrt(area_variance_function(null, ratio, data=data) / positives)
    spread = math.sqrt(area_variance_function(area, ratio, data=data) / positives)
    return _two_sided_power(abs(area - null), spread_null, spread, alpha)


def auc_sample_size(
    area: float,
    *,
    null: float = 0.5,
    ratio: float = 1.0,
    power: float = 0.8,
    alpha: float = 0.05,
    data: Data = "ratings",
) -> Plan:
    """Cases needed to show that an area differs from ``null``.

    [z_alpha sqrt(V(null)) + z_beta sqrt(V(area))]^2 / (area - null)^2 positives (Obuchowski 1998, equation 2).

    Args:
        area: the area expected, 0.5 to below 1.
        null: the area to be told from.
        ratio: negatives per positive.
        power: wanted, 0-1.
        alpha: two-sided error, 0-1.
        data: see `area_variance_function`.

    Raises:
        StatisticsError: outside the ranges.
    """
    check_errors(power, alpha)
    method = "Obuchowski 1998, one area"
    v_null, v = area_variance_function(null, ratio, data=data), area_variance_function(area, ratio, data=data)
    if area == null:
        return Plan(0, 0, math.nan, math.nan, method, "the areas are the same: nothing to show")
    root = critical(1 - alpha) * math.sqrt(v_null) + normal_quantile(power) * math.sqrt(v)
    P = _up(root * root / (area - null) ** 2)
    N = _up(P * ratio)
    return Plan(P, N, auc_power(area, positives=P, negatives=N, null=null, alpha=alpha, data=data), math.nan, method)


def auc_precision(
    area: float, *, width: float, ratio: float = 1.0, level: float = 0.95, data: Data = "ratings"
) -> Plan:
    """Cases needed for an interval of a given full width around an area.

    Args:
        area: the area expected, 0.5 to below 1.
        width: from end to end, above 0.
        ratio: negatives per positive.
        level: confidence level, 0-1.
        data: see `area_variance_function`.

    Raises:
        StatisticsError: outside the ranges.
    """
    if not width > 0:
        raise StatisticsError(f"width must be above 0, got {width}")
    z, v = critical(confidence(level)), area_variance_function(area, ratio, data=data)
    P = _up(4 * z * z * v / width**2)
    N = _up(P * ratio)
    reached = 2 * z * math.sqrt(area_variance_function(area, N / P, data=data) / P)
    return Plan(P, N, math.nan, reached, "Obuchowski 1998, width of the interval")


def paired_auc_power(
    area_a: float,
    area_b: float,
    *,
    positives: int,
    negatives: int,
    correlation_positive: float = 0.5,
    correlation_negative: float = 0.5,
    alpha: float = 0.05,
    data: Data = "ratings",
) -> float:
    """Power of a paired comparison of two areas (Obuchowski and McClish 1997).

    Args:
        area_a: one area, 0.5 to below 1.
        area_b: the other.
        positives: positive cases.
        negatives: negative cases.
        correlation_positive: between the two scores of a positive case, -1 to 1.
        correlation_negative: between the two scores of a negative case, -1 to 1.
        alpha: two-sided error, 0-1.
        data: see `area_variance_function`.

    Raises:
        StatisticsError: outside the ranges.
    """
    ratio = _ratio(positives, negatives)
    rho = (correlation_positive, correlation_negative)
    middle = _middle(area_a, area_b)
    null = math.sqrt(_paired_variance(middle, middle, rho, ratio, data) / positives)
    other = math.sqrt(_paired_variance(area_a, area_b, rho, ratio, data) / positives)
    return _two_sided_power(abs(area_a - area_b), null, other, alpha)


def paired_auc_sample_size(
    area_a: float,
    area_b: float,
    *,
    correlation_positive: float = 0.5,
    correlation_negative: float = 0.5,
    ratio: float = 1.0,
    power: float = 0.8,
    alpha: float = 0.05,
    data: Data = "ratings",
) -> Plan:
    """Cases needed for a paired comparison of two areas (Obuchowski and McClish 1997).

    Under the null hypothesis both areas are their mean.

    Args:
        area_a: one area, 0.5 to below 1.
        area_b: the other.
        correlation_positive: between the two scores of a positive case, -1 to 1.
        correlation_negative: between the two scores of a negative case, -1 to 1.
        ratio: negatives per positive.
        power: wanted, 0-1.
        alpha: two-sided error, 0-1.
        data: see `area_variance_function`.

    Raises:
        StatisticsError: outside the ranges.
    """
    check_errors(power, alpha)
    method = "Obuchowski and McClish 1997, two paired areas"
    rho = (correlation_positive, correlation_negative)
    middle = _middle(area_a, area_b)
    v_null, v = _paired_variance(middle, middle, rho, ratio, data), _paired_variance(area_a, area_b, rho, ratio, data)
    if area_a == area_b:
        return Plan(0, 0, math.nan, math.nan, method, "the areas are the same: nothing to show")
    root = critical(1 - alpha) * math.sqrt(v_null) + normal_quantile(power) * math.sqrt(v)
    P = _up(root * root / (area_a - area_b) ** 2)
    N = _up(P * ratio)
    reached = paired_auc_power(
        area_a,
        area_b,
        positives=P,
        negatives=N,
        correlation_positive=correlation_positive,
        correlation_negative=correlation_negative,
        alpha=alpha,
        data=data,
    )
    return Plan(P, N, reached, math.nan, method)


def _paired_variance(area_a: float, area_b: float, rho: tuple[float, float], ratio: float, data: Data) -> float:
    """Variance of a paired difference times the number of positives (Obuchowski and McClish 1997, b = 1)."""
    a, b = (math.sqrt(2) * normal_quantile(area) for area in (area_a, area_b))
    rp, rn = rho
    if not (-1 <= rp <= 1 and -1 <= rn <= 1):
        raise StatisticsError(f"correlations must lie from -1 to 1, got {rp} and {rn}")
    # Equation 5 with f = exp(-a^2 / 4) / sqrt(4 pi) and g = -a f / 2.
    ff = math.exp(-(a * a + b * b) / 4) / (4 * math.pi)
    covariance = ff * (rp + rn / ratio + rp * rp * a * b / 2)
    covariance += ff * a * b / 4 * (rn * rn + ratio * rp * rp) / (2 * ratio)
    covariance -= ff * rp * rp * a * b / 2
    total = area_variance_function(area_a, ratio, data=data) + area_variance_function(area_b, ratio, data=data)
    total -= 2 * covariance
    return max(total, 0.0)


def _two_sided_power(gap: float, spread_null: float, spread: float, alpha: float) -> float:
    check_errors(0.5, alpha)
    z = critical(1 - alpha)
    return normal_cdf((gap - z * spread_null) / spread) + normal_cdf((-gap - z * spread_null) / spread)


def _middle(a: float, b: float) -> float:
    _check_area(a)
    _check_area(b)
    return (a + b) / 2


def _ratio(positives: int, negatives: int) -> float:
    if positives < 1 or negatives < 1:
        raise StatisticsError(f"both classes are needed, got {positives} positive and {negatives} negative cases")
    return negatives / positives


def _up(x: float) -> int:
    """Round up, forgiving the last digits of floating point."""
    return math.ceil(x - 1e-9)


def _check_area(area: float) -> None:
    if not 0.5 <= area < 1:
        raise StatisticsError(f"area must lie from 0.5 to below 1, got {area}")


def check_errors(power: float, alpha: float) -> None:
    """Power and alpha are proportions.

    Raises:
        StatisticsError: outside 0-1.
    """
    if not (0 < power < 1 and 0 < alpha < 1):
        raise StatisticsError(f"power and alpha must lie between 0 and 1, got {power} and {alpha}")
