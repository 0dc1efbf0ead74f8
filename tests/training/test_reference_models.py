import json
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from lesion_core.cases.geometry import geometry_of
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError, StatisticsError, TableError
from lesion_core.imaging.border import read_border
from lesion_core.results.observers.reference_names import SHAPE, SIZE
from lesion_core.training import reference_models
from tests.training.phantom_set import SIZE as IMAGE_SIZE
from tests.training.phantom_set import by_patient, make_set


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("reference"), patients=12, views=2)


@pytest.fixture(scope="module")
def mixed(table):
    """The same borders under labels that measurements do not separate."""
    rng = np.random.default_rng(5)
    cases = [replace(case, label=int(rng.random() < 0.5)) for case in table.cases]
    return CaseTable(tuple(cases), table.folder), rng.standard_normal((len(cases), 3))


def test_measurements_are_those_of_the_border(table):
    measured = reference_models.measure(table)
    case = table.cases[3]
    own = geometry_of(read_border(table.border_path(case), IMAGE_SIZE))
    assert measured[3, 0] == pytest.approx(np.log(own.area_px))
    assert measured[3, 1] == pytest.approx(np.log(own.height_px / own.width_px))
    assert measured[3, 2] == pytest.approx(own.circularity, rel=0.25)
    assert ((measured[:, 2] > 0) & (measured[:, 2] <= 1)).all()


@pytest.mark.parametrize(("name", "columns"), [(SIZE, [0]), (SHAPE, [1, 2])])
def test_each_fold_is_scored_by_the_others(mixed, name, columns):
    table, measured = mixed
    scheme = by_patient(table)
    found = reference_models.cross_fit(name, table, measured, scheme, run="r")
    folds = np.array([scheme.fold[case.case_id] for case in table.cases])
    for fold in (1, 2, 3):
        x = sm.add_constant(measured[:, columns])
        fitted = sm.Logit(table.labels[folds != fold], x[folds != fold]).fit(disp=0)
        assert found.scores[folds == fold] == pytest.approx(fitted.predict(x[folds == fold]), abs=1e-5)
    assert found.rows[0].model == name
    assert found.folds.tolist() == folds.tolist()


def test_the_final_model_is_kept_whole(mixed):
    table, measured = mixed
    model = reference_models.fit(SHAPE, table, measured)
    kept = json.loads(model.to_json())
    assert kept["columns"] == ["log height / width", "circularity"]
    by_hand = 1 / (1 + np.exp(-(kept["coefficients"][0] + measured[:, 1:] @ np.array(kept["coefficients"][1:]))))
    scores = reference_models.final_scores(model, table, measured, run="r")
    assert scores.scores == pytest.approx(by_hand, abs=1e-6)
    assert scores.folds.tolist() == [0] * len(table)
    assert len(model.sha256) == 64


def test_faults(table, mixed):
    without_folds = replace(by_patient(table), fold={})
    with pytest.raises(InputError, match="have no fold"):
        reference_models.cross_fit(SIZE, table, mixed[1], without_folds, run="r")
    one_class = CaseTable(tuple(replace(case, label=1) for case in table.cases), table.folder)
    with pytest.raises(StatisticsError, match="cannot be fitted on 24 cases"):
        reference_models.fit(SIZE, one_class, mixed[1])
    without = CaseTable((replace(table.cases[0], border=""),), table.folder)
    with pytest.raises(TableError, match="no border"):
        reference_models.measure(without)
