"""Tools that change: propose first, then apply what was proposed; every change is read back from what was written."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tonmeister.assistant.tools.looking import changes, name_of, open_rendered
from tonmeister.assistant.tools.places import Opened, one_line
from tonmeister.assistant.tools.results import Applied, NoteRow, Proposal, ReadingRow, Revised
from tonmeister.document.diff import Difference, diff_mixes
from tonmeister.document.mix import Mix
from tonmeister.engineer import STATES, MixOptions, load_mix, set_moves
from tonmeister.engineer.throw_words import read_throw
from tonmeister.errors import InputError
from tonmeister.model import Model

if TYPE_CHECKING:
    from tonmeister.assistant.readings.reading import Reading

_LONGEST_EXCERPT_S = 60.0
_DOCUMENT = ("mix.json", "sources.json", "journal.jsonl")


class Change(Model):
    """One change of a mix: a wish in words, or a new state for some moves."""

    wish: str = Field(default="", max_length=300)
    """Such as `LdVox +1 dB`, or `vocal louder by 1 dB without the master`; empty for none."""
    state: Literal["accept", "reject", "lock", ""] = ""
    """New state for `moves`; empty for none."""
    moves: tuple[str, ...] = ()
    """Ids of moves, or patterns such as `space.*`."""


def propose(opened: Opened, name: str, change: Change) -> Proposal:
    """Return what a change would do, and the ticket with which it can be applied; nothing is written.

    Raises:
        InputError: If the change is not understood, or nothing reaches it.
    """
    out = opened.mix(name)
    _check(change)
    if change.wish:
        from tonmeister.engineer import what_if

        found = what_if(out, change.wish)
        would = tuple(one_line(planned.title) for planned in found.plan.changes)
        predicted = {"total_change_db": found.plan.price.total_db}
        request = f"wish: {one_line(change.wish)}"
    else:
        differs = _dry_states(out, change)
        would = tuple(one_line(f"{one.where}: {one.before} becomes {one.after}") for one in differs[:20])
        predicted = {"values_changed": float(len(differs))}
        request = f"{change.state} {', '.join(change.moves)}"
    return Proposal(
        mix=name_of(opened, out),
        request=one_line(request),
        would=would,
        predicted=predicted,
        ticket=ticket_of(out, change),
    )


def apply(opened: Opened, name: str, change: Change, ticket: str) -> Applied:
    """Make a proposed change, render where a wish asks for it, and read the document back.

    Raises:
        InputError: If it was not proposed, or the document is another one since.
    """
    out = opened.mix(name)
    _check(change)
    if ticket != ticket_of(out, change):
        raise InputError(
            "The ticket fits no proposal of this change on this document; call propose first, then apply with its ticket."
        )
    before = load_mix(out)
    misses: tuple[str, ...] = ()
    if change.wish:
        from tonmeister.engineer import what_if

        misses = what_if(out, change.wish, apply=True).misses
    else:
        set_moves(out, STATES[change.state], change.moves)
    return read_back(
        opened, out, before, what=change.wish or f"{change.state} {', '.join(change.moves)}", misses=misses
    )


def read_back(opened: Opened, out: Path, before: Mix, *, what: str, misses: tuple[str, ...] = ()) -> Applied:
    """Return what differs between a document and the one that is on disk now."""
    found = diff_mixes(before, load_mix(out))
    return Applied(
        mix=name_of(opened, out),
        done=bool(found),
        what=one_line(what),
        changed=changes(found),
        changed_count=len(found),
        misses=misses,
    )


def ticket_of(out: Path, change: Change) -> str:
    """Return what ties a proposal to a change and to the document as it is."""
    told = json.dumps(change.model_dump(), sort_keys=True).encode()
    return hashlib.sha256((out / "mix.json").read_bytes() + told).hexdigest()[:16]


def _check(change: Change) -> None:
    if bool(change.wish) == bool(change.state):
        raise InputError("Give either a wish in words, or a state (accept, reject, lock) with the ids of moves.")
    if change.state and not change.moves:
        raise InputError(f"{change.state}: name the moves; the tool list_moves lists them.")


def _dry_states(out: Path, change: Change) -> tuple[Difference, ...]:
    """Return what new states would change, tried on a copy of the document."""
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as folder:
        copy = _copied(out, Path(folder))
        set_moves(copy, STATES[change.state], change.moves)
        return diff_mixes(load_mix(out), load_mix(copy))


def _copied(out: Path, folder: Path) -> Path:
    """Copy the document, so that a change can be tried where nothing is lost."""
    for file in _DOCUMENT:
        if (out / file).is_file():
            shutil.copyfile(out / file, folder / file)
    return folder


class Choosing(Model):
    """Which readings are to be made, or heard."""

    choose: tuple[int, ...] = ()
    amount_db: float | None = None
    previews: bool = False


def revise_mix(opened: Opened, name: str, words: str, wanted: Choosing, *, dry_run: bool) -> Revised:
    """Read a client's words; with numbers, and if this is no dry run, make those readings and read the document back.

    Nothing goes into the person's taste: an agent's choice is not theirs.

    Raises:
        InputError: If the words are empty, or there is no reading of such a number.
    """
    from tonmeister.assistant.revising import revise

    out = opened.mix(name)
    opened.confine(out / "previews")
    choose = () if dry_run else wanted.choose
    if not choose and not dry_run:
        raise InputError("Choose readings by their numbers; a dry run tells them.")
    before = load_mix(out)
    found = revise(
        out,
        words,
        choose=choose,
        learn=False,
        amount_db=wanted.amount_db if choose else None,
        preview=wanted.previews,
    )
    differs = diff_mixes(before, load_mix(out))
    return Revised(
        mix=name_of(opened, out),
        done=bool(found.moves),
        notes=tuple(
            NoteRow(
                number=a.number, state=a.state, said=one_line(a.said), readings=a.readings, reason=one_line(a.reason)
            )
            for a in found.actions
        ),
        readings=tuple(ReadingRow(number=r.number, title=one_line(r.says), measured=_proof(r)) for r in found.readings),
        question=found.question,
        report=tuple(one_line(line) for line in found.report),
        files=found.excerpts,
        changed=changes(differs),
        changed_count=len(differs),
        misses=found.misses,
    )


def _proof(reading: "Reading") -> str:
    proof = reading.proof
    if proof is not None:
        return f"{proof.metric} {proof.before:.2f} to {proof.after:.2f}"
    promised = [
        (one.expects, one.measured) for one in reading.steps if one.expects is not None and one.measured is not None
    ]
    told = [f"{expects.metric} {measured.value:.2f}, promised {expects.value:g}" for expects, measured in promised]
    return "; ".join(told) or "not tried"


def undo_last(opened: Opened, name: str, *, dry_run: bool) -> Applied:
    """Take the last change back, or say what that would change.

    Raises:
        InputError: If there is nothing to undo.
    """
    from tonmeister.engineer import undo

    out = opened.mix(name)
    if not dry_run:
        before = load_mix(out)
        undo(out)
        return read_back(opened, out, before, what="undo; render makes it heard")
    if not (out / "history").is_dir():
        raise InputError(f"{one_line(name_of(opened, out))}: there is nothing to undo; no earlier document is kept.")
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as folder:
        copy = _copied(out, Path(folder))
        shutil.copytree(out / "history", copy / "history")
        found = undo(copy)
    return Applied(
        mix=name_of(opened, out), done=False, what="dry run of undo", changed=changes(found), changed_count=len(found)
    )


def render_mix(opened: Opened, name: str) -> Applied:
    """Render a mix again; what did not change comes from the cache."""
    from tonmeister.engineer import render

    out = opened.mix(name)
    result = render(out)
    return Applied(mix=name_of(opened, out), done=True, what="rendered", files=result.files, misses=result.misses)


class Redecide(Model):
    """What is to be decided anew; None keeps what the document says, `()` takes it back."""

    touch: tuple[str, ...] = ()
    throws: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None
    """Mixes or recordings of the opened folder by name, with `=WEIGHT`."""
    moods: tuple[str, ...] | None = None
    reference_amounts: tuple[str, ...] = ()
    """As `tone=0.5`; what is not named stays."""
    arc: str | None = None


def solve_mix(opened: Opened, name: str, wanted: Redecide, *, dry_run: bool) -> Applied:
    """Decide again around what people settled, and render; a dry run says what stays.

    Raises:
        InputError: If no place is read in a throw, a reference is not there, or there is no such mood, amount or arc.
    """
    from tonmeister.engineer import NewDirection, solve
    from tonmeister.engineer.direction_brief import check_new_direction

    out = opened.mix(name)
    before = load_mix(out)
    for said in wanted.throws or ():
        read_throw(said)
    named = None if wanted.references is None else tuple(_reference(opened, said) for said in wanted.references)
    direction = NewDirection(references=named, amounts=wanted.reference_amounts, moods=wanted.moods)
    check_new_direction(direction, before.brief, wanted.arc)
    if dry_run:
        settled = sum(move.state in {"locked", "rejected"} or move.set_by != "engine" for move in before.moves)
        what = f"dry run: {settled} settled moves would stay, the other {len(before.moves) - settled} be decided anew and rendered"
        return Applied(mix=name_of(opened, out), done=False, what=what)
    result = solve(out, touch=wanted.touch, arc=wanted.arc, throws=wanted.throws, direction=direction)
    return read_back(opened, out, before, what="decided again", misses=result.misses)


class NewMix(Model):
    """What a new mix is to be like."""

    brief: str = ""
    target: str = "streaming"
    references: tuple[str, ...] = ()
    """Mixes or recordings of the opened folder by name, with `=WEIGHT`."""
    reference_amounts: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()


def mix_song(opened: Opened, source: str, new_name: str, wanted: NewMix, *, dry_run: bool) -> Applied:
    """Mix a folder of stems into a new folder of the opened one; a dry run says what would be mixed.

    Raises:
        InputError: If the folder or a reference is not there, there is no such mood or amount, or the new name is taken by a mix.
    """
    from tonmeister.engineer.direction_brief import check_direction

    stems, out = opened.source(source), opened.new_mix(new_name)
    options = MixOptions(
        brief=wanted.brief, target=wanted.target, references=tuple(_reference(opened, said) for said in wanted.references),
        reference_amounts=wanted.reference_amounts, moods=wanted.moods,
    )  # fmt: skip
    check_direction(options)
    if (out / "mix.json").is_file():
        raise InputError(f"{one_line(new_name)!r}: a mix is there already; choose another name.")
    if dry_run:
        count = sum(1 for path in stems.iterdir() if path.is_file() and not path.name.startswith("."))
        return Applied(
            mix=new_name,
            done=False,
            what=f"dry run: {count} files of {one_line(source)} would be mixed to {wanted.target}",
        )
    from tonmeister.engineer import mix

    result = mix(stems, out, options=options)
    return Applied(
        mix=name_of(opened, out),
        done=True,
        what=f"mixed {result.mixed} tracks",
        files=result.files,
        misses=result.misses,
    )


def _reference(opened: Opened, said: str) -> str:
    """Return a reference as the engineer takes it: a place, and its weight."""
    known = opened.references()
    name, equals, weight = said.rpartition("=")
    if said in known or not equals:
        return str(opened.reference(said))
    return f"{opened.reference(name)}={weight}"


def export_mix(opened: Opened, name: str, to: str, *, dry_run: bool) -> Applied:
    """Write a DAW session of a mix into its folder; a dry run says where."""
    from tonmeister.engineer import export

    out = opened.mix(name)
    shown = name_of(opened, out)
    opened.confine(out / "sessions")
    if dry_run:
        return Applied(
            mix=shown,
            done=False,
            what=f"dry run: a session for {one_line(to)} would be written into sessions/ of {shown}",
        )
    result = export(out, to=to)
    files = [path for session in result.sessions for path in sorted(session.folder.rglob("*")) if path.is_file()]
    written = tuple(path.relative_to(out).as_posix() for path in files)
    lost = tuple(one_line(f"not carried: {line}") for session in result.sessions for line in session.lost)
    return Applied(mix=shown, done=True, what=f"session for {to}", files=written[:40], misses=lost)


def cut_excerpt(opened: Opened, name: str, *, start_s: float, end_s: float, master: bool, dry_run: bool) -> Applied:
    """Render what changed, and write a part of the result as a WAV file into excerpts/ of the mix.

    Raises:
        InputError: If the part is empty, too long, or outside of the song.
    """
    out = opened.mix(name)
    length = end_s - start_s
    if not 0 < length <= _LONGEST_EXCERPT_S or start_s < 0:
        raise InputError(f"{start_s:g}-{end_s:g} s: an excerpt lasts more than 0 and at most {_LONGEST_EXCERPT_S:g} s.")
    opened.confine(out / "excerpts")
    file = f"excerpts/{'master' if master else 'mix'}-{start_s:.1f}-{end_s:.1f}.wav"
    if dry_run:
        return Applied(mix=name_of(opened, out), done=False, what=f"dry run: {file} would be written")
    from tonmeister.engineer import render
    from tonmeister.files.output_folder import OutputFolder
    from tonmeister.files.wav import WavWriter

    render(out)
    with open_rendered(out, master=master) as reader:
        if start_s >= reader.duration_s:
            raise InputError(f"{start_s:g} s: the song lasts {reader.duration_s:.1f} s.")
        rate = reader.sample_rate_hz
        samples = reader.read(round(start_s * rate), round(length * rate))
    with OutputFolder(out, keeps_history=False) as folder:
        path = folder.path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b") as sink:
            writer = WavWriter(sink, sample_rate_hz=rate, channels=int(samples.shape[0]))
            writer.write(samples)
            writer.close()
    return Applied(mix=name_of(opened, out), done=True, what=f"excerpt of {length:.1f} s", files=(file,))
