"""The picture of the arc: sections, plan, what came of it, and the lanes."""

import re
from dataclasses import replace

from tests.deliver.song import make_mix
from tonmeister.deliver.arc import draw_arc, render_arc
from tonmeister.deliver.figures import ArcSection

SECTIONS = (
    ArcSection("verse-1", 0.0, 10.0, -2.0, -2.5, -2.4),
    ArcSection("<b>chorus</b>", 10.0, 20.0, 1.0, 1.5, None),
    ArcSection("outro-1", 20.0, 21.0, 0.5, 0.5, 0.4),
)


def test_each_section_stands_where_it_is_and_names_are_text() -> None:
    svg = draw_arc(make_mix(), SECTIONS)
    assert svg.count("<title>") == len(SECTIONS)
    assert "<b>" not in svg
    assert "verse-1" in svg


def test_what_was_not_rendered_is_a_gap_and_no_line() -> None:
    paths = re.findall(r'<path d="([^"]+)"', draw_arc(make_mix(), SECTIONS))
    assert [path.count("M") for path in paths[:3]] == [1, 1, 2]


def test_without_sections_it_says_so() -> None:
    assert "only phrases are ridden" in render_arc(make_mix(), ())


def test_a_section_far_below_stays_inside_the_picture() -> None:
    far = (*SECTIONS, ArcSection("end", 21.0, 22.0, -60.0, -60.0, -60.0))
    downs = [float(value) for value in re.findall(r"[ML]\d+\.\d (-?\d+\.\d)H", draw_arc(make_mix(), far))]
    assert max(downs) <= 172.0


def test_the_numbers_tell_the_step_from_section_to_section_and_leave_out_what_is_not_known() -> None:
    sung = (replace(SECTIONS[0], words_db=2.5), *SECTIONS[1:])
    rows = re.findall(r"<tr>(.*?)</tr>", render_arc(make_mix(), sung))[1:]
    cells = [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]
    plain = [[cell.replace("\xa0", " ").replace("\u2212", "-") for cell in row] for row in cells]
    assert [row[3] for row in plain] == ["", "+4.0 LU", "-1.0 LU"]
    assert [row[4] for row in plain] == ["", "", ""]
    assert plain[0][5] == "+2.5 dB"
