import pytest

from dashboards.review import sources
from lesion_core.errors import InputError


def test_every_run_beside_the_models_is_offered_with_its_cards_threshold():
    offered = {key: shown for shown, key in sources.choices()}
    assert "busbra.folds/bnet@bnet-best-cv" in offered
    assert "busi.test/bnet@bnet-best-busi" in offered
    assert [key for _, key in sources.choices(out_of_fold=True) if ".test" in key] == []
    source, run = sources.find("busi.test/bnet@bnet-best-busi")
    assert "95 % sensitivity" in source.threshold_of(run).words


def test_reference_models_come_after_the_models_of_a_set():
    keys = [key for _, key in sources.choices(out_of_fold=True)]
    for name, model in (
        ("ddti.folds.ti-rads-4-or-higher", "tnet@tnet-best-cv"),
        ("busbra+ddti.folds", "tbnet@tbnet-best-cv"),
    ):
        own = [key for key in keys if key.startswith(f"{name}/")]
        assert own[0] == f"{name}/{model}", own
        assert {key.partition("/")[2].partition("@")[0] for key in own} >= {"size-only", "shape-only", "trunk-linear"}


@pytest.mark.parametrize("key", ["", "upload-3/m@r", "busi.test/none", "../../etc"])
def test_what_is_not_there_is_told(key):
    with pytest.raises(InputError, match=r"there is no set|has no run"):
        sources.find(key)
