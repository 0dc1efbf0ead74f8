from lesion_core.cases.readings import Reading
from lesion_core.results.review.readers import in_several_arms, one_arm_each, read_aided, readers_of


def read_by(*who):
    return readers_of([Reading(name, "c1", call=1, arm=arm) for name, arm in who])


def test_the_arms_of_a_person_are_no_two_readers():
    """In a crossover some begin with the aid."""
    readers = read_by(("A", "unaided"), ("A", "aided"), ("B", "aided"), ("B", "unaided"), ("C", "aided"), ("D", ""))
    assert [each.name for each in one_arm_each(readers)] == ["A (unaided)", "B (unaided)", "C (aided)", "D"]
    assert in_several_arms(readers) == ("A", "B")
    assert in_several_arms(one_arm_each(readers)) == ()
    assert read_aided(readers) == ("A (aided)", "B (aided)", "C (aided)")
    assert (readers[1].person, readers[1].arm) == ("A", "aided")
