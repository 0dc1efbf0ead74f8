"""Imports go one way: app -> dashboards -> lesion_core, torch only where it is needed. Each case in its own process."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIGHT = ("imaging", "augment", "cases", "results", "stats", "reading")
HEAVY_FILES = {f"lesion_core.augment.{name}" for name in ("batched", "random", "random_batch")}
#: Inside lesion_core: package -> what it may import of its siblings.
ALLOWED = {
    "imaging": {"imaging"},
    "augment": {"augment", "imaging"},
    "cases": {"cases", "imaging"},
    "stats": {"stats"},
    "results": {"results", "stats", "cases"},
    "reading": {"reading", "imaging", "cases", "results", "stats"},
    "model": {"model", "imaging", "augment", "cases", "results", "stats"},
    "publish": {"publish", "model", "imaging", "augment", "cases", "results", "stats"},
    "training": {"training", "model", "imaging", "augment", "cases", "results", "stats"},
}
SHARED = {"errors", "records", "notice", "__version__"}


def modules(*folders):
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def loaded_after(*names):
    script = f"import {', '.join(names)}\nimport sys\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_package_alone_loads_nothing_heavy():
    assert not loaded_after("lesion_core") & {"torch", "numpy", "gradio", "plotly", "pandas", "scipy", "shapely", "PIL"}


def test_the_light_half_leaves_torch_out():
    light = [name for name in modules(*(f"lesion_core/{part}" for part in LIGHT)) if name not in HEAVY_FILES]
    assert len(light) > 10
    loaded = loaded_after(*light)
    assert not loaded & {"torch", "torchvision", "gradio", "plotly"}


def test_the_core_leaves_gradio_and_the_dashboards_out():
    core = [name for name in modules("lesion_core") if not name.endswith("__main__")]
    loaded = loaded_after(*core)
    assert "torch" in loaded
    assert not loaded & {"gradio", "plotly", "dashboards", "app"}


def test_the_dashboards_and_the_app_leave_torch_out():
    loaded = loaded_after("app", *modules("dashboards"))
    assert "gradio" in loaded
    assert not loaded & {"torch", "torchvision"}


def test_models_are_listed_without_torch():
    assert "torch" not in loaded_after("lesion_core.model.card", "lesion_core.model.wording", "lesion_core.cli")


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_lies_below_them(package):
    for file in sorted((ROOT / "lesion_core" / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                top, _, rest = name.partition(".")
                assert top not in {"gradio", "plotly", "dashboards", "app"}, f"{file.name} imports {name}"
                if top == "lesion_core" and rest:
                    below = rest.split(".")[0]
                    assert below in ALLOWED[package] | SHARED, f"{file.relative_to(ROOT)} imports {name}"


def test_what_is_imported_is_pinned_and_what_the_app_never_imports_is_not():
    pins = {
        line.split("==")[0].split("[")[0].lower()
        for file in ("requirements.txt", "requirements-train.txt")
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    called = {"PIL": "pillow", "gdcm": "python-gdcm", "sklearn": "scikit-learn", "skimage": "scikit-image"}
    with_others = {"spaces", "yaml"}  # of a ZeroGPU Space; under huggingface_hub
    imported = set()
    for file in (ROOT / "app.py", *(ROOT / "lesion_core").rglob("*.py"), *(ROOT / "dashboards").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.split(".")[0])
    imported -= sys.stdlib_module_names | {"lesion_core", "dashboards", "app"} | with_others
    assert {called.get(name, name).lower() for name in imported} - pins == set()
    assert "statsmodels" not in pins | imported


def test_no_module_file_holds_everything_and_none_names_no_thing():
    vague = {"utils", "helpers", "common", "misc", "manager", "util", "helper"}
    for name in modules("lesion_core", "dashboards"):
        assert not vague & set(name.split(".")), name
