"""Sessions from strangers: bombs, entities, ways out, broken and foreign files are refused in one sentence."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.daw.session_files import DAWPROJECT, REAPER, ardour_text, live_set, write_dawproject
from tonmeister.daw import opening
from tonmeister.daw.opening import SessionError
from tonmeister.daw.read import read_session_file
from tonmeister.errors import InputError

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Project version="1.0">&b;</Project>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><Session version="7002">&a;</Session>"""


def refused(path: Path, words: str) -> str:
    with pytest.raises(SessionError, match=words) as caught:
        read_session_file(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    return told


def archive(path: Path, members: dict[str, bytes], *, packed: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_entities_in_xml_are_refused(tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.dawproject", {"project.xml": BILLION_LAUGHS}), "entities")
    (tmp_path / "a.ardour").write_bytes(OUTSIDE)
    refused(tmp_path / "a.ardour", "entities")
    (tmp_path / "a.als").write_bytes(gzip.compress(BILLION_LAUGHS, mtime=0))
    refused(tmp_path / "a.als", "entities")


def test_what_unpacks_to_far_more_than_a_session_is_refused(tmp_path: Path) -> None:
    """48 MiB of spaces shrink to a thousandth; real XML to a twentieth."""
    blank = b"<Project>" + b" " * (48 << 20) + b"</Project>"
    refused(archive(tmp_path / "a.dawproject", {"project.xml": blank}), "unpacks to far more")
    (tmp_path / "a.als").write_bytes(gzip.compress(blank, mtime=0))
    refused(tmp_path / "a.als", "unpacks to far more")


def test_the_size_that_an_archive_claims_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST_TEXT_BYTES", 1 << 20)
    refused(
        archive(tmp_path / "a.dawproject", {"project.xml": b"x" * (2 << 20)}, packed=zipfile.ZIP_STORED),
        "unpacks to far more",
    )


@pytest.mark.parametrize("name", ["../evil.wav", "/etc/evil.wav", "C:/evil.wav", "a/../../evil.wav", "..\\evil.wav"])
def test_an_archive_that_names_files_outside_itself_is_refused(name: str, tmp_path: Path) -> None:
    refused(write_dawproject(tmp_path / "a.dawproject", more={name: b"x"}), "outside itself")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.dawproject", b"no archive at all", "no whole ZIP"),
        ("a.als", b"no gzip at all", "damaged"),
        ("a.als", gzip.compress(live_set().encode())[:-200], "breaks off"),
        ("a.als", gzip.compress(b"<Ableton", mtime=0), "no whole XML"),
        ("a.als", gzip.compress(b"<Other/>", mtime=0), "Live set"),
        ("a.ardour", b"<Other/>", "Ardour session"),
        ("a.ardour", b'<Session version="2001"/>', "version '2001'"),
        ("a.ardour", b'<Session version="9000"/>', "version '9000'"),
        ("a.rpp", b"nothing", "REAPER project"),
        ("a.rpp", b'<REAPER_PROJECT 0.1 "7"\n  <TRACK\n', "breaks off"),
        ("a.aaf", b"no aaf", "no whole AAF"),
        ("a.ptx", b"no ptx", "Pro Tools"),
        ("a.mmp", b'<?xml version="1.0"?><lmms-project/>', "LMMS"),
        ("a.flp", b"FLhd", "FL Studio"),
        ("a.cpr", b"RIFF", "Cubase"),
    ],
)  # fmt: skip
def test_a_broken_or_foreign_file_is_refused_in_one_sentence(
    name: str, data: bytes, words: str, tmp_path: Path
) -> None:
    if name.endswith((".aaf", ".ptx")):
        pytest.importorskip("aaf2" if name.endswith(".aaf") else "logic2ableton")
    (tmp_path / name).write_bytes(data)
    refused(tmp_path / name, words)


def test_another_version_of_dawproject_is_said(tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.dawproject", {"project.xml": b'<Project version="2.0"/>'}), r"DAWproject 2\.0")
    refused(archive(tmp_path / "b.dawproject", {"metadata.xml": b"<MetaData/>"}), "no project.xml")
    refused(archive(tmp_path / "c.dawproject", {"project.xml": b"<html/>"}), "begins with html")


def test_a_project_without_anything_in_it_is_an_empty_session(tmp_path: Path) -> None:
    empty = archive(tmp_path / "a.dawproject", {"project.xml": b'<Project version="1.0"/>'})
    assert read_session_file(empty).tracks == ()


def _zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive_file:
        archive_file.writestr("project.xml", text)
    return out.getvalue()


SEEDS: dict[str, tuple[str, bool]] = {
    "a.dawproject": (DAWPROJECT, True), "a.rpp": (REAPER, False), "a.als": (live_set(), True), "a.ardour": (ardour_text(), False),
}  # fmt: skip
"""File name → text of a good session, and whether it is packed."""

WORDS = st.sampled_from(
    [
        "",
        "-1",
        "1e400",
        "nan",
        "inf",
        "9" * 400,
        "a",
        "b",
        "a-5@b",
        "<",
        "&",
        '"',
        "\0",
        "::",
        "true",
        "-99999999999",
        "id999",
    ]
)


def _packed(name: str, text: str) -> bytes:
    if name.endswith(".als"):
        return gzip.compress(text.encode(), mtime=0)
    return _zipped(text) if name.endswith(".dawproject") else text.encode()


def _survives(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    told = ""
    try:
        read_session_file(path).model_dump(mode="json")
    except InputError as error:
        told = str(error)
    assert "\n" not in told


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), place=st.floats(0, 1), word=WORDS, cut=st.integers(0, 40))
def test_a_changed_value_gives_a_session_or_a_sentence(
    name: str, place: float, word: str, cut: int, tmp_path: Path
) -> None:
    """A value anywhere is replaced by what no DAW writes."""
    text, _ = SEEDS[name]
    values = [k for k, char in enumerate(text) if char in '" ']
    at = values[min(int(place * len(values)), len(values) - 1)] + 1
    _survives(tmp_path / name, _packed(name, text[:at] + word + text[at + cut :]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), place=st.floats(0, 1), data=st.binary(max_size=12))
def test_changed_bytes_give_a_session_or_a_sentence(name: str, place: float, data: bytes, tmp_path: Path) -> None:
    """Bytes of the packed file, as a bad disk changes them."""
    packed = bytearray(_packed(name, SEEDS[name][0]))
    at = int(place * len(packed))
    packed[at : at + len(data)] = data
    _survives(tmp_path / name, bytes(packed))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), place=st.floats(0, 1))
def test_a_file_that_breaks_off_gives_a_session_or_a_sentence(name: str, place: float, tmp_path: Path) -> None:
    packed = _packed(name, SEEDS[name][0])
    _survives(tmp_path / name, packed[: int(place * len(packed))])
