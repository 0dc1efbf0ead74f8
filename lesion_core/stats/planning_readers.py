"""How many readers and cases a multi-reader study needs, from a pilot study or from conjecture.

Hillis, Obuchowski and Berbaum 2011 (Academic Radiology 18:129): the F test of Obuchowski and Rockette with Hillis's
degrees of freedom has, at a true difference d of two modalities, the noncentrality r d^2 / 2 over its error term.
Variances over cases shrink as 1 / cases. ``conjecture`` fills the same terms as Obuchowski's tables do (2000, AJR
175:603).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical, normal_cdf
from lesion_core.stats.planning import area_variance_function
from lesion_core.stats.readers import MIN_READERS, ReaderStudy

Applies = Literal["readers and cases", "cases", "readers"]
MOST_CASES = 1_000_000


@dataclass(frozen=True)
class ReaderComponents:
    """What varies in a reader study of two modalities.

    Attributes:
        interaction: variance of reader x modality: how differently readers profit, not less than 0.
        var: variance of a reader's figure over samples of ``cases`` cases.
        cov1: covariance over cases, same reader, different modality.
        cov2: covariance over cases, different reader, same modality.
        cov3: covariance over cases, different reader, different modality.
        cases: the number of cases that ``var`` and the covariances belong to.
    """

    interaction: float
    var: float
    cov1: float
    cov2: float
    cov3: float
    cases: int


@dataclass(frozen=True)
class ReaderPlan:
    """What a multi-reader study needs.

    Attributes:
        readers: number of readers.
        cases: number of cases, in the pilot's mix of classes; 0 when there is no plan.
        power: power that these numbers give, 0-1; NaN when there is no plan.
        reason: why there is no plan; "" when there is one.
    """

    readers: int
    cases: int
    power: float
    reason: str = ""

    def sentence(self) -> str:
        """The plan in words."""
        if self.reason:
            return f"no plan with {self.readers} readers: {self.reason}"
        return (
            f"{self.readers} readers, {self.cases} cases: power {self.power:.3f} (Hillis, Obuchowski and Berbaum 2011)"
        )


def from_pilot(study: ReaderStudy, *, cases: int) -> ReaderComponents:
    """Components of a pilot study: interaction = MS(TR) - Var + Cov1 + max(Cov2 - Cov3, 0), not below 0 (Hillis 2011).

    Args:
        study: of two modalities, figure of merit defined.
        cases: number of cases of the pilot.

    Raises:
        StatisticsError: a study without variances, or no case.
    """
    p = study.components
    if cases < 1 or math.isnan(p.var) or math.isnan(p.ms_interaction):
        raise StatisticsError("the pilot study has no variances to plan with: it needs both classes and 2 readers")
    interaction = max(p.ms_interaction - p.var + p.cov1 + max(p.cov2 - p.cov3, 0.0), 0.0)
    return ReaderComponents(interaction, p.var, p.cov1, p.cov2, p.cov3, cases)


def conjecture(
    area: float,
    *,
    positives: int,
    ratio: float = 1.0,
    reader_range: float,
    reader_correlation: float = 0.8,
    same_reader: float = 0.47,
    same_modality: float = 0.3,
    neither: float = 0.3,
    within: float = 0.0,
) -> ReaderComponents:
    """Components without a pilot, as Obuchowski's tables conjecture them (Obuchowski 2000).

    Args:
        area: mean area expected, 0.5 to below 1.
        positives: positive cases that the variances are worked out for (they scale from there).
        ratio: negatives per positive.
        reader_range: from the least to the most accurate reader, as an area (0.05 small, 0.1 moderate, 0.2 large); its
            quarter is taken as the SD between readers.
        reader_correlation: between a reader's areas in the two modalities.
        same_reader: correlation r1 over cases, same reader, different modality (0.47: Rockette et al. 1999).
        same_modality: correlation r2, different reader, same modality.
        neither: correlation r3, different reader, different modality.
        within: variance of a reader's area between two readings of the same cases.

    Raises:
        StatisticsError: outside the ranges.
    """
    if positives < 1 or not reader_range >= 0 or not within >= 0:
        raise StatisticsError("positives must be at least 1, reader_range and within not negative")
    for name, r in (("reader_correlation", reader_correlation), ("same_reader", same_reader)):
        if not -1 <= r <= 1:
            raise StatisticsError(f"{name} must lie from -1 to 1, got {r}")
    if not -1 <= neither <= same_modality <= 1:
        raise StatisticsError(f"r3 = {neither} must not exceed r2 = {same_modality}, both from -1 to 1")
    over_cases = area_variance_function(area, ratio) / positives
    return ReaderComponents(
        interaction=(reader_range / 4) ** 2 * (1 - reader_correlation),
        var=over_cases + within,
        cov1=over_cases * same_reader,
        cov2=over_cases * same_modality,
        cov3=over_cases * neither,
        cases=round(positives * (1 + ratio)),
    )


def reader_study_power(
    difference: float,
    components: ReaderComponents,
    *,
    readers: int,
    cases: int,
    applies_to: Applies = "readers and cases",
    alpha: float = 0.05,
) -> float:
    """Power of the test of two modalities; NaN with fewer than 3 readers where readers are a sample.

    Reproduces RJafroc on its FROC example (5 readers, 100 cases): 0.4195443 at 0.05, 0.936068 at 0.1.

    Args:
        difference: true difference of the modalities' mean figures.
        components: from a pilot or conjectured.
        readers: number of readers.
        cases: number of cases, in the mix of classes of the components.
        applies_to: to whom the claim should apply, as in `ReaderStudy`.
        alpha: two-sided error, 0-1.

    Raises:
        StatisticsError: no reader or case, alpha outside 0-1, or an unknown claim.
    """
    if readers < 1 or cases < 1 or not 0 < alpha < 1:
        raise StatisticsError(
            f"readers and cases must be at least 1 and alpha inside 0 to 1, got {readers}, {cases}, {alpha}"
        )
    shrink = components.cases / cases
    between = max(components.cov2 - components.cov3, 0.0) * shrink
    own = (components.var - components.cov1) * shrink
    square = components.interaction + own - between
    if applies_to == "cases":
        noncentrality = readers * difference**2 / 2 / (own + (readers - 1) * between)
        z, root = critical(1 - alpha), math.sqrt(noncentrality)
        return normal_cdf(root - z) + normal_cdf(-root - z)
    if applies_to not in ("readers and cases", "readers"):
        raise StatisticsError(f'applies_to must be "readers and cases", "cases" or "readers", got {applies_to!r}')
    if readers < MIN_READERS:
        return math.nan
    error = square + readers * between if applies_to == "readers and cases" else square
    df2 = error**2 / (square**2 / (readers - 1))
    from scipy.special import fdtri, ncfdtr

    noncentrality = readers * difference**2 / 2 / error
    return float(1 - ncfdtr(1, df2, noncentrality, fdtri(1, df2, 1 - alpha)))


def reader_study_cases(
    difference: float,
    components: ReaderComponents,
    *,
    readers: int,
    power: float = 0.8,
    applies_to: Applies = "readers and cases",
    alpha: float = 0.05,
) -> ReaderPlan:
    """Least number of cases for a power, given the readers.

    No number of cases is enough where the readers' own differences already hide the effect: the plan says so.

    Args:
        difference: true difference of the modalities' mean figures.
        components: from a pilot or conjectured.
        readers: number of readers.
        power: wanted, 0-1.
        applies_to: to whom the claim should apply.
        alpha: two-sided error, 0-1.

    Raises:
        StatisticsError: outside the ranges.
    """
    if not 0 < power < 1:
        raise StatisticsError(f"power must lie between 0 and 1, got {power}")

    def reached(cases: int) -> float:
        return reader_study_power(
            difference, components, readers=readers, cases=cases, applies_to=applies_to, alpha=alpha
        )

    if math.isnan(reached(1)):
        return ReaderPlan(readers, 0, math.nan, f"readers as a sample need at least {MIN_READERS}")
    if reached(MOST_CASES) < power:
        reason = f"even {MOST_CASES:,} cases give power {reached(MOST_CASES):.3f} only: take more readers"
        return ReaderPlan(readers, 0, math.nan, reason)
    low, high = 0, MOST_CASES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    return ReaderPlan(readers, high, reached(high))
