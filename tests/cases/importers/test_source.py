import pytest

from lesion_core.cases.importers import IMPORTERS
from lesion_core.cases.importers.source import Faults, Options, check_options, expect
from lesion_core.errors import ImageError, InputError, TableError


def test_options_without_use_are_refused_by_every_importer():
    for name, importer in IMPORTERS.items():
        check_options(name, importer.takes, Options(split="external", skip=True))
        for option in {"label", "organ", "label_source", "target"} - importer.takes:
            with pytest.raises(InputError, match=f"{name} has no use for --{option.replace('_', '-')}"):
                check_options(name, importer.takes, Options(**{option: "x"}))
    with pytest.raises(InputError, match="--split is 'test', allowed are development and external"):
        check_options("busi", frozenset(), Options(split="test"))


def test_every_importer_names_what_it_expects(tmp_path):
    from importlib import import_module

    (tmp_path / "holiday.jpg").touch()
    for importer in IMPORTERS.values():
        options = Options(organ="breast" if "organ" in importer.takes else "")
        with pytest.raises(InputError, match="expected"):
            import_module(importer.module).load(tmp_path / "missing", options)
        with pytest.raises(InputError, match="expected"):
            import_module(importer.module).load(tmp_path, options)


def test_faults_are_collected_and_only_user_faults():
    faults = Faults()
    with faults.of("a"):
        raise ImageError("broken")
    with faults.of("b"):
        pass
    with pytest.raises(ZeroDivisionError), faults.of("c"):
        1 / 0  # noqa: B018 - our own mistakes are not to be collected
    with pytest.raises(TableError, match="a: broken"):
        faults.settle("set", skip=False)
    assert faults.settle("set", skip=True) == ["Left out: a: broken"]
    assert Faults().settle("set", skip=False) == []


def test_long_folders_are_listed_in_part(tmp_path):
    for number in range(20):
        (tmp_path / f"{number:02d}.txt").touch()
    with pytest.raises(InputError, match=r"found 00\.txt, .*11\.txt and 8 more"):
        expect(tmp_path, "any", "Images/")
