"""Deliver a mix, or one finished file: versions and stems in every format, tagged, summed up, read back and checked."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tonmeister.deliver.pack import CHECKSUMS, MANIFEST, file_name, write_checksums, write_manifest
from tonmeister.document.mix import Mix
from tonmeister.engineer.deliver_options import DeliveredFile, DeliverOptions, DeliverResult, StemSum
from tonmeister.engineer.delivered_file import Source, prepare, write_file
from tonmeister.engineer.documents import check_sources, load_mix, load_sources
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.scoping import mastered_at_all
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.versions import Stem, plan_stems, version_of
from tonmeister.errors import CancelledError, InputError
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.encode_delivery import (
    ENDINGS,
    LOSSY_KBPS,
    DeliveryFile,
    DeliveryFormat,
    WordLength,
    delivery_rate_hz,
)
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.sound import open_sound
from tonmeister.files.tags import Cover, Tags, read_cover
from tonmeister.model import Db
from tonmeister.render import Renderer, hear_master
from tonmeister.render.output import WavOutput

SUM_LIMIT_DBFS = -120.0
"""The stems, added up, differ from the mix by less."""
_SEED = 1
_STEMS = "/stems/"
"""What the names of stems hold."""
_NOTHING_DBFS = -200.0
_BLOCK_FRAMES = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class _Sound:
    """One thing to deliver, as float32 at the song's rate."""

    version: str
    path: Path
    limit_dbtp: Db | None
    is_stem: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """What all parts of one delivery share."""

    options: DeliverOptions
    scratch: Path
    cache: Cache
    stages: Stages
    cancel: Cancel | None

    def check_on(self) -> None:
        """Stop where the person asked for it."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError("The work was stopped.")


def deliver(
    source: Path,
    out: Path,
    *,
    options: DeliverOptions | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> DeliverResult:
    """Write everything that a label, a film or another studio asks for, and check every file.

    Args:
        source: The folder of a mix, or one finished file (main only).
        out: The folder of the delivery.
        options: Formats, versions, word length, tags.
        progress: Is told what is being done.
        cancel: Is asked whether to stop.

    Raises:
        InputError: If the source or an option cannot be used; nothing is written then.
        OutputError: If the folder or a file cannot be written.
        MissingExtraError: If a format needs PyAV and it is not installed.
        CancelledError: If the person asked to stop; nothing half-written is left.
    """
    wanted = options or DeliverOptions()
    cover = None if wanted.cover is None else read_cover(wanted.cover)
    if out.resolve() == source.resolve():
        raise InputError(f"{out}: that is the mix itself; give another folder.")
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as scratch:
        job = _Job(wanted, Path(scratch), open_cache(), Stages(progress), cancel)
        title, sounds, mix_path, notes = _gather(source, job)
        with OutputFolder(out) as folder:
            files = tuple(_write_all(sounds, title, cover, folder, job))
            stem_sum = _sum_up(files, folder, mix_path, job)
            others = _write_papers(title, files, stem_sum, cover, folder, job)
    misses = tuple(f"{file.name}: {problem}" for file in files for problem in file.problems)
    if stem_sum is not None and stem_sum.rms_residual_dbfs > stem_sum.limit_dbfs:
        misses += (
            f"The stems miss the mix by {stem_sum.rms_residual_dbfs:.1f} dBFS, limit {stem_sum.limit_dbfs:.0f}.",
        )
    notes += tuple(_turned_down(files))
    return DeliverResult(
        out=out, files=files, others=others, stem_sum=stem_sum, notes=notes, misses=misses, stages=job.stages.times
    )


def _turned_down(files: tuple[DeliveredFile, ...]) -> Iterator[str]:
    """Say which files are softer than the song, and why."""
    for file in files:
        if file.gain_db < 0 and _STEMS not in file.name:
            yield f"{file.name} was turned down by {-file.gain_db:.2f} dB so that nothing is cut off."
    stems = next((file for file in files if file.gain_db < 0 and _STEMS in file.name), None)
    if stems is not None:
        yield f"All stems were turned down by {-stems.gain_db:.2f} dB alike, so that whole numbers cut none of them off."


def _gather(source: Path, job: _Job) -> tuple[str, list[_Sound], Path | None, tuple[str, ...]]:
    """Return the title, what is to be delivered, the mix that stems add up to, and notes."""
    if source.is_dir():
        return _render(source, job)
    others = [name for name in job.options.versions if name != "main"]
    if others:
        raise InputError(
            f"--versions {','.join(others)}: {source.name} is one file; only its main version can be made. "
            "Give the folder that `tonmeister mix` wrote."
        )
    own = prepare(job.scratch / "file.wav", source, limit_dbtp=None)
    limit = None if own.true_peak_dbtp is None else max(own.true_peak_dbtp, 0.0) if own.sample_peak <= 1 else 0.0
    return job.options.tags.title or source.stem, [_Sound("main", own.path, limit)], None, ()


def _render(source: Path, job: _Job) -> tuple[str, list[_Sound], Path | None, tuple[str, ...]]:
    mix = load_mix(source)
    sounds = load_sources(source, mix)
    check_sources(mix, sounds, cache=job.cache)
    title = job.options.tags.title or mix.song.title or source.resolve().name
    notes: list[str] = []
    found: list[_Sound] = []
    with ExitStack() as stack:
        renderer = stack.enter_context(open_renderer(sounds, cache=job.cache))
        tell = stack.enter_context(job.stages.stage("render"))
        whole = job.scratch / "mix.wav"
        end = renderer.render(mix, outputs={"mix": whole}, cancel=job.cancel).end_frames["mix"]
        for name in (name for name in job.options.versions if name != "stems"):
            tell(name, 0.2)
            made = version_of(mix, name)
            if made is None:
                notes.append(
                    f"{name}: left out, it would be silent or the same as main (no voice, or nothing but voices)."
                )
                continue
            found.append(_master(name, made, mix, whole if name == "main" else None, end, renderer, job))
        stems, told = plan_stems(mix) if "stems" in job.options.versions else ((), ())
        for place, stem in enumerate(stems):
            tell(stem.name, 0.3 + 0.7 * place / len(stems))
            found.append(_stem(stem, place, end, renderer, job))
        notes += told
    if stems:
        notes += _about_stems(mix)
    return title, found, whole if stems else None, tuple(notes)


def _about_stems(mix: Mix) -> Iterator[str]:
    kinds = [insert.processor.kind for insert in mix.master.inserts]
    if kinds:
        yield f"The stems add up to the mix before the master chain ({', '.join(kinds)}), which does not add up: the master of the sum is not the sum of masters."


def _master(name: str, made: Mix, mix: Mix, known: Path | None, end: int, renderer: Renderer, job: _Job) -> _Sound:
    """Render a version and run the master chain of the mix over it, at the same drive."""
    path = known
    if path is None:
        path = job.scratch / f"mix-{name}.wav"
        renderer.render(made, outputs={"mix": path}, end_frame=end, cancel=job.cancel)
    if not (mastered_at_all(mix) and mix.master.inserts):
        return _Sound(name, path, None)
    mastered = job.scratch / f"master-{name}.wav"
    with (
        open_sound(path) as sound,
        WavOutput(mastered, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels) as output,
    ):
        hear_master(sound, mix.master, [output], cancel=job.cancel)
    return _Sound(name, mastered, mix.master.ceiling_dbtp)


def _stem(stem: Stem, place: int, end: int, renderer: Renderer, job: _Job) -> _Sound:
    path = job.scratch / f"stem-{place}.wav"
    renderer.render(stem.mix, outputs={stem.point: path}, end_frame=end, cancel=job.cancel)
    return _Sound(stem.name, path, None, is_stem=True)


def _write_all(
    sounds: list[_Sound], title: str, cover: Cover | None, folder: OutputFolder, job: _Job
) -> Iterator[DeliveredFile]:
    options = job.options
    total = len(sounds) * len(options.formats)
    with job.stages.stage("write") as tell:
        sources = _sources(sounds, job)
        stem_gain = _stem_gain_db(sounds, sources, options)
        for place, (sound, file_format) in enumerate((s, f) for f in options.formats for s in sounds):
            job.check_on()
            if sound.is_stem and file_format in LOSSY_KBPS:
                continue  # what a codec takes away would not add up
            name = file_name(title, sound.version, file_format, ENDINGS[file_format], is_stem=sound.is_stem)
            tell(name, place / total)
            source = sources[sound.version, _rate_hz(file_format, sound, job)]
            settings = DeliveryFile(
                file_format, source.sample_rate_hz, source.channels, bits=_bits(file_format, options, is_stem=sound.is_stem),
                dither=options.dither, seed=_SEED, tags=_tags(options, title, sound), cover=cover,
            )  # fmt: skip
            yield write_file(
                folder.path(name), source, settings, name=name, version=sound.version, is_stem=sound.is_stem,
                gain_db=stem_gain if sound.is_stem else 0.0, cancel=job.cancel,
            )  # fmt: skip


class _Lazily(dict[tuple[str, int], Source]):
    """Sources by version and rate, each made when a file first asks for it."""

    def __init__(self, make: Callable[[tuple[str, int]], Source]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: tuple[str, int]) -> Source:
        self[key] = self._make(key)
        return self[key]


def _sources(sounds: list[_Sound], job: _Job) -> _Lazily:
    by_name = {sound.version: sound for sound in sounds}

    def make(key: tuple[str, int]) -> Source:
        sound, rate = by_name[key[0]], key[1]
        place = job.scratch / f"at-{rate}-{list(by_name).index(key[0])}.wav"
        return prepare(place, sound.path, rate_hz=rate, limit_dbtp=sound.limit_dbtp)

    return _Lazily(make)


def _rate_hz(file_format: DeliveryFormat, sound: _Sound, job: _Job) -> int:
    rate = job.options.rate_hz
    if rate is None:
        with open_sound(sound.path) as read:
            rate = read.sample_rate_hz
    return delivery_rate_hz(file_format, rate)


def _bits(file_format: DeliveryFormat, options: DeliverOptions, *, is_stem: bool) -> WordLength:
    if options.bits is not None:
        return options.bits if file_format == "wav" or options.bits != "32f" else "24"
    return "32f" if is_stem and file_format == "wav" else "24"


def _tags(options: DeliverOptions, title: str, sound: _Sound) -> Tags:
    """Return the tags of a file; an ISRC belongs to the main version alone (each recording has its own)."""
    shown = title if sound.version == "main" else f"{title} ({sound.version})"
    isrc = options.tags.isrc if sound.version == "main" else ""
    return options.tags.model_copy(update={"title": shown, "isrc": isrc})


def _stem_gain_db(sounds: list[_Sound], sources: _Lazily, options: DeliverOptions) -> Db:
    """Return the one gain of all stems: down where a whole-number file would cut one off, so that they still add up."""
    whole = [f for f in options.formats if f not in LOSSY_KBPS and _bits(f, options, is_stem=True) != "32f"]
    stems = [sound for sound in sounds if sound.is_stem]
    if not whole or not stems:
        return 0.0
    highest = 0.0
    for sound in stems:
        with open_sound(sound.path) as read:
            rate = delivery_rate_hz(whole[0], options.rate_hz or read.sample_rate_hz)
        highest = max(highest, sources[sound.version, rate].sample_peak)
    # Rounded as it is told, so that the mix can be turned down by the very same for the sum.
    return 0.0 if highest <= 1 else round(-20 * float(np.log10(highest)) - 0.1, 3)


def _sum_up(files: tuple[DeliveredFile, ...], folder: OutputFolder, mix_path: Path | None, job: _Job) -> StemSum | None:
    """Add up the stems as they lie in their files and compare with the mix."""
    if mix_path is None:
        return None
    first = next((file.format for file in files if _STEMS in file.name), None)
    stems = [file for file in files if _STEMS in file.name and file.format == first]
    if not stems:
        return None
    gain = 10 ** (stems[0].gain_db / 20)
    with ExitStack() as stack, job.stages.stage("add up"):
        mix = stack.enter_context(open_sound(mix_path, rate_hz=stems[0].sample_rate_hz))
        readers = [stack.enter_context(open_sound(folder.path(stem.name))) for stem in stems]
        peak, power = 0.0, 0.0
        for start in range(0, mix.frames, _BLOCK_FRAMES):
            left = -gain * mix.read(start, _BLOCK_FRAMES).astype(np.float64)
            for reader in readers:
                left += reader.read(start, _BLOCK_FRAMES)
            peak, power = max(peak, float(np.abs(left).max(initial=0.0))), power + float(np.square(left).sum())
        rms = (power / max(1, mix.frames * mix.channels)) ** 0.5
    return StemSum(
        stems=tuple(stem.version for stem in stems), peak_residual_dbfs=_dbfs(peak), rms_residual_dbfs=_dbfs(rms), limit_dbfs=SUM_LIMIT_DBFS
    )  # fmt: skip


def _dbfs(value: float) -> Db:
    return _NOTHING_DBFS if value <= 0 else max(_NOTHING_DBFS, round(20 * float(np.log10(value)), 1))


def _write_papers(
    title: str,
    files: tuple[DeliveredFile, ...],
    stem_sum: StemSum | None,
    cover: Cover | None,
    folder: OutputFolder,
    job: _Job,
) -> tuple[str, ...]:
    others = []
    sums = {file.name: file.sha256 for file in files}
    if cover is not None:
        name = "cover.jpg" if cover.mime == "image/jpeg" else "cover.png"
        folder.path(name).write_bytes(cover.data)
        others.append(name)
    facts = {
        "made_by": "tonmeister", "title": title, "tags": {k: v for k, v in job.options.tags.model_dump().items() if v},
        "dither": job.options.dither, "stem_sum": None if stem_sum is None else stem_sum.model_dump(mode="json"),
    }  # fmt: skip
    folder.write_text(MANIFEST, write_manifest(facts, [file.model_dump(mode="json") for file in files]))
    folder.write_text(CHECKSUMS, write_checksums(sums))
    return (*others, CHECKSUMS, MANIFEST)
