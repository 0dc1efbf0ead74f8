"""What the browser sends of a drawing, checked: types, sizes, finite numbers; the geometry is `lesion_core`'s.

Points are (x, y) in pixels of the full-resolution image, origin at the top left corner, pixel centres at + 0.5; sizes
are (height, width).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, ValidationError, model_validator

from lesion_core.errors import BorderError
from lesion_core.records import Point

MAX_POINTS = 5_000
MAX_SIDE = 100_000


@dataclass(frozen=True)
class DrawnBorder:
    """What the user has drawn, checked for type and size but not for geometry.

    Attributes:
        points: (x, y) in pixels of the full-resolution image, inside it; empty when there is no border.
        closed: whether the border is finished; only then is there something to classify.
        size: (height, width) of the image it was drawn on, (0, 0) without one.
        drawing_seconds: from the first press or key of the border to its closing, as the browser measured it.
        revision: counts the changes of the border; an answer names the revision it belongs to.
        image_id: names the image that was shown by `BorderCanvas.show`.
    """

    points: tuple[Point, ...] = ()
    closed: bool = False
    size: tuple[int, int] = (0, 0)
    drawing_seconds: float = 0.0
    revision: int = 0
    image_id: str = ""


def read_drawing(payload: Any) -> DrawnBorder:
    """Check the JSON of a drawing; it comes from a browser and is untrusted.

    Args:
        payload: an object with the attributes of `DrawnBorder`; `points`, `closed` and `size` are needed.

    Raises:
        BorderError: anything that is not a border of at most `MAX_POINTS` points inside its image. The message never
            repeats text that was sent.
    """
    try:
        return _Payload.model_validate(payload).drawn()
    except ValidationError as error:
        raise BorderError(f"the border could not be read ({_first(error)}): draw it again") from None


def drawing_schema() -> dict[str, Any]:
    """JSON schema of what `read_drawing` takes."""
    return _Payload.model_json_schema()


_Coordinate = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=MAX_SIDE)]
_Side = Annotated[int, Field(strict=True, ge=0, le=MAX_SIDE)]


class _Payload(BaseModel):
    """The value as JSON; the attributes are those of `DrawnBorder`."""

    points: Annotated[list[tuple[_Coordinate, _Coordinate]], Field(max_length=MAX_POINTS)]
    closed: StrictBool
    size: tuple[_Side, _Side]
    drawing_seconds: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)] = 0.0
    revision: Annotated[int, Field(strict=True, ge=0)] = 0
    image_id: Annotated[str, Field(strict=True, max_length=64)] = ""

    @model_validator(mode="after")
    def _border_in_image(self) -> _Payload:
        if self.closed and len(self.points) < 3:
            raise ValueError(f"a closed border needs at least 3 points, got {len(self.points)}")
        height, width = self.size
        for number, (x, y) in enumerate(self.points, start=1):
            if x > width or y > height:
                raise ValueError(f"point {number} at ({x:g}, {y:g}) lies outside the image of {width} x {height} px")
        return self

    def drawn(self) -> DrawnBorder:
        return DrawnBorder(
            tuple(self.points), self.closed, self.size, self.drawing_seconds, self.revision, self.image_id
        )


def _first(error: ValidationError) -> str:
    """Say the first fault in words: where, and what was expected; never what was sent."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = " ".join(str(part + 1 if isinstance(part, int) else part) for part in fault["loc"])
    what = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
