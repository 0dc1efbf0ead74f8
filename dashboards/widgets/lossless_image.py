"""One image for display, kept as a lossless PNG that nobody is sent half of."""

from __future__ import annotations

import gradio as gr
import numpy as np
from gradio.data_classes import ImageData
from numpy.typing import NDArray

from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.comparison import png


class LosslessImage(gr.Image):
    """`gr.Image` for display; its value is an image.

    The parent's constructor stays as it is: Gradio tells the page only of the parameters that the constructor names.
    """

    def get_block_name(self) -> str:
        """The page shows it with Gradio's own component."""
        return "image"

    def postprocess(self, value: NDArray[np.uint8] | None) -> ImageData | None:  # type: ignore[override]
        """Encode the image.

        Args:
            value: (height, width, 3) uint8, RGB, 0-255.
        """
        return None if value is None else ImageData(path=cached_file(png(value), "image.png", self.GRADIO_CACHE))
