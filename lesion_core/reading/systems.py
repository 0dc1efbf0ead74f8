"""The reading systems a study may ask for: categories in their order, and the descriptors of each edition.

A reader's own category is recorded, never one of this software's. The points of ACR TI-RADS are added up for the reader
as the chart does; the level stays the reader's choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from lesion_core.errors import InputError


@dataclass(frozen=True)
class Descriptor:
    """One thing to describe.

    Attributes:
        name: e.g. "Margin".
        options: what may be said of it, in the order of the edition.
        points: of each option in a system that adds points; empty elsewhere.
        several: whether more than one option may hold.
    """

    name: str
    options: tuple[str, ...]
    points: tuple[int, ...] = ()
    several: bool = False


@dataclass(frozen=True)
class ReadingSystem:
    """A scale with its edition.

    Attributes:
        name: the short name that studies use.
        title: name and edition, for people.
        categories: as written in readings, from least to most suspicious.
        meanings: of each category.
        descriptors: what the edition describes a lesion by.
        levels: least sum of points of each category; empty where nothing is added.
    """

    name: str
    title: str
    categories: tuple[str, ...]
    meanings: tuple[str, ...]
    descriptors: tuple[Descriptor, ...] = ()
    levels: tuple[int, ...] = ()

    def rank(self, category: str) -> int:
        """Place of a category on the scale, from 1.

        Raises:
            InputError: it is none of this system.
        """
        if category not in self.categories:
            raise InputError(f"{category!r} is no category of {self.title}: choose {', '.join(self.categories)}")
        return 1 + self.categories.index(category)


_BIRADS_DESCRIPTORS = (
    Descriptor("Shape", ("oval", "round", "irregular")),
    Descriptor("Orientation", ("parallel", "not parallel")),
    Descriptor("Margin", ("circumscribed", "indistinct", "angular", "microlobulated", "spiculated"), several=True),
    Descriptor(
        "Echo pattern",
        ("anechoic", "hyperechoic", "complex cystic and solid", "hypoechoic", "isoechoic", "heterogeneous"),
    ),
    Descriptor("Posterior features", ("none", "enhancement", "shadowing", "combined pattern")),
    Descriptor("Calcifications", ("none", "in a mass", "outside a mass", "intraductal"), several=True),
)
_ACR_DESCRIPTORS = (
    Descriptor(
        "Composition",
        ("cystic", "spongiform", "mixed cystic and solid", "solid or almost completely solid", "undetermined"),
        (0, 0, 1, 2, 2),
    ),
    Descriptor(
        "Echogenicity",
        ("anechoic", "hyperechoic or isoechoic", "hypoechoic", "very hypoechoic", "undetermined"),
        (0, 1, 2, 3, 1),
    ),
    Descriptor("Shape", ("wider than tall", "taller than wide"), (0, 3)),
    Descriptor(
        "Margin",
        ("smooth", "ill-defined", "lobulated or irregular", "extrathyroidal extension", "undetermined"),
        (0, 0, 2, 3, 0),
    ),
    Descriptor(
        "Echogenic foci",
        (
            "none or large comet-tail artefacts",
            "macrocalcifications",
            "peripheral (rim) calcifications",
            "punctate echogenic foci",
        ),
        (0, 1, 2, 3),
        several=True,
    ),
)
_KWAK_DESCRIPTORS = (
    Descriptor(
        "Suspicious features",
        (
            "none",
            "solid component",
            "hypoechogenicity",
            "marked hypoechogenicity",
            "microlobulated or irregular margins",
            "microcalcifications",
            "taller-than-wide shape",
        ),
        several=True,
    ),
)
_EU_DESCRIPTORS = (
    Descriptor("Composition", ("cyst", "spongiform", "mixed", "solid")),
    Descriptor("Echogenicity", ("anechoic", "hyperechoic", "isoechoic", "mildly hypoechoic", "markedly hypoechoic")),
    Descriptor(
        "High-risk features",
        ("none", "non-oval shape", "irregular margins", "microcalcifications", "marked hypoechogenicity"),
        several=True,
    ),
)

#: Every system by its short name.
SYSTEMS: dict[str, ReadingSystem] = {
    each.name: each
    for each in (
        ReadingSystem(
            "five-point",
            "five-point confidence scale",
            ("1", "2", "3", "4", "5"),
            (
                "definitely benign",
                "probably benign",
                "undecided",
                "probably malignant",
                "definitely malignant",
            ),
        ),
        ReadingSystem(
            "bi-rads-us",
            "ACR BI-RADS Ultrasound, 2013",
            ("2", "3", "4a", "4b", "4c", "5"),
            (
                "benign",
                "probably benign",
                "low suspicion",
                "moderate suspicion",
                "high suspicion",
                "highly suggestive of malignancy",
            ),
            _BIRADS_DESCRIPTORS,
        ),
        ReadingSystem(
            "acr-ti-rads",
            "ACR TI-RADS, 2017",
            ("1", "2", "3", "4", "5"),
            ("benign", "not suspicious", "mildly suspicious", "moderately suspicious", "highly suspicious"),
            _ACR_DESCRIPTORS,
            (0, 2, 3, 4, 7),
        ),
        ReadingSystem(
            "eu-ti-rads",
            "EU-TIRADS, 2017",
            ("2", "3", "4", "5"),
            ("benign", "low risk", "intermediate risk", "high risk"),
            _EU_DESCRIPTORS,
        ),
        ReadingSystem(
            "kwak-ti-rads",
            "TI-RADS of Kwak, 2011",
            ("2", "3", "4a", "4b", "4c", "5"),
            (
                "benign",
                "no suspicious feature",
                "one suspicious feature",
                "two suspicious features",
                "three or four suspicious features",
                "five suspicious features",
            ),
            _KWAK_DESCRIPTORS,
        ),
    )
}


def system(name: str) -> ReadingSystem:
    """A system by its short name.

    Raises:
        InputError: there is none of that name.
    """
    try:
        return SYSTEMS[name]
    except KeyError:
        raise InputError(f"no reading system named {name!r}: choose one of {', '.join(SYSTEMS)}") from None


def level_of(points: int, of: ReadingSystem) -> str:
    """The category that a sum of points belongs to in a system that adds them (ACR TI-RADS 2017: 0, 2, 3, 4-6, 7+).

    One point alone, which the chart does not list, is read as the lowest category.
    """
    reached = [category for category, least in zip(of.categories, of.levels, strict=True) if points >= least]
    return reached[-1] if reached else ""
