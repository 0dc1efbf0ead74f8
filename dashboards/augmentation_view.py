"""The Augmentation tab's markup: numbers and pictures in, HTML out. Every text is escaped."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dashboards.answer_panel import text
from lesion_core.augment.export import VariantScores
from lesion_core.augment.quality import Quality
from lesion_core.augment.svd import Decomposition
from lesion_core.augment.variants import VARIANT_NAMES, VARIANT_TITLES, Variants
from lesion_core.notice import NOTICE
from lesion_core.stats.estimate import signed

EXPLANATION = r"""
An ultrasound RoI is a matrix of grey levels $M$ for each colour channel. It can be written as a sum of simple pictures,
each one column pattern $u_i$ times one row pattern $v_i$, weighted by a **singular value** $\sigma_i$, largest first:

$$M = U S V^T = \sum_{i} \sigma_i\, u_i v_i^T$$

Keep the $k$ largest and set the others to zero:

$$M_k = \sum_{i=1}^{k} \sigma_i\, u_i v_i^T$$

No other picture of rank $k$ is closer to the original (Eckart and Young 1936), and the distance is what was dropped:

$$\lVert M - M_k \rVert_F = \sqrt{\sigma_{k+1}^2 + \sigma_{k+2}^2 + \dots}$$

The paper keeps 45, 35 and 25 % of the **number** of values: 101, 78 and 56 of 224.

- The first value is close to the mean brightness and holds most of the **energy** (the sum of squares $\sigma_i^2$);
  the dotted line leaves it out. That is why the values are counted, not weighed.
- The fine grain of the **speckle** lives in the small values, so it goes first and the form stays. How many values it
  takes depends on how fine the grain is; the difference image shows what went.
- It is **no compression** here: $k$ values need $k\,(224 + 224 + 1)$ numbers, more than the picture itself has
  from $k = 112$ on.
- The RoI is **resized first**. A small lesion enlarged to 224 pixels has few values that matter (a step down in the
  curve tells), and then even 25 % are nearly a copy: on 100 real RoIs of BUS-BRA the median difference was 0.4 grey
  levels at 25 %, 0.01 at 45 %.
- **Turns** are the paper's too. But the beam is vertical: shadows, enhancement and "taller than wide" change their
  meaning when the picture is turned, and a network may well answer differently.

Why train on them? The network meets each lesion eight times, and is to learn that neither grain nor direction decides.
"""

TILES_CSS = """
.tiles { display: grid; grid-template-columns: repeat(8, 1fr); gap: .7rem; margin: .2rem 0 .6rem; }
@media (max-width: 1100px) { .tiles { grid-template-columns: repeat(4, 1fr); } }
@media (max-width: 560px) { .tiles { grid-template-columns: repeat(2, 1fr); } }
.tiles figure { margin: 0; border: 1px solid var(--border-color-primary); border-radius: .5rem; overflow: hidden;
  background: var(--background-fill-secondary); }
.tiles figure.changed { border-color: #d97706; box-shadow: inset 0 0 0 1px #d97706; }
.tiles img { display: block; width: 100%; aspect-ratio: 1; background: #000; }
.tiles figcaption { padding: .4rem .5rem .5rem; font-size: var(--text-sm); line-height: 1.35; }
.tiles code { font-size: var(--text-xs); color: var(--body-text-color-subdued); background: none; padding: 0;
  border: 0; }
.tiles .score { display: flex; justify-content: space-between; gap: .3rem; font-variant-numeric: tabular-nums; }
.tiles .bar { position: relative; height: .4rem; margin: .3rem 0; border-radius: .2rem;
  background: var(--border-color-primary); }
.tiles .bar i { position: absolute; inset: 0 auto 0 0; border-radius: .2rem; background: var(--color-accent); }
.tiles .bar b { position: absolute; top: -.15rem; bottom: -.15rem; border-left: 2px solid var(--body-text-color); }
.tiles .call { font-size: var(--text-xs); } .tiles .changed .call { font-weight: 600; }
p.note { margin: .2rem 0; font-size: var(--text-sm); border-left: 3px solid var(--color-accent); padding-left: .6rem; }
p.notice { margin: .3rem 0 0; font-size: var(--text-sm); color: var(--body-text-color-subdued); }
"""

READOUT_CSS = """
figure { margin: 0 0 .8rem; } figure img { display: block; width: 100%; max-height: 420px; object-fit: contain;
  border-radius: var(--block-radius); }
figcaption { font-size: var(--text-sm); margin-top: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem .9rem; margin: 0;
  font-variant-numeric: tabular-nums; }
dt { color: var(--body-text-color-subdued); } dd { margin: 0; overflow-wrap: anywhere; }
p { margin: .4rem 0 0; font-size: var(--text-sm); }
"""


def waiting(message: str) -> str:
    """What stands there before there is an RoI, or why there is none."""
    return f'<p class="note" role="status">{text(message)}</p>{_notice()}'


def tiles(variants: Variants, *, notes: tuple[str, ...], answers: VariantScores | None = None) -> str:
    """The eight variants with their names and, where there is one, the network's answer.

    Args:
        variants: the pictures.
        notes: sentences to say first.
        answers: of the chosen model.
    """
    changed = answers.changed if answers else ()
    parts = []
    for index, (name, image) in enumerate(variants.items()):
        mark = ' class="changed"' if name in changed else ""
        parts.append(
            f'<figure{mark} data-variant="{name}"><img alt="{text(VARIANT_TITLES[name])}" src="{_data_url(image)}">'
            f"<figcaption>{text(VARIANT_TITLES[name])}<br><code>{name}</code>"
            f"{_score(answers, index) if answers else ''}</figcaption></figure>"
        )
    said = [*notes, *([_summary(answers)] if answers else [])]
    return f'<div class="tiles">{"".join(parts)}</div>{_notes(said)}{_notice()}'


def readout(
    decomposition: Decomposition, rank: int, quality: Quality, difference: NDArray[np.uint8], gain: float
) -> str:
    """The difference image and the numbers at a rank.

    Args:
        decomposition: of the RoI.
        rank: how many singular values are kept.
        quality: of the reconstruction.
        difference: (height, width, 3) uint8, from `difference_image`.
        gain: of that image.
    """
    full = decomposition.full_rank
    numbers, whole = decomposition.numbers(rank), decomposition.numbers_of_image
    psnr = "infinite (equal images)" if np.isinf(quality.psnr_db) else f"{quality.psnr_db:.2f} dB"
    rows = [
        ("Rank", f"{rank} of {full} ({100 * rank / full:.1f} % of the singular values)"),
        ("Energy kept", f"{100 * decomposition.energy_share()[rank - 1]:.3f} %"),
        ("PSNR", psnr),
        ("SSIM", "undefined" if quality.ssim is None else f"{quality.ssim:.4f}"),
        ("Difference", f"{quality.rms:.2f} grey levels (root mean square), at most {quality.largest}"),
        ("‖M − Mₖ‖", f"{decomposition.dropped_norm(rank):.1f}, the root sum of squares of the dropped values"),
        ("Storage", f"{numbers:,} numbers for the image's {whole:,} ({100 * numbers / whole:.0f} %)"),
    ]
    caption = f"Difference × {gain:g}: what the reconstruction lost, middle grey where nothing"
    return (
        f'<figure><img alt="Difference image" src="{_data_url(difference)}">'
        f"<figcaption>{text(caption)}</figcaption></figure>"
        f"<dl>{''.join(f'<dt>{text(name)}</dt><dd>{text(value)}</dd>' for name, value in rows)}</dl>"
    )


def rank_answer(score: float, answers: VariantScores, rank: int) -> str:
    """What the network answers for the reconstruction, beside the original."""
    call = "above" if score >= answers.threshold else "below"
    changed = (call == "above") != answers.above(0)
    consequence = "the call changes" if changed else "the call stays"
    said = (
        f"{answers.model} at rank {rank}: score {score:.3f}, {call} the threshold {answers.threshold:.2f}; "
        f"original {answers.scores[0]:.3f} ({signed(score - answers.scores[0])}): {consequence}."
    )
    return f'<p role="status">{text(said)}</p>'


def _score(answers: VariantScores, index: int) -> str:
    score = answers.scores[index]
    change = "" if index == 0 else signed(score - answers.scores[0], 2)
    call = "above the threshold" if answers.above(index) else "below the threshold"
    return (
        f'<div class="score"><span>score {score:.2f}</span><span>{change}</span></div>'
        f'<div class="bar" aria-hidden="true"><i style="width:{100 * score:.1f}%"></i>'
        f'<b style="left:{100 * answers.threshold:.1f}%"></b></div><div class="call">{call}</div>'
    )


def _summary(answers: VariantScores) -> str:
    scores = answers.scores
    spread = f"scores from {min(scores):.2f} to {max(scores):.2f}, threshold {answers.threshold:.2f}"
    if not answers.changed:
        return f"{answers.model} {answers.version} ({answers.target}): {spread}; no variant changes the call."
    names = ", ".join(VARIANT_TITLES[name] for name in VARIANT_NAMES if name in answers.changed)
    return f"{answers.model} {answers.version} ({answers.target}): {spread}; the call changes for: {names}."


def _notes(notes: list[str]) -> str:
    return "".join(f'<p class="note">{text(note)}</p>' for note in notes)


def _notice() -> str:
    return f'<p class="notice">{text(NOTICE)} A score below the threshold does not exclude cancer.</p>'


def _data_url(image: NDArray[np.uint8]) -> str:
    """An image inside the page: nothing is left on the server. The ZIP holds it without loss."""
    picture = Image.fromarray(np.ascontiguousarray(image[..., 0] if (image == image[..., :1]).all() else image))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=92, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode("ascii")
