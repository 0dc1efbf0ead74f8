"""From a trained model to the one that is bundled: compact, and measured against the one it was made from."""

from __future__ import annotations

import copy
import itertools
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lesion_core.cases.splits import units
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec, network_input
from lesion_core.model.card import Card
from lesion_core.model.checkpoint import Storage, as_stored
from lesion_core.model.compression import Compression, ScoreChange
from lesion_core.model.vgg import TRUNK_SHAPE, LowRankLinear, malignant_score
from lesion_core.stats.paired import delong_test
from lesion_core.stats.roc import auc
from lesion_core.training.compact import FC6, FC7, compact_classifier
from lesion_core.training.features import trunk_features
from lesion_core.training.precision import all_digits
from lesion_core.training.terms import in_words

Progress = Callable[[str, int, int], None]
#: One of so many patients is kept from the fit of the factors, to see what they do to images they were not fitted to.
HELD_BACK = 5
HELD_WORDS = "images of patients that the factors were not fitted to"
BATCH = 8
TRAINED_ON = "the model was trained on these images: the areas flatter, only their difference counts"
IN_WORDS: dict[Storage, str] = {
    "float32": "all weights in single precision",
    "half": "weights of at most 256 values in 8 bits (index and table, without loss), others in half precision",
    "int8": "convolutions in 8 bits (without loss where they have at most 256 values, otherwise whole numbers and a "
    "scale for every 72), classifier in half precision",
    "int8-all": "all weights in 8 bits (without loss where they have at most 256 values, otherwise whole numbers and a "
    "scale for every 72)",
}


@dataclass(frozen=True)
class Seen:
    """What a network makes of n RoIs.

    Attributes:
        inputs: (n, 25088) float32 of fc6, on the CPU.
        scores: (n,) float64, 0-1.
    """

    inputs: Tensor
    scores: NDArray[np.float64]


def compress(
    network: nn.Module,
    table: CaseTable,
    rois: NDArray[np.uint8],
    spec: InputSpec,
    *,
    ranks: tuple[int, int],
    storage: Storage = "int8",
    parent_sha256: str = "",
    threshold: float | None = None,
    cache: Path | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Compression:
    """Make a network compact in place, and measure what storing it so changes.

    Args:
        network: a trained one in float32; on its device. Its fc6 and fc7 are replaced; saved with `storage` it is the
            model that was measured.
        table: n cases, those it was trained on.
        rois: (n, 224, 224, 3) uint8 of them.
        spec: how they were made.
        ranks: of fc6 and fc7.
        storage: of the weights.
        parent_sha256: of the parent's file.
        threshold: the parent's, to count calls that change.
        cache: folder of kept features: what a trunk was run over in training is not run again. Both networks then get
            what was kept, in half precision.
        progress: called with (what, done, all).

    Raises:
        InputError: fewer images than a rank needs.
    """
    parent = look(network, rois, spec, lambda done, total: progress("parent", done, total), cache)
    fitted = _to_be_fitted(network, ranks)
    held = _held_back(table) if fitted else np.zeros(len(table), dtype=bool)
    classifier = network.get_submodule("classifier").cpu()
    assert isinstance(classifier, nn.Sequential)
    device = next(network.get_submodule("features").parameters()).device
    made, kept = compact_classifier(classifier, parent.inputs[torch.from_numpy(~held)], ranks)
    network.classifier = made.to(device)
    stored = copy.deepcopy(network)
    stored.load_state_dict(as_stored(network, storage=storage))
    scores = _scores_of_stored(stored, network, parent, rois, spec, progress)
    parts = {HELD_WORDS: held, "all images": np.ones(len(table), dtype=bool)}
    changes = tuple(
        score_change(table, parent.scores, scores, which, name, threshold=threshold)
        for name, which in parts.items()
        if which.any()
    )
    return Compression(
        parent_sha256, _method(fitted, kept, ranks, storage), int((~held).sum()) if fitted else 0, changes
    )


def training_cases(card: Card, paths: Sequence[Path]) -> tuple[tuple[CaseTable, ...], CaseTable]:
    """The cases that a model was trained on.

    Args:
        card: of the model.
        paths: their tables; none takes those that the card's `train` command names.

    Returns:
        The development cases of each table, and all of them as one table, for labels and patients only.

    Raises:
        InputError: no tables, or other cases than the card counts.
    """
    named = tuple(paths) or _named_in(card.commands)
    if not named:
        raise InputError("the card does not say which cases.csv the model was trained on: give it with --cases")
    everything = [read_cases(path) for path in named]
    tables = tuple(
        replace(table, cases=tuple(case for case in table.cases if case.split != "external")) for table in everything
    )
    joined = CaseTable(tuple(case for table in tables for case in table.cases), tables[0].folder)
    found = (len(joined), int(joined.labels.sum()))
    counted = (sum(data.images for data in card.training), sum(data.malignant for data in card.training))
    if found != counted:
        raise InputError(
            f"{', '.join(map(str, named))} hold {found[0]} cases, {found[1]} of label 1; the model was trained on "
            f"{counted[0]} and {counted[1]}: give its own cases with --cases"
        )
    return tables, joined


def exported_card(card: Card, network: nn.Module, found: Compression, storage: Storage, command: str) -> Card:
    """The parent's card as the small model's, without its weights' checksum and without external figures.

    Those were scored with the parent's weights. The out-of-fold ones are of the folds' networks either way.
    """
    ranks = ranks_of(network)
    smaller = card.architecture.ranks != ranks
    trained = f"{card.architecture.trained}; afterwards fc6 and fc7 were replaced by low-rank factors"
    architecture = replace(
        card.architecture,
        ranks=ranks,
        trained=trained if smaller else card.architecture.trained,
        storage=IN_WORDS[storage],
    )
    metrics = tuple(metric for metric in card.metrics if metric.protocol != "external")
    return replace(
        card, architecture=architecture, compression=found, commands=(*card.commands, command), metrics=metrics
    )


def ranks_of(network: nn.Module) -> tuple[int, int]:
    """Ranks of a compact network's fc6 and fc7."""
    classifier = network.get_submodule("classifier")
    assert isinstance(classifier, nn.Sequential)
    first, second = (classifier[place][0].out_features for place in (FC6, FC7))  # type: ignore[index]  # low rank
    return int(first), int(second)


def look(
    network: nn.Module,
    rois: NDArray[np.uint8],
    spec: InputSpec,
    progress: Callable[[int, int], None] | None = None,
    cache: Path | None = None,
) -> Seen:
    """Send RoIs through a network in float32, keeping what fc6 gets; the trunk's output may come from a cache."""
    trunk, pool = network.eval().get_submodule("features"), network.get_submodule("avgpool")
    classifier = network.get_submodule("classifier")
    device = next(trunk.parameters()).device
    kept = None if cache is None else trunk_features(list(rois), network, spec=spec, cache=cache, progress=progress)
    inputs, logits = [], []
    with torch.inference_mode(), all_digits():
        for start in range(0, len(rois), BATCH):
            if kept is None:
                images = torch.from_numpy(network_input(rois[start : start + BATCH], spec)).to(device)
                maps = trunk(images.contiguous(memory_format=torch.channels_last))
            else:
                maps = torch.from_numpy(kept[start : start + BATCH]).to(device).float().unflatten(1, TRUNK_SHAPE)
            flat = pool(maps).flatten(1)
            logits.append(classifier(flat).float().cpu())
            inputs.append(flat.float().cpu())
            if progress is not None and kept is None:
                progress(min(start + BATCH, len(rois)), len(rois))
    return Seen(torch.cat(inputs), malignant_score(torch.cat(logits)).numpy())


def score_change(
    table: CaseTable,
    parent: NDArray[np.float64],
    scores: NDArray[np.float64],
    which: NDArray[np.bool_],
    name: str,
    *,
    threshold: float | None,
) -> ScoreChange:
    """Compare two scores of some of the cases.

    Args:
        table: n cases.
        parent: (n,) 0-1.
        scores: (n,) 0-1, of the smaller model.
        which: (n,) the cases that are compared.
        name: of them, in words.
        threshold: to count calls that change.
    """
    before, after, labels = parent[which], scores[which], table.labels[which]
    difference = np.abs(after - before)
    found = delong_test(labels, after, before, groups=units(table.cases)[which])
    return ScoreChange(
        cases=f"{in_words(case.dataset for case in table.cases)}, {name}",
        n=int(which.sum()),
        n_malignant=int(labels.sum()),
        largest=float(difference.max()),
        mean=float(difference.mean()),
        calls=None if threshold is None else int(((after >= threshold) != (before >= threshold)).sum()),
        auc_parent=_defined(auc(labels, before)),
        auc=_defined(auc(labels, after)),
        difference=_defined(found.value),
        low=_defined(found.low),
        high=_defined(found.high),
        level=found.level,
        method=found.method,
        note="; ".join(filter(None, (found.reason, TRAINED_ON))),
    )


def _named_in(commands: Sequence[str]) -> tuple[Path, ...]:
    """The tables in the `train` command of a card: what stands between it and the first option."""
    for command in commands:
        words = shlex.split(command)
        if "train" in words:
            given = words[words.index("train") + 1 :]
            return tuple(Path(word) for word in itertools.takewhile(lambda word: not word.startswith("-"), given))
    return ()


def _to_be_fitted(network: nn.Module, ranks: tuple[int, int]) -> bool:
    """Whether fc6 or fc7 has a higher rank than wanted."""
    classifier = network.get_submodule("classifier")
    assert isinstance(classifier, nn.Sequential)
    return any(
        not isinstance(layer, LowRankLinear) or layer[0].out_features > rank  # type: ignore[operator]  # an nn.Linear
        for layer, rank in zip((classifier[FC6], classifier[FC7]), ranks, strict=True)
    )


def _held_back(table: CaseTable) -> NDArray[np.bool_]:
    """(n,) bool: one of `HELD_BACK` patients or duplicate groups, drawn with a fixed seed."""
    unit = units(table.cases)
    count = int(unit.max()) + 1
    chosen = np.random.default_rng(0).permutation(count)[: count // HELD_BACK]
    return np.isin(unit, chosen)


def _scores_of_stored(
    stored: nn.Module, network: nn.Module, parent: Seen, rois: NDArray[np.uint8], spec: InputSpec, progress: Progress
) -> NDArray[np.float64]:
    """Scores of the model as it comes back from disk; the trunk is run anew only where storing changed it."""
    before, after = network.get_submodule("features").state_dict(), stored.get_submodule("features").state_dict()
    if all(torch.equal(tensor, after[name]) for name, tensor in before.items()):
        classifier = stored.get_submodule("classifier").cpu()
        with torch.inference_mode():  # in the same batches: another size may round otherwise
            logits = torch.cat([classifier(batch) for batch in parent.inputs.split(BATCH)])
            scores: NDArray[np.float64] = malignant_score(logits).numpy()
        return scores
    return look(stored, rois, spec, lambda done, total: progress("compact", done, total)).scores


def _method(fitted: bool, kept: tuple[float, float], ranks: tuple[int, int], storage: Storage) -> str:
    if not fitted:
        return IN_WORDS[storage]
    return (
        f"fc6 and fc7 as factors of rank {ranks[0]} and {ranks[1]} by reduced-rank regression on the activations of "
        f"training images (Izenman 1975), which keep {100 * kept[0]:.2f} and {100 * kept[1]:.2f} % of their variance; "
        + IN_WORDS[storage]
    )


def _defined(value: float) -> float | None:
    return None if value != value else value
