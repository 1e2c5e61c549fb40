"""No letter ever pairs facts of two rows, whatever happened to the register. `benchmarks.accidents` asks longer."""

from hypothesis import HealthCheck, given, settings

from tests.letters.pairs import cases, look


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=cases)
def test_no_letter_pairs_facts_of_two_rows(case):
    assert look(case).wrong == ()
