import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lesion_core.cases.folds import Scheme, read_folds, read_scheme, write_folds
from lesion_core.cases.splits import folds_of, make_scheme, patients_across_sets, units
from lesion_core.cases.table import Case
from lesion_core.errors import InputError, TableError


def case(name, label=0, **more):
    return Case(case_id=str(name), organ="breast", image="a.png", label=label, target="mixed", **more)


def patients(count, *, views=2):
    """Every second patient malignant, each with `views` images."""
    return [case(f"{p}-{v}", p % 2, patient_id=f"p{p}") for p in range(count) for v in range(views)]


def rng(seed=0):
    return np.random.default_rng(seed)


def units_by_search(cases):
    """The same as `units`, by walking from case to case."""
    number = [-1] * len(cases)
    for start in range(len(cases)):
        if number[start] >= 0:
            continue
        this, stack = max(number) + 1, [start]
        while stack:
            at = stack.pop()
            if number[at] >= 0:
                continue
            number[at] = this
            keys = ("patient_id", "lesion_id", "group")
            for other in range(len(cases)):
                shared = [getattr(cases[at], k) for k in keys if getattr(cases[at], k) == getattr(cases[other], k)]
                stack += [other] if any(shared) else []
    return number


names = st.sampled_from(["", *"abcdefghij"])
tables = st.lists(st.tuples(st.sampled_from([0, 1]), names, names, names), min_size=1, max_size=60).map(
    lambda rows: [case(i, y, patient_id=p, lesion_id=w, group=g) for i, (y, p, w, g) in enumerate(rows)]
)


@settings(deadline=None, max_examples=50)
@given(tables)
def test_units_are_the_connected_components(cases):
    assert units(cases).tolist() == units_by_search(cases)


def test_units_chain_patients_through_shared_images():
    cases = [case(0, patient_id="p"), case(1, patient_id="q", group="g"), case(2, patient_id="p", group="g"), case(3)]
    assert units(cases).tolist() == [0, 0, 0, 1]
    assert units([case(0, patient_id="same"), case(1, group="same")]).tolist() == [0, 1]


sparse = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 60), st.integers(0, 200), st.integers(0, 400)), min_size=20
).map(
    lambda rows: [
        case(i, y, patient_id=f"p{p}", group=f"g{g}" if g < 60 else "") for i, (y, p, g, _) in enumerate(rows)
    ]
)


@settings(deadline=None, max_examples=25)
@given(sparse, st.integers(2, 10), st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.2, 0.5]))
def test_no_patient_or_duplicate_group_stands_in_two_parts(cases, k, seed, share):
    try:
        folds = folds_of(cases, make_scheme(cases, k, rng=rng(seed)), rng=rng(seed), validation=share)
    except InputError as error:
        assume("ask for fewer" not in str(error))
        raise
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(len(cases)))
    for fold in folds:
        parts = [fold.train, fold.validation, fold.test]
        assert sorted(np.concatenate(parts)) == list(range(len(cases)))
        for key in ("patient_id", "lesion_id", "group"):
            seen = [{getattr(cases[i], key) for i in part} - {""} for part in parts]
            assert len(seen[0] | seen[1] | seen[2]) == sum(map(len, seen))


def test_folds_are_stratified_and_the_validation_part_is_a_tenth():
    cases = patients(200)
    label = np.array([each.label for each in cases])
    for fold in folds_of(cases, make_scheme(cases, 10, rng=rng()), rng=rng()):
        assert len(fold.test) == pytest.approx(40, abs=3)
        assert len(fold.validation) == pytest.approx(36, abs=3)
        assert label[fold.test].mean() == pytest.approx(0.5, abs=0.05)
        assert label[fold.validation].mean() == pytest.approx(0.5, abs=0.08)


def test_the_same_seed_makes_the_same_folds_and_another_seed_others():
    cases = patients(60)
    assert make_scheme(cases, 5, rng=rng(1)) == make_scheme(cases, 5, rng=rng(1))
    assert make_scheme(cases, 5, rng=rng(1)) != make_scheme(cases, 5, rng=rng(2))
    scheme = make_scheme(cases, 5, rng=rng(1))
    one, two = (folds_of(cases, scheme, rng=rng(seed)) for seed in (3, 4))
    assert any(a.validation.tolist() != b.validation.tolist() for a, b in zip(one, two, strict=True))
    assert all(a.test.tolist() == b.test.tolist() for a, b in zip(one, two, strict=True))


def test_image_level_is_refused_unless_forced_and_then_marked():
    cases = patients(40)
    with pytest.raises(InputError, match=r"80 cases come from 40 patients.*split by patient"):
        make_scheme(cases, 5, rng=rng(), level="image")
    scheme = make_scheme(cases, 5, rng=rng(), level="image", force=True)
    assert scheme.level == "image"
    assert scheme.name == "image-5"
    torn = [p for p in range(40) if scheme.fold[f"{p}-0"] != scheme.fold[f"{p}-1"]]
    assert torn
    assert len(folds_of(cases, scheme, rng=rng())) == 5
    ungrouped = [case(i, i % 2) for i in range(40)]
    assert make_scheme(ungrouped, 5, rng=rng(), level="image").level == "image"


def test_given_folds_are_honoured():
    cases = patients(60)
    scheme = Scheme("official", {each.case_id: 1 + int(each.patient_id[1:]) // 2 % 3 for each in cases})
    folds = folds_of(cases, scheme, rng=rng())
    assert [fold.number for fold in folds] == [1, 2, 3]
    for fold in folds:
        assert {scheme.fold[cases[i].case_id] for i in fold.test} == {fold.number}


def test_given_folds_that_tear_a_patient_are_refused():
    cases = patients(40)
    scheme = Scheme("bad", {each.case_id: 1 + i % 2 for i, each in enumerate(cases)})
    with pytest.raises(InputError, match="puts 40 patients or duplicate groups into two folds: p0, p1"):
        folds_of(cases, scheme, rng=rng())


def test_refusals():
    cases = patients(40)
    with pytest.raises(InputError, match="at least 2 are needed"):
        make_scheme(cases, 1, rng=rng())
    with pytest.raises(InputError, match="at least 21 patients or duplicate groups with label 0, there are 20"):
        make_scheme(cases, 21, rng=rng())
    with pytest.raises(InputError, match="1 of 81 cases are marked external"):
        make_scheme([*cases, case("x", split="external")], 5, rng=rng())
    scheme = make_scheme(cases, 5, rng=rng())
    with pytest.raises(InputError, match=r"has no fold for 1 of 81 cases: new"):
        folds_of([*cases, case("new")], scheme, rng=rng())
    with pytest.raises(InputError, match=r"validation share is 0\.6"):
        folds_of(cases, scheme, rng=rng(), validation=0.6)
    with pytest.raises(InputError, match="one fold only"):
        folds_of(cases, Scheme("one", dict.fromkeys(scheme.fold, 1)), rng=rng())


def test_folds_file_round_trip(tmp_path):
    schemes = [Scheme("a", {"x": 1, "y": 2}), Scheme("b", {"x": 3, "y": 3}, "image")]
    write_folds(schemes, tmp_path / "folds.csv")
    assert read_folds(tmp_path / "folds.csv") == {each.name: each for each in schemes}
    assert read_scheme(tmp_path / "folds.csv", "b").level == "image"
    assert schemes[0].folds == (1, 2)
    with pytest.raises(InputError, match=r"no scheme 'c' in .*: it has a, b"):
        read_scheme(tmp_path / "folds.csv", "c")


def test_folds_file_faults(tmp_path):
    path = tmp_path / "folds.csv"
    path.write_text("case_id,scheme,fold,level\nx,a,1,\nx,a,2,\ny,a,0,\nz,a,1,image\nw,a,1,case\n")
    with pytest.raises(TableError) as caught:
        read_folds(path)
    assert sorted(caught.value.problems) == [
        "row 3: case_id is 'x', allowed once in scheme 'a'",
        "row 4: fold is '0', allowed is a whole number from 1 to 1000",
        "row 5: level is image, but scheme 'a' began with patient",
        "row 6: level is 'case', allowed is patient or image",
    ]


def test_a_name_in_two_data_sets_is_one_patient_and_is_told():
    cases = [
        case("a", patient_id="p1", dataset="first"),
        case("b", patient_id="p1", dataset="second"),
        case("c", patient_id="p2", dataset="second"),
        case("d", dataset="first"),
        case("e", dataset="second"),
    ]
    assert units(cases).tolist() == [0, 0, 1, 2, 3]
    assert patients_across_sets(cases) == ("p1",), "cases without a name are no patient in two sets"
    assert patients_across_sets(cases[:1] * 2) == ()
