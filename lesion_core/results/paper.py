"""The paper's tables as data, exactly as printed, with the other figures its text gives.

Zhu, AlZoubi, Jassim, Jiang, Zhang, Wang, Ye, Du: "A generic deep learning framework to classify thyroid and breast
lesions in ultrasound images". Case-level data were not published. What follows from these figures is worked out in
``paper_review``; its "external" test is called "held-out test (paper)" here: it comes from the same hospital.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lesion_core.results.consistency import Printed, PrintedArea, PrintedRates

Organ = Literal["thyroid", "breast"]
Part = Literal["development", "held-out test (paper)"]
Label = Literal["malignant", "benign"]
Reader = Literal["TNet", "R1", "R2", "R3"]

#: Names and counts, in the order of the table.
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Population:
    """A column of Table 1 or 2.

    Attributes:
        organ: thyroid (Table 2) or breast (Table 1).
        part: development ("training" in the paper) or held-out test.
        label: malignant or benign, by histology.
        n: number of lesions; one per patient.
        age: mean age, years.
        age_sd: its SD, years.
        planes: longitudinal, transverse.
        machines: makes of machine.
        categories: TI-RADS or BI-RADS categories, lowest first.
        locations: side of the thyroid; () for the breast.
    """

    organ: Organ
    part: Part
    label: Label
    n: int
    age: float
    age_sd: float
    planes: Counts
    machines: Counts
    categories: Counts
    locations: Counts = ()


@dataclass(frozen=True)
class CrossValidated:
    """A row of Table 3: means and SDs over ten folds, percent; the SD over folds is not a standard error.

    Attributes:
        model: TNet or BNet.
        rates: mean TPR, TNR, ACC.
        sds: their SDs.
        area: mean AUC, 0-1.
    """

    model: str
    rates: PrintedRates
    sds: PrintedRates
    area: Printed


@dataclass(frozen=True)
class TestReading:
    """One row of Tables 4 and 5: a reading of a held-out test set.

    Attributes:
        organ: which test set.
        reader: TNet or a radiologist.
        area: AUC with its interval, Table 4.
        rates: TPR, TNR, ACC in percent, Table 5.
    """

    __test__ = False

    organ: Organ
    reader: Reader
    area: PrintedArea
    rates: PrintedRates


@dataclass(frozen=True)
class AverageReaderRow:
    """The row "AvgR" of Table 4.

    Attributes:
        organ: which test set.
        area: AUC with its interval.
    """

    organ: Organ
    area: PrintedArea


def _columns(
    organ: Organ,
    sizes: tuple[int, ...],
    ages: tuple[tuple[float, float], ...],
    planes: tuple[tuple[str, tuple[int, ...]], ...],
    machines: tuple[tuple[str, tuple[int, ...]], ...],
    categories: tuple[tuple[str, tuple[int, ...]], ...],
    locations: tuple[tuple[str, tuple[int, ...]], ...] = (),
) -> tuple[Population, ...]:
    """The four columns of a table from its rows."""
    parts: tuple[tuple[Part, Label], ...] = (
        ("development", "malignant"),
        ("development", "benign"),
        ("held-out test (paper)", "malignant"),
        ("held-out test (paper)", "benign"),
    )
    return tuple(
        Population(
            organ,
            part,
            label,
            sizes[i],
            *ages[i],
            planes=tuple((name, row[i]) for name, row in planes),
            machines=tuple((name, row[i]) for name, row in machines),
            categories=tuple((name, row[i]) for name, row in categories),
            locations=tuple((name, row[i]) for name, row in locations),
        )
        for i, (part, label) in enumerate(parts)
    )


TABLE_1 = _columns(
    "breast",
    sizes=(299, 373, 52, 52),
    ages=((60.3, 11.7), (55.3, 12.6), (65.7, 15.1), (59.3, 10.8)),
    planes=(("longitudinal", (176, 251, 27, 28)), ("transverse", (123, 122, 25, 24))),
    machines=(
        ("Philips", (138, 206, 19, 32)),
        ("GE", (76, 83, 10, 8)),
        ("Toshiba", (43, 50, 5, 6)),
        ("Siemens", (42, 34, 18, 6)),
    ),
    categories=(
        ("2", (0, 149, 0, 27)),
        ("3", (4, 125, 0, 8)),
        ("4a", (127, 75, 30, 11)),
        ("4b", (65, 23, 5, 6)),
        ("4c", (42, 1, 7, 0)),
        ("5", (61, 0, 10, 0)),
    ),
)

TABLE_2 = _columns(
    "thyroid",
    sizes=(298, 421, 45, 57),
    ages=((58.5, 10.4), (54.2, 8.1), (55.8, 10.9), (53.9, 7.3)),
    planes=(("longitudinal", (211, 314, 31, 40)), ("transverse", (87, 107, 14, 17))),
    machines=(
        ("Philips", (155, 198, 23, 27)),
        ("GE", (58, 107, 8, 11)),
        ("Toshiba", (37, 55, 9, 5)),
        ("Siemens", (48, 61, 5, 14)),
    ),
    categories=(
        ("2", (0, 187, 0, 32)),
        ("3", (11, 136, 0, 11)),
        ("4a", (126, 68, 31, 9)),
        ("4b", (89, 30, 6, 4)),
        ("4c", (35, 0, 3, 1)),
        ("5", (37, 0, 5, 0)),
    ),
    locations=(
        ("right", (150, 198, 29, 27)),
        ("left", (138, 196, 8, 18)),
        ("isthmus", (10, 27, 8, 12)),
    ),
)

TABLE_3 = (
    CrossValidated(
        "TNet", PrintedRates.of("83.9", "88.6", "86.5"), PrintedRates.of("3.9", "4.6", "2.8"), Printed.of("0.863")
    ),
    CrossValidated(
        "BNet", PrintedRates.of("88.2", "89.6", "89.0"), PrintedRates.of("4.2", "4.9", "4.2"), Printed.of("0.888")
    ),
)

_THYROID: tuple[tuple[Reader, tuple[str, str, str], tuple[str, str, str]], ...] = (
    ("TNet", ("0.861", "0.792", "0.929"), ("84.4", "87.7", "86.3")),
    ("R1", ("0.757", "0.658", "0.855"), ("68.9", "82.5", "76.5")),
    ("R2", ("0.854", "0.775", "0.934"), ("86.7", "84.2", "85.3")),
    ("R3", ("0.830", "0.744", "0.916"), ("80.0", "86.0", "83.3")),
)
_BREAST: tuple[tuple[Reader, tuple[str, str, str], tuple[str, str, str]], ...] = (
    ("TNet", ("0.875", "0.804", "0.947"), ("88.5", "84.6", "86.5")),
    ("R1", ("0.756", "0.660", "0.853"), ("65.4", "86.5", "76.0")),
    ("R2", ("0.698", "0.593", "0.802"), ("50.0", "92.3", "71.2")),
    ("R3", ("0.777", "0.682", "0.872"), ("59.6", "98.1", "78.8")),
)

#: Tables 4 and 5 side by side.
READINGS = (
    *(TestReading("thyroid", who, PrintedArea.of(*area), PrintedRates.of(*rates)) for who, area, rates in _THYROID),
    *(TestReading("breast", who, PrintedArea.of(*area), PrintedRates.of(*rates)) for who, area, rates in _BREAST),
)

AVERAGE_READER = (
    AverageReaderRow("thyroid", PrintedArea.of("0.810", "0.720", "0.900")),
    AverageReaderRow("breast", PrintedArea.of("0.750", "0.653", "0.847")),
)

#: p of each radiologist against TNet on the thyroid test (section 3.2); the test is not named.
P_VALUES: tuple[tuple[Reader, Printed], ...] = (
    ("R1", Printed.of("0.0004")),
    ("R2", Printed.of("0.1536")),
    ("R3", Printed.of("0.0424")),
)

#: Section 3.2: other readings by models.
TNET_ON_DEVELOPMENT_BREAST = PrintedRates.of("86.6", "87.1", None)
BNET_ON_THYROID = PrintedRates.of("67.6", "86", "77.5")
BNET_ON_BREAST = PrintedRates.of("88.5", "86.5", "87.5")
#: Discussion: TBNet on 204 test cases.
TBNET = PrintedRates.of("74.4", "88.6", "82.3")
TBNET_CASES = 204
#: Discussion: TNet on breast, and what BNet on thyroid is compared with.
DISCUSSION_TNET_BREAST = PrintedRates.of("88.5", "86.5", "84.6")
DISCUSSION_READERS_MEAN = PrintedRates.of("57.7", "92.3", "75.0")

#: Section 2.1 and 2.2: the cohort as the text has it.
MEAN_AGE_OF_ALL = 66.36
PATIENTS_BEFORE_EXCLUSION, PATIENTS_EXCLUDED = 1611, 14
THYROID_PATIENTS, BREAST_PATIENTS = 821, 776
LONGITUDINAL_BREAST = 248
#: Section 3.1: mean age and SD of the development patients as the text has them (thyroid, breast).
TEXT_AGES = ((55.3, 12.6), (58.4, 16.3))
#: Section 3.2: what the BNet of the breast test was trained on (benign, malignant).
BNET_TRAINED_ON = (321, 247)

#: Section 2.3.3: training.
ITERATIONS, EPOCHS, BATCH, VARIANTS = 9080, 20, 8, 8
#: Discussion: seconds per image, the manual outline not counted.
SECONDS_TNET = 1.15
SECONDS_RADIOLOGIST = (30.0, 40.0)


def population(organ: Organ, part: Part, label: Label) -> Population:
    """One column of Table 1 (breast) or 2 (thyroid)."""
    table = TABLE_1 if organ == "breast" else TABLE_2
    return next(column for column in table if (column.part, column.label) == (part, label))


def sizes(organ: Organ, part: Part = "held-out test (paper)") -> tuple[int, int]:
    """Numbers of malignant and benign lesions of a part."""
    return population(organ, part, "malignant").n, population(organ, part, "benign").n


def reading(organ: Organ, reader: Reader) -> TestReading:
    """One row of Tables 4 and 5."""
    return next(row for row in READINGS if (row.organ, row.reader) == (organ, reader))
