"""ZeroGPU: where the package `spaces` is at hand, the network runs inside `@spaces.GPU`; elsewhere nothing changes.

A ZeroGPU Space lends a GPU for each call. It wants the models on "cuda" when the app starts, and whatever needs the GPU
in a decorated function, which runs in a process of its own: its arguments and its answer travel as pickles. Exceptions
do not: of any but `gr.Error` only the name of its class arrives. So a `LesionError`, whose words say what to do,
travels as an answer and is raised here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from typing import Any, TypeVar, cast

from lesion_core.errors import LesionError

#: What a call may take at most. It is what is reserved: a shorter one waits less and fits into what is left of a
#: visitor's daily minutes; a batch of eight variants takes well under a second.
SECONDS = 10

F = TypeVar("F", bound=Callable[..., Any])


def is_zero_gpu() -> bool:
    """Whether this is a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true") and find_spec("spaces") is not None


def on_gpu(function: F) -> F:
    """Let a function run where the GPU is."""
    if not is_zero_gpu():
        return function
    import spaces

    @spaces.GPU(duration=SECONDS)
    @wraps(function)
    def there(*args: Any) -> Any:
        try:
            return function(*args), None
        except LesionError as error:
            return None, error

    @wraps(function)
    def here(*args: Any) -> Any:
        answer, error = there(*args)
        if error is not None:
            raise error
        return answer

    return cast(F, here)
