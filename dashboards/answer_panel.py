"""The answer as HTML: numbers in, markup out. Every text is escaped."""

from __future__ import annotations

import base64
import html
import math

from lesion_core.model.answer import answer_json
from lesion_core.model.wording import told_apart
from lesion_core.notice import NOTICE
from lesion_core.records import LoadedImage, Prediction

WAITING = "Upload an image or choose an example, then outline the lesion: the answer appears here."


def text(value: str) -> str:
    """Escape for HTML and for Gradio's templates, which would evaluate ``${...}`` and ``{{...}}``."""
    escaped = html.escape(value, quote=True)
    return escaped.replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def waiting(message: str = WAITING) -> str:
    """What stands there before there is an answer."""
    return f'<div class="answer"><p class="note">{text(message)}</p>{_notice()}</div>'


def failed(message: str) -> str:
    """A user's mistake, said where the answer would stand."""
    return f'<div class="answer"><p class="note error" role="alert">{text(message)}</p>{_notice()}</div>'


def answered(prediction: Prediction, image: LoadedImage, *, drawing_seconds: float) -> str:
    """A prediction: the sentence, the score on its scale, what was done, and the download."""
    score, threshold = told_apart(prediction.score, prediction.threshold)
    parts = (
        f'<div class="headline"><strong>{score}</strong> {prediction.call} the threshold {threshold}</div>',
        _scale(prediction),
        f'<p class="sentence">{text(prediction.sentence)}</p>',
        _notes(prediction, image),
        _parts(prediction),
        _details(prediction, image, drawing_seconds),
        _download(prediction, image, drawing_seconds),
        _notice(),
    )
    return f'<div class="answer" role="status">{"".join(parts)}</div>'


def _scale(prediction: Prediction) -> str:
    score, threshold = 100 * prediction.score, 100 * prediction.threshold
    over = min(max(threshold, 12), 88)
    label = f"score {prediction.score:.2f} on a scale from 0 to 1, threshold {prediction.threshold:.2f}"
    return (
        f'<div class="scale" role="img" aria-label="{text(label)}">'
        f'<div class="bar" style="width:{score:.1f}%"></div>'
        f'<div class="mark" style="left:{threshold:.1f}%"></div>'
        f'<span class="over" style="left:{over:.1f}%">threshold {prediction.threshold:.2f}</span>'
        '<span class="end" style="left:0">0</span><span class="end" style="right:0">1</span></div>'
    )


def _notes(prediction: Prediction, image: LoadedImage) -> str:
    notes = [*image.notes, *prediction.border.notes]
    if image.format == "synthetic phantom":
        notes.insert(0, "This is a synthetic phantom, no patient: its score says nothing about the model.")
    return "".join(f'<p class="note">{text(note)}</p>' for note in notes)


def _parts(prediction: Prediction) -> str:
    """What the image and what the outline contribute, where a model takes both into account."""
    if not prediction.outline or prediction.network_score is None:
        return ""
    rows = ""
    for name, value, average, added in prediction.outline:
        cells = "".join(f"<td>{text(cell)}</td>" for cell in (f"{value:.2f}", f"{average:.2f}", _added(added)))
        rows += f'<tr><th scope="row">{text(name)}</th>{cells}</tr>'
    return (
        f'<details class="parts"><summary>From the image alone {prediction.network_score:.2f}; '
        f"with the outline {prediction.score:.2f}</summary>"
        "<table><thead><tr><th>Outline</th><th>here</th><th>average</th><th>odds</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        '<p class="note">Irregularity: how much longer the border is than an ellipse of its size and proportions '
        "(logarithm). Parallelism: above 0 wider than tall, below 0 taller than wide. Odds: against a lesion with an "
        "average outline.</p></details>"
    )


def _added(log_odds: float) -> str:
    """A factor of the odds in words: times 2.3, divided by 1.8."""
    factor = math.exp(min(abs(log_odds), 20))
    return f"{'×' if log_odds >= 0 else '÷'} {factor:.1f}"


def _details(prediction: Prediction, image: LoadedImage, drawing_seconds: float) -> str:
    rectangle, roi = prediction.rectangle, prediction.roi
    fed = {
        "upright": f"box in image axes, {100 * roi.margin:.0f} % margin, proportions kept by padding",
        "min-area": f"minimum-area rectangle, {100 * roi.margin:.0f} % margin, turned upright",
    }[roi.rule]
    drawing = f"{drawing_seconds:.1f} s" if drawing_seconds > 0 else "not measured"
    frame = f", frame {image.frame + 1} of {image.frames}" if image.frames > 1 else ""
    rows = [
        ("Label means", prediction.target),
        (
            "Minimum-area rectangle",
            f"{rectangle.width_px:.0f} × {rectangle.height_px:.0f} px, turned {rectangle.angle_deg:.1f}°",
        ),
        ("Fed to the network", f"{fed}, 224 × 224 px"),
        ("Time to draw", drawing),
        ("Time of the model", f"{prediction.seconds:.2f} s on {prediction.device}"),
        ("Image", f"{image.format}, {image.size[1]} × {image.size[0]} px{frame}"),
        ("Model", f"{prediction.model}, version {prediction.version}"),
    ]
    return "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in rows) + "</dl>"


def _download(prediction: Prediction, image: LoadedImage, drawing_seconds: float) -> str:
    """A link that holds the file itself: nothing is left on the server."""
    content = answer_json(prediction, image, drawing_seconds=drawing_seconds or None)
    encoded = base64.b64encode(content.encode()).decode("ascii")
    name = f"lesion-{prediction.model}-{image.sha256[:8]}.json"
    return (
        f'<a class="download" download="{text(name)}" href="data:application/json;base64,{encoded}">'
        "Download the answer (JSON)</a>"
    )


def _notice() -> str:
    return f'<p class="notice">{text(NOTICE)}</p>'
