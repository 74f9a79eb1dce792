"""Stems that sum to the mix, and recipes that say what to set where."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.daw.sessions import peak_db, write_sounds
from tests.render.songs import hear, insert, lane, song, track
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.daw.stems.recipes import recipe_page, recipes_of
from tonmeister.daw.stems.write import prepare_stems, write_stems_files
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.engineer.printing import key_of, print_sounds
from tonmeister.files.cache import Cache
from tonmeister.files.probe import probe
from tonmeister.knowledge.rows import source_text
from tonmeister.knowledge.stock_plugins import DAWS, stock_plugins
from tonmeister.processing import Band, Compressor, Delay, Equaliser, Saturator


def _song() -> tuple[Mix, dict[str, Audio]]:
    bands = (Band(shape="high_pass", frequency_hz=90), Band(frequency_hz=440, gain_db=-3, q=0.2))
    strips = {
        "voice": Strip(
            inserts=(insert(Equaliser(bands=bands)), insert(Compressor(ratio=12)), insert(Saturator())), trim_db=-2,
            sends=(Send(bus="fx", level_db=lane((0, -6))),), fader_db=lane((0.5, -3), (1.5, 0)), pan=lane((0, -0.3), law="linear_gain"),
        ),
        "late": Strip(delay_frames=4800, output="group"),
    }  # fmt: skip
    buses = (
        Bus(id="group", name="Group"),
        Bus(id="fx", name="Echo", kind="effect", inserts=(insert(Delay(time_ms=100)),)),
    )
    sounds = {"voice": noise(duration_s=2), "late": noise(duration_s=2, channels=2)}
    mix = song(
        [track(name, one, channels=sounds[name].channels) for name, one in strips.items()],
        frames=2 * RATE_HZ,
        buses=buses,
    )
    return mix, sounds


def test_stems_lie_side_by_side_and_sum_to_the_mix(tmp_path: Path) -> None:
    mix, sounds = _song()
    files = {name: probe(path) for name, path in write_sounds(sounds, tmp_path / "sounds").items()}
    prepared = prepare_stems(mix)
    prints = print_sounds(
        mix, files, prepared.prints, lambda name: tmp_path / name, cache=Cache(tmp_path / "cache", limit_bytes=1 << 30)
    )
    heard = {one.track_id: prints[key_of(one)] for one in prepared.prints}

    def place(name: str) -> Path:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        return tmp_path / "out" / name

    made = write_stems_files(mix, heard, place, name="Song")
    stems = [soundfile.read(path, dtype="float32")[0].T for path in sorted((tmp_path / "out" / "Stems").glob("*.wav"))]
    wanted = hear(mix, sounds)
    total = np.zeros((2, max(stem.shape[1] for stem in stems)), np.float32)
    for stem in stems:
        total[:, : stem.shape[1]] += stem
    frames = 2 * RATE_HZ  # what rings on behind the song is cut at -90 dBFS, each stem by itself
    assert peak_db(total[:, :frames] - wanted[:, :frames]) < -110
    assert made.carried == {"group stems": 1, "recipe pages": 4, "stems": 3}
    assert made.approximate == ("The sum of Stems/ is the mix before the master chain.",)
    assert sorted(path.name for path in (tmp_path / "out" / "Recipes").iterdir()) == [
        "Echo.md", "Group.md", "Master chain.md", "late.md", "recipes.json", "voice.md",
    ]  # fmt: skip


def test_a_recipe_names_controls_and_says_where_they_do_not_reach() -> None:
    strip = _song()[0].track("voice").strip
    recipes = {one.daw: one for one in recipes_of(strip.inserts, stem="Stems/voice.wav")}
    assert list(recipes) == list(DAWS.values())
    cubase = recipes["Cubase"].steps
    assert [(one.plugin, one.part) for one in cubase] == [
        ("StudioEQ", "high-pass"), ("StudioEQ", "bell"), ("Compressor", ""), (None, ""),
    ]  # fmt: skip
    q = next(knob for knob in cubase[1].knobs if knob.name == "Q")
    assert (q.value, q.wanted) == (0.5, 0.2)
    ratio = next(knob for knob in cubase[2].knobs if knob.name == "Ratio")
    assert (ratio.value, ratio.wanted) == (8, 12)
    assert "saturation" in cubase[3].note
    page = recipe_page("voice", strip, tuple(recipes.values()), stem="Stems/voice.wav")
    assert "Q: 0.5 (ours is 0.2; it does not go so far)" in page
    assert "Gain before the chain: -2.0 dB." in page
    assert "Pan: 30 % left." in page


@pytest.mark.parametrize("daw", DAWS)
def test_every_row_of_a_stock_plugin_names_its_source_and_settings_that_exist(daw: str) -> None:
    from tonmeister.processing.registry import STREAMS

    fields = {settings.model_fields["kind"].default: set(settings.model_fields) for settings in STREAMS}  # type: ignore[attr-defined]
    fields["equaliser"] = set(Band.model_fields)
    for kind, row in stock_plugins()[daw].items():
        assert source_text(row.source)
        assert set(row.controls) <= fields[kind], kind
        assert all(one.least is None or one.most is None or one.least < one.most for one in row.controls.values())
