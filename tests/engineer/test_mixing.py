"""Stems in, finished mix out."""

import hashlib
import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from tests.engineer.conftest import QUICK, Mixed
from tests.golden import check_golden
from tests.tiny_song import DURATION_S, RATE_HZ, STEMS, stem, write_song, write_sound
from tonmeister.analysis.loudness import measure_loudness
from tonmeister.audio import Audio
from tonmeister.document.fold import fold, still_fader_db
from tonmeister.document.text import canonical, to_text
from tonmeister.engineer import load_mix, mix
from tonmeister.errors import InputError

FILES = {"mix.json", "mix.wav", "master.wav", "report.html", "sources.json", "journal.jsonl"}


def read(path: Path) -> Audio:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate)


def test_everything_that_was_promised_is_there(mixed: Mixed) -> None:
    there = {path.relative_to(mixed.out).as_posix() for path in mixed.out.rglob("*") if path.is_file()}
    assert there - {".tonmeister.json"} == set(mixed.result.files)
    assert set(mixed.result.files) >= FILES
    assert mixed.result.misses == ()
    assert mixed.result.moves.missed == ()
    assert mixed.result.moves.kept == mixed.result.moves.promised > len(STEMS)
    assert not [path for path in mixed.out.rglob("*") if path.name.startswith(".tonmeister-")]


def test_all_tracks_are_accounted_for_with_their_hash(mixed: Mixed) -> None:
    hashes = {name: hashlib.sha256((mixed.song / name).read_bytes()).hexdigest() for name in STEMS}
    document = load_mix(mixed.out)
    assert {item.name: item.sha256 for item in mixed.result.incoming} == hashes
    assert {track.name: track.sha256 for track in document.tracks} == hashes
    assert {track.name: track.role for track in document.tracks} == {
        "Kick.wav": "kick", "Snare.wav": "snare", "Bass DI.wav": "bass", "Keys.wav": "keys", "Gtr L.wav": "electric guitar",
        "Lead Vox.wav": "lead vocal",
    }  # fmt: skip


def test_the_document_is_the_fold_of_its_moves_and_names_no_place(mixed: Mixed) -> None:
    document = load_mix(mixed.out)
    text = (mixed.out / "mix.json").read_text("utf-8")
    assert canonical(fold(document)) == document
    assert to_text(document) == text
    assert str(mixed.song.parent) not in text


def test_the_files_have_the_length_and_form_that_were_asked_for(mixed: Mixed) -> None:
    shapes = {name: soundfile.info(mixed.out / name) for name in ("mix.wav", "master.wav")}
    assert {info.subtype for info in shapes.values()} == {"FLOAT", "PCM_24"}
    for info in shapes.values():
        assert (info.samplerate, info.channels) == (RATE_HZ, 2)
        assert DURATION_S <= info.duration <= DURATION_S + 6  # the tails of reverb and delay
    assert shapes["mix.wav"].frames == shapes["master.wav"].frames


def test_the_result_says_what_can_be_measured_on_the_files(mixed: Mixed) -> None:
    master = mixed.result.master
    assert master is not None
    heard = {name: measure_loudness(read(mixed.out / name)).integrated_lufs for name in ("mix.wav", "master.wav")}
    assert heard["mix.wav"] == pytest.approx(mixed.result.mix_lufs, abs=0.006)  # it is rounded to 0.01
    assert heard["master.wav"] == pytest.approx(master.integrated_lufs, abs=0.002)  # dither adds next to nothing
    assert heard["master.wav"] == pytest.approx(-14.0, abs=0.1)


def test_no_true_peak_passes_the_ceiling(mixed: Mixed) -> None:
    """The oracle interpolates 8x with its own filter, which may overshoot by some hundredths of a decibel."""
    samples = read(mixed.out / "master.wav").samples.astype(np.float64)
    peak = np.abs(resample_poly(samples, 8, 1, axis=1, window=("kaiser", 10.0))).max()
    assert 20 * np.log10(peak) <= -1.0 + 0.01


@pytest.mark.needs("ffmpeg")
def test_ffmpeg_measures_the_target(mixed: Mixed) -> None:
    """Within ±0.1 LU of the target and never above the ceiling: the product's bar."""
    command = ["ffmpeg", "-nostats", "-i", str(mixed.out / "master.wav"), "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = said[said.rindex("Summary:") :]
    lufs, peak = (float(re.search(rf"{name}:\s+(-?[\d.]+)", summary)[1]) for name in ("I", "Peak"))  # type: ignore[index]  # no match fails the test
    assert lufs == pytest.approx(-14.0, abs=0.1 + 0.05)  # it prints one decimal
    assert peak <= -1.0 + 0.05


def test_the_page_tells_the_true_peak_that_the_command_tells(mixed: Mixed) -> None:
    assert mixed.result.master is not None
    peak = mixed.result.master.true_peak_dbtp or 0.0
    page = (mixed.out / "report.html").read_text()
    assert f"−{-peak:.2f}" in page[page.index(">True peak<") :][:300]


@pytest.mark.golden
def test_measured_figures_of_the_mix_stay_where_they_are_known_to_be(mixed: Mixed) -> None:
    """The same wheels give the same bytes; other processors round differently, far below these hundredths."""
    samples = read(mixed.out / "mix.wav").samples.astype(np.float64)
    master = mixed.result.master
    assert master is not None
    figures = {"mix_lufs": mixed.result.mix_lufs or 0.0, "master_lufs": master.integrated_lufs or 0.0,
               "master_peak_dbtp": master.true_peak_dbtp or 0.0, "drive_db": master.drive_db} | _bands(samples) | _seconds(samples)  # fmt: skip
    tolerances = dict.fromkeys(figures, 0.02) | {"master_lufs": 0.05, "drive_db": 0.05}  # as near as the solver goes
    check_golden("tiny_song", figures, tolerances=tolerances)


def test_budgets_are_measured_and_held(mixed: Mixed) -> None:
    uses = {use.budget: use for use in mixed.result.budget_use}
    assert {"eq_gain_db", "eq_total_db", "masking_cuts", "gain_reduction_db", "master_gain_reduction_db"} <= set(uses)
    assert all(use.held and 0 <= use.used <= use.limit for name, use in uses.items() if name != "loudest_master_lufs")


@pytest.mark.parametrize("threads", ["1", "2"])
def test_one_song_gives_the_same_bytes_whatever_its_folder_order_cores_and_cache(
    mixed: Mixed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    monkeypatch.setenv("TONMEISTER_THREADS", threads)
    monkeypatch.setenv("TONMEISTER_CACHE", str(tmp_path / "cold"))
    song = write_song(tmp_path / f"another name {threads}", order=tuple(reversed(STEMS)))
    mix(song, tmp_path / "out", options=QUICK)
    assert _same(mixed.out, tmp_path / "out") == {"mix.json": True, "mix.wav": True, "master.wav": True}


def test_mixing_again_from_the_cache_gives_the_same_bytes_and_keeps_the_former_document(
    mixed: Mixed, copied: Path
) -> None:
    result = mix(mixed.song, copied, options=QUICK)
    assert _same(mixed.out, copied) == {"mix.json": True, "mix.wav": True, "master.wav": True}
    assert (copied / "history" / "mix-0001.json").read_bytes() == (mixed.out / "mix.json").read_bytes()
    assert result.computed.get("insert", 0) < mixed.result.computed.get("insert", 1) + 1


def test_renamed_files_with_fixed_roles_give_the_same_sound_and_the_same_document_but_for_names(tmp_path: Path) -> None:
    roles = dict(zip(STEMS, ("kick", "snare", "bass", "keys", "electric guitar", "lead vocal"), strict=True))
    other = dict(zip(STEMS, ("zzq.wav", "07 qa.wav", "qb_1.wav", "Qünï 3.wav", "xqx.wav", "qaa.wav"), strict=True))
    for place, names in (("one", dict(zip(STEMS, STEMS, strict=True))), ("two", other)):
        song = write_song(tmp_path / place / "song", names=names)
        wishes = {
            names[name]: {"role": role, "pan": -1.0 if role == "electric guitar" else None}
            for name, role in roles.items()
        }
        (tmp_path / place / "roles.json").write_text(json.dumps(wishes))
        mix(
            song,
            tmp_path / place / "out",
            options=QUICK.model_copy(update={"roles_file": tmp_path / place / "roles.json"}),
        )
    assert _same(tmp_path / "one" / "out", tmp_path / "two" / "out") == {
        "mix.json": False,
        "mix.wav": True,
        "master.wav": True,
    }
    first, second = (load_mix(tmp_path / place / "out") for place in ("one", "two"))
    assert [other[track.name] for track in first.tracks] == [track.name for track in second.tracks]
    back = {new.name: old.name for old, new in zip(first.tracks, second.tracks, strict=True)}
    back |= {new.id: old.id for old, new in zip(first.tracks, second.tracks, strict=True)}
    assert _renamed(to_text(second), back) == sorted(to_text(first).splitlines())


def test_a_preview_is_the_loudest_excerpt_of_the_asked_length(mixed: Mixed, tmp_path: Path) -> None:
    result = mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update={"preview_s": 3.0}))
    for name in ("mix.wav", "master.wav"):
        assert soundfile.info(tmp_path / "out" / name).duration == pytest.approx(3.0)
    assert result.master is not None
    assert result.master.integrated_lufs == pytest.approx(-14.0, abs=0.1)


def test_only_some_tracks(mixed: Mixed, tmp_path: Path) -> None:
    result = mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update={"only": ("kick", "Bass DI.wav")}))
    document = load_mix(tmp_path / "out")
    assert {track.name for track in document.tracks} == {"Kick.wav", "Bass DI.wav"}
    left_out = {item.name: item.why for item in result.incoming if item.state != "mixed"}
    assert left_out == dict.fromkeys(set(STEMS) - {"Kick.wav", "Bass DI.wav"}, "Left out by --only.")
    with pytest.raises(InputError, match="--only flute: no such track"):
        mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update={"only": ("flute",)}))


def test_without_a_master(mixed: Mixed, tmp_path: Path) -> None:
    result = mix(mixed.song, tmp_path / "out", options=QUICK.model_copy(update={"with_master": False}))
    assert result.master is None
    assert not (tmp_path / "out" / "master.wav").exists()
    assert (tmp_path / "out" / "mix.wav").read_bytes() == (mixed.out / "mix.wav").read_bytes()


def test_a_track_that_is_left_alone_comes_through_as_it_is(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav", "Lead Vox.wav"))
    roles = tmp_path / "roles.toml"
    roles.write_text('["Keys.wav"]\nleave_alone = true\n[Kick]\nlock = true\n')
    mix(song, tmp_path / "out", options=QUICK.model_copy(update={"roles_file": roles}))
    document = load_mix(tmp_path / "out")
    keys, kick = document.track("keys"), document.track("kick")
    assert keys.strip.model_copy(update={"output": keys.base.output}) == keys.base
    assert [move.task for move in document.moves if move.where.track == "keys" and move.task != "balance"] == []
    assert kick.strip.fader_db.points[0].value == pytest.approx(-kick.strip.trim_db)
    assert "balance.kick.fader" not in {move.id for move in document.moves}
    assert document.track("lead-vox").strip.fader_db != kick.base.fader_db


def test_stems_that_a_human_balanced_keep_their_balance(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav", "Lead Vox.wav"))
    options = QUICK.model_copy(update={"start": "as-is", "with_master": False})
    result = mix(song, tmp_path / "out", options=options)
    document = load_mix(tmp_path / "out")
    assert result.is_premixed
    for track in document.tracks:
        fader = still_fader_db(document, track.id)  # a lead rides around that
        assert abs(fader + track.strip.trim_db) <= 0.5, track.id  # the trim is given back; makeup may differ a little


def test_a_silent_stem_is_listed_and_not_mixed(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    write_sound(song / "Empty Take.wav", np.zeros((1, RATE_HZ)))
    (song / "notes.txt").write_text("Mix me loud.")
    result = mix(song, tmp_path / "out", options=QUICK.model_copy(update={"with_master": False}))
    assert {item.name: item.state for item in result.incoming} == {
        "Empty Take.wav": "silent", "Kick.wav": "mixed", "Keys.wav": "mixed", "notes.txt": "not sound",
    }  # fmt: skip
    assert (result.mixed, result.misses) == (2, ())


def test_a_track_that_cannot_be_read_is_a_miss_in_a_sentence(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    (song / "Vox.wav").write_text("I am no sound at all.")
    result = mix(song, tmp_path / "out", options=QUICK.model_copy(update={"with_master": False}))
    assert len(result.misses) == 1
    assert "Vox.wav is not in the mix" in result.misses[0]


def test_a_target_louder_than_the_budget_allows_is_a_miss(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    result = mix(song, tmp_path / "out", options=QUICK.model_copy(update={"target": "-6", "with_verify": False}))
    assert "The master aims at -7.0 LUFS instead of -6.0" in result.misses[-1]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"target": "loud"}, "--target loud: no such target"),
        ({"target": "-3"}, "--target -3: no such target"),
        ({"budget": "huge"}, "--budget huge: no such budget"),
        ({"sessions": ("protools",)}, "--sessions protools: no such format"),
        ({"roles_file": Path("/nowhere/roles.toml")}, "--roles /nowhere/roles.toml: cannot be read"),
    ],
)
def test_wrong_options_are_refused_before_any_work(tmp_path: Path, fields: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        mix(tmp_path / "song", tmp_path / "out", options=QUICK.model_copy(update=fields))
    assert not (tmp_path / "out").exists()


def test_a_result_folder_inside_the_source_is_not_taken_for_stems(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song", order=("Kick.wav", "Keys.wav"))
    options = QUICK.model_copy(update={"with_master": False})
    first, second = (mix(song, song / "out", options=options) for _ in range(2))
    assert (first.mixed, second.mixed) == (2, 2)
    assert {item.name: item.state for item in second.incoming}["out"] == "not looked into"


def _same(one: Path, other: Path) -> dict[str, bool]:
    return {
        name: (one / name).read_bytes() == (other / name).read_bytes() for name in ("mix.json", "mix.wav", "master.wav")
    }


def _renamed(text: str, names: dict[str, str]) -> list[str]:
    """Return the lines of a document with other names and ids, sorted: tracks in sentences and keys stand by their names."""
    for new, old in sorted(names.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(new, old)
    return sorted(text.splitlines())


def _bands(samples: np.ndarray) -> dict[str, float]:
    power = np.square(np.abs(np.fft.rfft(samples, axis=1))).sum(axis=0)
    hz = np.fft.rfftfreq(samples.shape[1], 1 / RATE_HZ)
    edges = (20, 150, 600, 2500, 8000, 20_000)
    levels = [10 * np.log10(power[(hz >= low) & (hz < high)].sum() / power.sum()) for low, high in pairwise(edges)]
    return {f"band_{low}_hz_db": round(float(level), 4) for low, level in zip(edges, levels, strict=False)}


def _seconds(samples: np.ndarray) -> dict[str, float]:
    parts = samples[:, : int(DURATION_S) * RATE_HZ].reshape(2, int(DURATION_S), RATE_HZ)
    levels = 10 * np.log10(np.square(parts).mean(axis=(0, 2)))
    return {f"second_{place}_dbfs": round(float(level), 4) for place, level in enumerate(levels)}


def test_the_stems_of_the_tiny_song_are_what_they_seem() -> None:
    assert all(0.05 < np.abs(stem(name)).max() < 1.0 for name in STEMS)
