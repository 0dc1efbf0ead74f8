"""One prediction as JSON: what the command line prints, the page offers for download and the API returns."""

from __future__ import annotations

import json
from typing import Any

import lesion_core
from lesion_core.notice import NOTICE
from lesion_core.records import LoadedImage, Prediction

FORMAT = 1


def answer_record(
    prediction: Prediction, image: LoadedImage, *, drawing_seconds: float | None = None
) -> dict[str, Any]:
    """Everything that is needed to repeat a prediction, ready for `json.dumps`.

    Args:
        prediction: what the model answered.
        image: the upload it answered for.
        drawing_seconds: how long the outlining took, where it was measured.

    Returns:
        Coordinates in image pixels (origin top left, first pixel's centre at 0.5, 0.5), angles in degrees, scores 0-1.
    """
    rectangle = prediction.rectangle
    return {
        "format": FORMAT,
        "score": round(prediction.score, 6),
        "threshold": prediction.threshold,
        "call": prediction.call,
        "sentence": prediction.sentence,
        "parts": {
            "network_score": None if prediction.network_score is None else round(prediction.network_score, 6),
            "outline": {
                name: {"value": round(value, 4), "average": round(average, 4), "added_log_odds": round(added, 4)}
                for name, value, average, added in prediction.outline
            },
        },
        "target": prediction.target,
        "model": prediction.model,
        "version": prediction.version,
        "image": {
            "sha256": image.sha256,
            "format": image.format,
            "height": image.size[0],
            "width": image.size[1],
            "frame": image.frame,
            "frames": image.frames,
            "notes": list(image.notes),
        },
        "border": {"points": _rounded(prediction.border.points), "notes": list(prediction.border.notes)},
        "rectangle": {
            "corners": _rounded(rectangle.corners),
            "angle_deg": round(rectangle.angle_deg, 2),
            "width_px": round(rectangle.width_px, 2),
            "height_px": round(rectangle.height_px, 2),
        },
        "roi": {
            "rule": prediction.roi.rule,
            "margin": prediction.roi.margin,
            "corners": _rounded(prediction.roi.corners),
        },
        "seconds": round(prediction.seconds, 4),
        "drawing_seconds": None if drawing_seconds is None else round(drawing_seconds, 1),
        "device": prediction.device,
        "software": f"lesion_core {lesion_core.__version__}",
        "notice": NOTICE,
    }


def answer_json(prediction: Prediction, image: LoadedImage, *, drawing_seconds: float | None = None) -> str:
    """`answer_record` as indented JSON text."""
    return json.dumps(answer_record(prediction, image, drawing_seconds=drawing_seconds), indent=2, ensure_ascii=False)


def _rounded(points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [[round(x, 2), round(y, 2)] for x, y in points]
