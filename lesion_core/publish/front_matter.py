"""The front matter of the README: what a Space is told about itself, checked against what the project really is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lesion_core.errors import PublishError

#: What a Space must say, and what it may be: https://huggingface.co/docs/hub/spaces-config-reference
NEEDED = ("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "license")
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
LONGEST_DESCRIPTION = 60


def read_front_matter(readme: Path) -> dict[str, Any]:
    """The front matter of a README, read by the hub's own loader.

    Raises:
        PublishError: there is none, or it is no YAML mapping.
    """
    from huggingface_hub import metadata_load
    from yaml import YAMLError

    try:
        found = metadata_load(readme)
    except (OSError, ValueError, YAMLError) as error:
        raise PublishError(f"{readme.name}: the front matter cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise PublishError(f"{readme.name} has no front matter: it begins with a block between two lines of ---")
    return found


def check_space(folder: Path) -> dict[str, Any]:
    """Check a staged Space's front matter against its files.

    Returns:
        The front matter.

    Raises:
        PublishError: all faults at once.
    """
    found = read_front_matter(folder / "README.md")
    faults = [f"{name} is missing" for name in NEEDED if not found.get(name)]
    if found.get("sdk") != "gradio":
        faults.append(f"sdk is {found.get('sdk')!r}, not 'gradio'")
    pinned = _pinned(folder / "requirements.txt", "gradio")
    if str(found.get("sdk_version")) != pinned:
        faults.append(f"sdk_version is {found.get('sdk_version')!r}, requirements.txt pins gradio {pinned}")
    if not isinstance(found.get("python_version"), str):
        faults.append('python_version must be text: write it in quotes ("3.11"), else YAML makes a number of it')
    if not (folder / str(found.get("app_file"))).is_file():
        faults.append(f"app_file {found.get('app_file')!r} is not staged")
    faults += [
        f"{name} is none of {', '.join(COLOURS)}" for name in ("colorFrom", "colorTo") if found.get(name) not in COLOURS
    ]
    description = str(found.get("short_description", ""))
    if not 0 < len(description) <= LONGEST_DESCRIPTION:
        faults.append(f"short_description has {len(description)} characters, 1 to {LONGEST_DESCRIPTION} are shown")
    if not isinstance(found.get("tags"), list) or not found["tags"]:
        faults.append("tags are missing: nobody finds the Space")
    if faults:
        raise PublishError("the front matter of README.md:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return found


def _pinned(requirements: Path, package: str) -> str:
    text = requirements.read_text(encoding="utf-8") if requirements.is_file() else ""
    found = re.search(rf"^{package}==(\S+)", text, flags=re.MULTILINE)
    return found[1] if found else "nothing"
