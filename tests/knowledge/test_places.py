import math
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.ground import crosses_itself, middle, nearest, within
from knowledge.places import Places, Point, metres_between
from knowledge.posting_places import MOST_POINTS
from knowledge.ward import WardError, load_ward

AN_THINH = Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh"
PLACES = load_ward(AN_THINH).places
NAN, INF = math.nan, math.inf
NOWHERE = (
    Point(NAN, 108.0),
    Point(15.9, NAN),
    Point(NAN, NAN),
    Point(INF, -INF),
    Point(90.0, 0.0),
    Point(-90.0, 0.0),
    Point(90.0, 108.0),
    Point(0.0, 0.0),
    Point(108.0, 15.9),
    Point(1e308, 1e308),
    Point(-15.9, -108.0),
    Point(15.9, 468.0),
)


@pytest.fixture
def places() -> Places:
    return PLACES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AN_THINH, tmp_path / "ward"))


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "places.toml"
    text = path.read_text("utf-8")
    assert old in text, f"places.toml no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(WardError) as caught:
        load_ward(folder)
    return caught.value.problems


# --- the bundled map ----------------------------------------------------------


def test_the_bundled_map_is_whole(places: Places) -> None:
    assert [one.name for one in places.quarters] == [f"Khu phố {number}" for number in range(1, 7)]
    assert {"Lê Lợi", "hẻm 42 Lê Lợi", "Nguyễn Trãi", "hẻm 84 Nguyễn Trãi"} <= {
        s.name for s in places.streets
    }
    assert len(places.landmarks) == 6
    assert [one.name for one in places.neighbours] == ["phường Bình Khê", "phường Tân Khê"]
    assert all("0236 0000 " in one.contact for one in places.neighbours)
    assert places.checked.responsible


def test_every_quarter_has_a_street_of_its_own(places: Places) -> None:
    assert {code for street in places.streets for code in street.quarters} == {
        q.code for q in places.quarters
    }


def test_everything_on_the_map_lies_in_the_ward(places: Places) -> None:
    points = [point for street in places.streets for point in street.points]
    points += [quarter.centre for quarter in places.quarters] + [one.point for one in places.landmarks]
    assert all(places.inside(point) for point in points)


# --- pins ---------------------------------------------------------------------


def test_a_pin_by_the_alley_is_named_as_people_say_it(places: Places) -> None:
    found = places.near(Point(15.91925, 108.0092))
    assert found is not None
    assert found.text == "hẻm 84 Nguyễn Trãi, khu phố 3"
    assert (found.quarter, found.street, found.exact) == ("kp3", "hẻm 84 Nguyễn Trãi", True)
    assert found.metres is not None
    assert 5 < found.metres < 30


@pytest.mark.parametrize(
    ("pin", "text", "exact"),
    [
        (Point(15.9222, 107.9985), "đường Lê Lợi, khu phố 2", True),
        (Point(15.92215, 108.0140), "đường Lê Lợi, khu phố 3", True),
        (Point(15.9120, 108.0075), "đường Nguyễn Trãi, khu phố 6", True),
        (Point(15.9240, 108.0110), "hẻm 42 Lê Lợi, khu phố 3", False),
        (Point(15.9097, 107.9871), "kiệt 31 Phan Bội Châu, khu phố 4", True),
        (Point(15.9140, 108.0130), "khu phố 6", False),
    ],
)
def test_a_pin_is_told_by_street_and_quarter(places: Places, pin: Point, text: str, exact: bool) -> None:  # noqa: FBT001
    found = places.near(pin)
    assert found is not None
    assert (found.text, found.exact, found.point) == (text, exact, pin)


def test_a_pin_far_from_every_street_has_no_distance(places: Places) -> None:
    found = places.near(Point(15.9140, 108.0130))
    assert found is not None
    assert (found.metres, found.street) == (None, "")


def test_a_pin_in_the_ward_next_door_is_told_whose_it_is(places: Places) -> None:
    pin = Point(15.9150, 108.0300)
    near = places.neighbour_at(pin)
    assert not places.inside(pin)
    assert places.near(pin) is None
    assert near is not None
    assert near.name == "phường Bình Khê"
    west = places.neighbour_at(Point(15.9180, 107.9700))
    assert west is not None
    assert west.name == "phường Tân Khê"


def test_a_pin_in_the_ward_belongs_to_no_neighbour(places: Places) -> None:
    assert places.neighbour_at(Point(15.9150, 108.0000)) is None


def test_a_pin_in_another_province_belongs_to_nobody(places: Places) -> None:
    hanoi = Point(21.0285, 105.8542)
    assert not places.inside(hanoi)
    assert places.neighbour_at(hanoi) is None


def test_the_edge_and_its_corners_belong_to_the_ward(places: Places) -> None:
    ring = places.boundary
    for a, b in pairwise(ring):
        half = Point((a.latitude + b.latitude) / 2, (a.longitude + b.longitude) / 2)
        assert places.inside(a)
        assert places.inside(half)
        assert places.neighbour_at(half) is None


def test_a_few_metres_beyond_the_edge_is_outside(places: Places) -> None:
    assert places.inside(Point(15.9150, 108.01899))
    assert not places.inside(Point(15.9150, 108.01905))


def test_a_pin_level_with_a_corner_is_not_counted_twice(places: Places) -> None:
    assert not places.inside(Point(15.9105, 107.9700))
    assert not places.inside(Point(15.9300, 107.9900))
    assert places.inside(Point(15.9105, 108.0000))


@pytest.mark.parametrize("pin", NOWHERE)
def test_a_pin_that_is_no_place_is_nowhere(places: Places, pin: Point) -> None:
    assert not places.inside(pin)
    assert places.neighbour_at(pin) is None
    assert places.near(pin) is None


@pytest.mark.parametrize("pin", NOWHERE)
def test_a_distance_from_no_place_is_no_error(pin: Point) -> None:
    metres = metres_between(pin, Point(15.9, 108.0))
    assert metres >= 0


def test_distances_over_ground_are_those_of_the_earth() -> None:
    assert metres_between(Point(15.9, 108.0), Point(15.9, 108.0)) == 0
    assert metres_between(Point(0, 0), Point(0, 1)) == pytest.approx(111_195, abs=1)
    assert metres_between(Point(90, 0), Point(-90, 77)) == pytest.approx(20_015_115, abs=10)
    assert metres_between(Point(21.0285, 105.8542), Point(10.7769, 106.7009)) == pytest.approx(
        1_143_000, rel=0.01
    )
    assert metres_between(Point(NAN, 0), Point(0, 0)) == INF


def test_an_unmapped_ward_finds_nothing_and_breaks_nothing(places: Places) -> None:
    empty = replace(places, boundary=(), quarters=(), streets=(), neighbours=(), landmarks=())
    assert not empty.inside(Point(15.915, 108.0))
    assert empty.near(Point(15.915, 108.0)) is None
    assert empty.understand("Lê Lợi") is None
    bare = replace(places, streets=())
    found = bare.near(Point(15.9210, 108.0105))
    assert found is not None
    assert found.text == "khu phố 3"


ordinates = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None)
@given(ordinates, ordinates)
def test_no_pin_whatever_breaks_the_map(latitude: float, longitude: float) -> None:
    pin = Point(latitude, longitude)
    found, neighbour = PLACES.near(pin), PLACES.neighbour_at(pin)
    assert (found is not None) == PLACES.inside(pin)
    assert found is None or neighbour is None


@settings(deadline=None)
@given(st.floats(15.89, 15.94), st.floats(107.96, 108.05))
def test_a_pin_around_the_ward_is_ours_or_a_neighbours_or_nobodys(latitude: float, longitude: float) -> None:
    pin = Point(latitude, longitude)
    if PLACES.inside(pin):
        found = PLACES.near(pin)
        assert found is not None
        assert found.quarter
        assert PLACES.neighbour_at(pin) is None


# --- rings --------------------------------------------------------------------


def ring(*corners: tuple[float, float]) -> list[Point]:
    return [Point(15 + north / 100, 108 + east / 100) for north, east in corners]


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        ([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)], False),
        ([(0, 0), (1, 1), (0, 1), (1, 0), (0, 0)], True),
        ([(0, 0), (0, 2), (0, 1), (1, 1), (0, 0)], True),
        ([(0, 0), (2, 0), (1, 1), (0, 0)], False),
        ([(0, 0), (0, 2), (2, 2), (0, 1), (2, 0), (0, 0)], True),
        ([(0, 0), (0, 1), (0, 2), (1, 1), (0, 0)], False),
        ([(0, 0), (0, 1), (0, 1), (1, 1), (0, 0)], True),
    ],
)
def test_a_ring_that_meets_itself_is_seen(corners: list[tuple[float, float]], crosses: bool) -> None:  # noqa: FBT001
    assert crosses_itself(ring(*corners)) is crosses


def test_a_ring_with_a_bay_leaves_the_bay_outside() -> None:
    bay = ring((0, 0), (0, 4), (4, 4), (4, 3), (1, 2), (4, 1), (4, 0), (0, 0))
    assert not within(Point(15.03, 108.02), bay)
    assert within(Point(15.005, 108.02), bay)
    assert within(Point(15.03, 108.005), bay)
    assert within(Point(15.01, 108.02), bay)


def test_the_nearest_spot_of_a_street_of_no_length_is_its_only_one() -> None:
    spot = Point(15.9, 108.0)
    assert nearest(Point(15.91, 108.0), spot, spot) == spot
    assert middle([spot, spot]) == spot


# --- a file that is wrong -----------------------------------------------------

FIRST = '  "15.9020, 107.9830",\n'
SECOND = '  "15.9105, 107.9812",\n'


@pytest.mark.parametrize(
    ("old", "new", "field", "told"),
    [
        (FIRST, "", "boundary", "chưa khép kín"),
        (FIRST + SECOND, FIRST + '  "107.9812, 15.9105",\n', "boundary", "điểm thứ 2 phải là"),
        (FIRST + SECOND, FIRST + '  "nan, nan",\n', "boundary", "điểm thứ 2 phải là"),
        (FIRST + SECOND, FIRST + '  "90.0, 107.98",\n', "boundary", "điểm thứ 2 phải là"),
        (FIRST + SECOND, FIRST + '  "15,9105 107,98",\n', "boundary", "vĩ độ trước"),
        (FIRST + SECOND, FIRST + '  "15.9240, 108.0175",\n', "boundary", "tự cắt"),
        (FIRST + SECOND, FIRST + SECOND + SECOND, "boundary", "tự cắt"),
        ('  "15.8980, 108.0200",\n  "15.9015, 108.0120",\n', "", "neighbour.boundary", "chưa khép kín"),
        ('centre = "15.9240, 107.9900"', 'centre = "giữa khu"', "quarter.centre", "vĩ độ trước"),
        ('centre = "15.9240, 107.9900"', 'centre = "15.8000, 107.9900"', "quarter.centre", "nằm ngoài"),
        ('centre = "15.9240, 107.9900"', "centre = 15.92", "quarter.centre", "chữ trong ngoặc kép"),
        ('code = "kp2"', 'code = "kp1"', "quarter.code", "đã có ở phần trên"),
        ('name = "Khu phố 2"', 'name = "khu phố 1"', "quarter.name", "đã có ở phần trên"),
        ('name = "Khu phố 2"', 'name = ""', "quarter.name", "để trống"),
        ('head = "Ban điều hành khu phố 1"', 'hed = "x"', "quarter.head", "để trống"),
        ('quarters = ["kp2", "kp3"]', 'quarters = ["kp9"]', "street.quarters", "“kp9”"),
        ('quarters = ["kp2", "kp3"]', "quarters = []", "street.quarters", "chưa có khu phố nào"),
        (
            'points = ["15.9085, 108.0074", "15.9083, 108.0045"]',
            'points = ["15.9085, 108.0074"]',
            "street.points",
            "ít nhất hai điểm",
        ),
        (
            'points = ["15.9085, 108.0074"',
            'points = ["15.9500, 108.0074"',
            "street.points",
            "nằm ngoài ranh giới",
        ),
        ('name = "Nguyễn Du"', 'name = "Quang Trung"', "street.name", "đã có ở phần trên"),
        ('quarter = "kp5"', 'quarter = "kp0"', "landmark.quarter", "“kp0”"),
        ('point = "15.9192, 108.0086"', 'point = "16.9192, 108.0086"', "landmark.point", "nằm ngoài"),
        ('name = "Chợ An Thịnh"', 'name = "Trạm Y tế phường"', "landmark.name", "đã có ở phần trên"),
        ('name = "phường Tân Khê"', 'name = "phường Bình Khê"', "neighbour.name", "đã có ở phần trên"),
        ('contact = "5 Trần Phú', 'contct = "5 Trần Phú', "neighbour.contact", "để trống"),
        ('words = ["chợ phường", "chợ"]', "words = 5", "landmark.words", "danh sách chữ"),
        ("checked_on = 2026-11-02", "", "checked_on", "phải là ngày"),
    ],
)
def test_a_clerk_hears_what_is_wrong_and_where(
    folder: Path, old: str, new: str, field: str, told: str
) -> None:
    edit(folder, old, new)
    assert any(
        problem.startswith("places.toml, dòng ") and f"mục {field}: " in problem and told in problem
        for problem in problems(folder)
    ), problems(folder)


def boundary_of(folder: Path, points: list[str]) -> None:
    text = (folder / "places.toml").read_text("utf-8")
    start = text.index("boundary = [")
    end = text.index("]\n", start)
    listed = "".join(f'  "{point}",\n' for point in points)
    (folder / "places.toml").write_text(f"{text[:start]}boundary = [\n{listed}{text[end:]}", "utf-8")


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([], "ít nhất ba điểm"),
        (["15.90, 108.00", "15.91, 108.00", "15.90, 108.00"], "ít nhất ba điểm"),
        ([f"{15 + n / 1000:.3f}, 108.0" for n in range(MOST_POINTS + 1)], f"giản lược còn {MOST_POINTS}"),
    ],
)
def test_a_boundary_that_holds_nothing_is_one_problem(folder: Path, points: list[str], told: str) -> None:
    boundary_of(folder, points)
    problem = problems(folder)
    assert len(problem) == 1
    assert told in problem[0]


def test_a_map_without_quarters_or_streets_is_refused(folder: Path) -> None:
    text = (folder / "places.toml").read_text("utf-8")
    (folder / "places.toml").write_text(text[: text.index("[[quarter]]")], "utf-8")
    told = problems(folder)
    assert any("mục quarter: chưa có khu phố nào" in problem for problem in told)
    assert any("mục street: chưa có đường nào" in problem for problem in told)


def test_the_islands_are_in_vietnam_too() -> None:
    assert Point(16.53, 111.61).in_vietnam
    assert Point(8.64, 111.92).in_vietnam
