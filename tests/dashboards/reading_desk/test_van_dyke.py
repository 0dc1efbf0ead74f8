"""A simulated study of 5 readers and 114 cases, fed through the page's endpoints, gives the published result."""

from datetime import timedelta

import pytest

from lesion_core.reading.exchange import read_imrmc, write_imrmc
from lesion_core.reading.result import study_result
from lesion_core.reading.study import Order, Question
from tests.dashboards.reading_desk.rooms import Reader
from tests.reading.studies import bundle, study
from tests.stats.conftest import vandyke  # noqa: F401 (a fixture)


@pytest.fixture
def opened(store, vandyke):  # noqa: F811 (the fixture)
    truth, _ = vandyke
    made = study(
        tuple(truth.tolist()),
        readers=tuple(f"Reader {number}" for number in range(1, 6)),
        question=Question(call=False, system="five-point"),
        design="crossover",
        order=Order(seed=11, block_size=30, repeats=10),
    )
    return store.open_study(bundle(made))


def test_the_reference_result(store, client, clock, opened, vandyke, tmp_path):  # noqa: F811
    truth, ratings = vandyke
    readers = [Reader(client, opened, name) for name, _ in opened.codes]
    for period in range(2):
        for number, reader in enumerate(readers):
            steps = store.steps(number + 1)
            while reader.place["state"] == "read":
                step = steps[reader.place["step"]["position"]]
                rating = ratings[0 if step.arm == "unaided" else 1, number, step.item]
                # Repeated readings must not reach the primary analysis: here they say the opposite.
                said = 6 - rating if step.repeat else rating
                assert reader.answer(rating=f"{said:g}", seconds=10.0).status_code == 200
            assert reader.place["state"] == ("wait", "done")[period]
        clock.now += timedelta(days=28, minutes=1)
        for reader in readers:
            reader.place = reader.call("desk").json()["place"]
    made = store.study(opened.study_id)
    answers = store.answers(opened.study_id)
    assert len(answers) == 5 * (2 * 114 + 10)
    result = study_result(made, answers, store.progress(opened.study_id))
    test = result.arms.random.test
    assert (result.cases, len(result.complete)) == (114, 5)
    assert test.statistic == pytest.approx(4.484854, abs=1e-6)
    assert test.df[1] == pytest.approx(15.06611, abs=1e-5)
    assert test.p_value == pytest.approx(0.05123303, abs=1e-8)
    assert test.value == pytest.approx(-0.04380032, abs=1e-8)
    assert (test.low, test.high) == pytest.approx((-0.0878672, 0.0002666), abs=1e-7)
    assert result.arms.components.cov3 == pytest.approx(0.0002358497, abs=1e-10)
    areas = {(each.reader, each.arm): each.area.value for each in result.readers}
    assert areas["Reader 1", "unaided"] == pytest.approx(0.91964573, abs=1e-8)
    assert areas["Reader 5", "aided"] == pytest.approx(0.92995169, abs=1e-8)
    write_imrmc(made, answers, tmp_path / "study.imrmc")
    again = read_imrmc(tmp_path / "study.imrmc")
    assert sum(again.labels.values()) == truth.sum() == 45
    assert len(again.readings) == 1140
