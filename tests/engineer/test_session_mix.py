"""Mixing a session hands back the same session: our settings in it, everything else as it was."""

import hashlib
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.daw.session_files import write_ardour_session, write_dawproject, write_live, write_reaper
from tests.sounds import noise
from tonmeister.daw.laying_out import lay_out
from tonmeister.daw.read import read_session_file
from tonmeister.daw.session import DawSession
from tonmeister.document.mix import Mix
from tonmeister.engineer import MixOptions, load_mix, mix, read_session, render, replace
from tonmeister.engineer.documents import load_sources
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.sound import open_probed
from tonmeister.files.wav import write_wav

OPTIONS = MixOptions(sessions=(), with_report=False, start="from-scratch")
"""Made anew, so that every fader is set."""


def hashes(path: Path) -> dict[str, str]:
    return {
        str(one.relative_to(path)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(path.rglob("*"))
        if one.is_file()
    }


class Made:
    """A session, its mix, and what was handed back."""

    def __init__(self, source: Path, out: Path) -> None:
        self.source, self.out = source, out
        before = hashes(source.parent)
        self.result = mix(source, out, options=OPTIONS)
        self.is_untouched = hashes(source.parent) == before
        self.mix: Mix = load_mix(out)
        self.handed = out / "sessions" / "same" / source.name
        self.before: DawSession = read_session_file(source)
        self.after: DawSession = read_session_file(self.handed)


@pytest.fixture(scope="module", params=["dawproject", "ardour", "reaper"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "dawproject":
        return Made(write_dawproject(folder / "in" / "song.dawproject"), folder / "out")
    if request.param == "reaper":
        return Made(write_reaper(folder / "in" / "song.rpp"), folder / "out")
    return Made(write_ardour_session(folder / "in"), folder / "out")


def test_the_persons_own_files_are_not_touched(made: Made) -> None:
    assert made.is_untouched


def test_names_clips_positions_and_markers_are_kept(made: Made) -> None:
    """Whatever is new stands beside what was there."""
    after = {track.id: track for track in made.after.tracks}
    for track in made.before.tracks:
        assert (after[track.id].name, after[track.id].kind) == (track.name, track.kind)
        assert after[track.id].clips == track.clips
    assert made.after.markers == made.before.markers
    assert made.after.tempos == made.before.tempos


def test_every_plugin_that_was_there_is_there_before_ours(made: Made) -> None:
    after = {track.id: track for track in made.after.tracks}
    for track in made.before.tracks:
        assert after[track.id].devices[: len(track.devices)] == track.devices


def test_faders_are_where_the_mix_has_them(made: Made) -> None:
    """Both DAWs hold six digits; a mono track's pan law is in the difference: what comes back in must be what went out."""
    again = mix(made.handed, made.out.with_name("again"), options=OPTIONS.model_copy(update={"start": "as-is"}))
    printed = sum(track.name.endswith("(printed)") for track in made.after.tracks)
    assert again.mixed == made.result.mixed + printed
    base = {track.name: track.base for track in load_mix(again.out).tracks}
    for track in made.mix.tracks:
        got, wanted = (strip.fader_db.points[0].value + strip.trim_db for strip in (base[track.name], track.strip))
        assert got == pytest.approx(wanted, abs=0.02)  # where there is no trim, the fader has it
        assert base[track.name].pan.points[0].value == pytest.approx(track.strip.pan.points[0].value, abs=0.002)


def test_an_account_lies_beside_it(made: Made) -> None:
    text = (made.out / "sessions" / "same" / "about.txt").read_text("utf-8")
    assert "faders" in text
    assert "sessions/same/about.txt" in made.result.files


def test_only_what_the_mix_sets_differs_in_the_file(made: Made) -> None:
    """Values and elements of faders, pans, mutes, ways, lanes and devices may differ; every other element is the same."""
    if made.source.suffix == ".rpp":
        left = set(made.source.read_text().splitlines()) - set(made.handed.read_text().splitlines())
        assert {line.split()[0] for line in left} <= {
            "VOLPAN",
            "PT",
            "<VOLENV2",
            "<PANENV2",
            "MUTESOLO",
            "IPHASE",
            "ACT",
        }
        return
    before, after = _xml(made.source), _xml(made.handed)
    allowed = {"Volume", "Pan", "Mute", "Controllable", "MuteMaster", "AutomationList", "Points", "Devices", "Session"}
    kept = {_key(e) for e in after.iter()}
    gone = {e.tag for e in before.iter() if _key(e) not in kept}
    assert gone <= allowed | {"RealPoint", "Target", "events"}


def _xml(path: Path) -> ET.Element:
    if path.suffix == ".dawproject":
        return ET.fromstring(zipfile.ZipFile(path).read("project.xml"))  # noqa: S314 - a file that this test has just written
    return ET.parse(path).getroot()  # noqa: S314 - a file that this test has just written


def _key(element: ET.Element) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip()


def test_every_other_file_of_the_archive_is_the_same(tmp_path: Path) -> None:
    source = write_dawproject(tmp_path / "in" / "song.dawproject")
    mix(source, tmp_path / "out", options=OPTIONS)
    before, after = zipfile.ZipFile(source), zipfile.ZipFile(tmp_path / "out" / "sessions" / "same" / "song.dawproject")
    assert before.namelist() == after.namelist()[: len(before.namelist())]  # printed returns come behind
    for name in before.namelist():
        assert name == "project.xml" or before.read(name) == after.read(name)


def test_the_same_session_is_handed_back_with_the_same_bytes(tmp_path: Path) -> None:
    """A printed return in it has no date of its own."""
    source = write_dawproject(tmp_path / "in" / "song.dawproject")
    made = []
    for name in ("one", "two"):
        mix(source, tmp_path / name, options=OPTIONS)
        made.append(tmp_path / name / "sessions" / "same" / "song.dawproject")
    names = zipfile.ZipFile(made[0]).namelist()
    assert any("tonmeister-" in name for name in names)
    assert made[0].read_bytes() == made[1].read_bytes()
    assert zipfile.ZipFile(made[0]).infolist()[-1].date_time[0] == 1980


def test_as_it_is_the_balance_of_a_session_is_kept(tmp_path: Path) -> None:
    """Three tracks at -6, -9 and 0 dB have been balanced by somebody, so that auto keeps it."""
    source = write_reaper(tmp_path / "song.rpp")
    assert read_session(source).carries_balance
    result = mix(source, tmp_path / "out", options=MixOptions(sessions=(), with_report=False))
    assert result.is_premixed
    tracks = {track.name: track.base for track in load_mix(result.out).tracks}
    # It is centred and the same on both sides: REAPER plays it in full there, our pan of one channel 3.01 dB lower.
    assert tracks["Bass"].fader_db.points[0].value == pytest.approx(-9.0 + 3.01, abs=0.02)
    assert tracks["Kick"].polarity_inverted
    notes = [fault for item in result.incoming for fault in item.faults]
    assert any("One of its clips is not heard" in sentence for sentence in notes)


def test_groups_of_the_session_are_groups_of_the_mix(made: Made) -> None:
    kick = next(track for track in made.mix.tracks if track.name == "Kick")
    assert kick.strip.output == "session-rhythm"
    move = next(move for move in made.mix.moves if move.id == "session.session-rhythm.bus")
    assert move.set_by == "person"


def test_markers_are_sections(made: Made) -> None:
    assert [(s.label, s.start_s, s.confidence) for s in made.mix.song.sections] == [
        ("verse", 0.0, 1.0),
        ("chorus", 2.0, 1.0),
    ]


def test_a_mix_renders_again_after_its_stems_left_the_cache(tmp_path: Path) -> None:
    source = write_dawproject(tmp_path / "in" / "song.dawproject")
    mix(source, tmp_path / "out", options=OPTIONS)
    first = (tmp_path / "out" / "mix.wav").read_bytes()
    sources = load_sources(tmp_path / "out", load_mix(tmp_path / "out"))
    cached = [sound.path for sound in sources.values() if open_cache().folder in sound.path.parents]
    assert cached
    for path in cached:
        path.unlink()
    render(tmp_path / "out", with_master=False)
    assert (tmp_path / "out" / "mix.wav").read_bytes() == first
    for path in cached:
        path.unlink()
    shutil.rmtree(source.parent)
    with pytest.raises(InputError, match="the session that was mixed is not there"):
        render(tmp_path / "out", with_master=False)


def test_returns_that_the_format_has_no_device_for_play_as_sound(made: Made) -> None:
    """A reverb on the voice: Ardour brings one; elsewhere its return is printed, and silence would be the bug."""
    returns = [bus for bus in made.mix.buses if bus.kind == "effect"]
    assert returns
    if made.source.suffix == ".ardour":
        assert {bus.name for bus in returns} <= {track.name for track in made.after.of_kind("return")}
        return
    printed = {track.name: track for track in made.after.tracks if track.name.endswith("(printed)")}
    assert set(printed) == {f"{bus.name} (printed)" for bus in returns}
    cache = open_cache()
    for stem in lay_out(made.after, made.handed, tuple(printed.values()), cache=cache):
        with open_probed(stem.sound) as sound:
            assert np.abs(sound.read_all().samples).max() > 1e-3


@pytest.mark.parametrize("kind", ["dawproject", "ardour", "reaper"])
def test_a_new_take_plays_in_the_session_that_is_handed_back(kind: str, tmp_path: Path) -> None:
    """The other tracks keep their clips, and the person's own files stay untouched."""
    folder = tmp_path / "in"
    if kind == "ardour":
        source = write_ardour_session(folder)
    else:
        source = write_reaper(folder / "song.rpp") if kind == "reaper" else write_dawproject(folder / "song.dawproject")
    made = Made(source, tmp_path / "out")
    bass = next(track for track in made.mix.tracks if track.name == "Bass")
    sound = load_sources(made.out, made.mix)[bass.id]
    take = noise(duration_s=sound.duration_s, sample_rate_hz=sound.sample_rate_hz, seed=7)
    write_wav(tmp_path / "bass again.wav", take)
    before = hashes(made.source.parent)
    replace(made.out, "Bass", tmp_path / "bass again.wav")
    assert hashes(made.source.parent) == before
    after = read_session_file(made.handed)
    (played,) = lay_out(
        after, made.handed, [track for track in after.tracks if track.name == "Bass"], cache=open_cache()
    )
    with open_probed(played.sound) as reader:
        heard = reader.read_all().samples
    assert heard[0, : take.frames] == pytest.approx(take.samples[0], abs=1e-6)
    others = {track.name: track.clips for track in made.before.tracks if track.name != "Bass"}
    assert {track.name: track.clips for track in after.tracks if track.name in others} == others
    assert "1 new takes" in (made.out / "sessions" / "same" / "about.txt").read_text("utf-8")


def test_a_mix_of_a_live_set_goes_back_into_that_set(tmp_path: Path) -> None:
    source = write_live(tmp_path / "in" / "song.als")
    before = hashes(source.parent)
    mix(source, tmp_path / "out", options=OPTIONS)
    assert hashes(source.parent) == before
    (handed,) = (tmp_path / "out" / "sessions" / "ableton").glob("*.als")
    was, now = read_session_file(source), read_session_file(handed)
    assert [(t.name, t.clips) for t in now.tracks] == [(t.name, t.clips) for t in was.tracks]
    faders = [t.fader_db for t in was.of_kind("audio")]
    assert [t.fader_db for t in now.of_kind("audio")] != faders
