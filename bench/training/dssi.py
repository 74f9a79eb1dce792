"""A host for DSSI synthesisers, offline: programs of their banks and notes in, sound out.

DSSI (dssi.h, LADSPA's ladspa.h and ALSA's seq_event.h say the layouts) is plain C: the plugins are other programs of
other licences, loaded while training sounds are made and by nothing that is shipped.
"""

import ctypes as c
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.training.score import Note

FOLDER = Path("/usr/lib/dssi")
BLOCK = 128
_OUTPUT_AUDIO, _INPUT_CONTROL = 0x8 | 0x2, 0x4 | 0x1
_NOTE_ON, _NOTE_OFF = 6, 7
_PATIENCE_S = 30
_HINT_LOGARITHMIC = 0x10
_DEFAULTS = {0x40: 0.0, 0x80: 0.25, 0xC0: 0.5, 0x100: 0.75, 0x140: 1.0}
"""Where between its bounds a port starts: LADSPA's minimum, low, middle, high and maximum."""
_FIXED = {0x200: 0.0, 0x240: 1.0, 0x280: 100.0, 0x2C0: 440.0}


class _Hint(c.Structure):
    _fields_: ClassVar = [("hints", c.c_int), ("lower", c.c_float), ("upper", c.c_float)]


class _Ladspa(c.Structure):
    _fields_: ClassVar = [
        ("id", c.c_ulong), ("label", c.c_char_p), ("properties", c.c_int), ("name", c.c_char_p), ("maker", c.c_char_p),
        ("copyright", c.c_char_p), ("port_count", c.c_ulong), ("ports", c.POINTER(c.c_int)),
        ("port_names", c.POINTER(c.c_char_p)), ("hints", c.POINTER(_Hint)), ("data", c.c_void_p),
        ("instantiate", c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.c_ulong)),
        ("connect_port", c.CFUNCTYPE(None, c.c_void_p, c.c_ulong, c.c_void_p)),
        ("activate", c.CFUNCTYPE(None, c.c_void_p)), ("run", c.c_void_p), ("run_adding", c.c_void_p),
        ("set_gain", c.c_void_p), ("deactivate", c.CFUNCTYPE(None, c.c_void_p)), ("cleanup", c.CFUNCTYPE(None, c.c_void_p)),
    ]  # fmt: skip


class _Program(c.Structure):
    _fields_: ClassVar = [("bank", c.c_ulong), ("program", c.c_ulong), ("name", c.c_char_p)]


class _Event(c.Structure):
    """ALSA's snd_seq_event_t, 28 bytes: `data` begins with channel, pitch and velocity of a note."""

    _fields_: ClassVar = [
        ("type", c.c_ubyte), ("flags", c.c_ubyte), ("tag", c.c_ubyte), ("queue", c.c_ubyte), ("tick", c.c_uint),
        ("nanoseconds", c.c_uint), ("addresses", c.c_ubyte * 4), ("data", c.c_ubyte * 12),
    ]  # fmt: skip


class _Dssi(c.Structure):
    _fields_: ClassVar = [
        ("version", c.c_int), ("ladspa", c.POINTER(_Ladspa)),
        ("configure", c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.c_char_p, c.c_char_p)),
        ("get_program", c.CFUNCTYPE(c.POINTER(_Program), c.c_void_p, c.c_ulong)),
        ("select_program", c.CFUNCTYPE(None, c.c_void_p, c.c_ulong, c.c_ulong)), ("controller_of_port", c.c_void_p),
        ("run_synth", c.CFUNCTYPE(None, c.c_void_p, c.c_ulong, c.POINTER(_Event), c.c_ulong)),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Program:
    """A program of a synthesiser's banks."""

    bank: int
    number: int
    name: str


@contextmanager
def _own_rounding() -> Iterator[None]:
    """Keep how this process rounds: some plugins switch denormal numbers off for all as they are loaded."""
    mathematics, environment = c.CDLL(None), c.create_string_buffer(64)
    mathematics.fegetenv(environment)
    yield
    mathematics.fesetenv(environment)


class Synthesiser:
    """One plugin, kept loaded and untouched."""

    def __init__(self, file: str, rate_hz: int) -> None:
        with _own_rounding():
            library = c.CDLL(str(FOLDER / file))
        library.dssi_descriptor.restype, library.dssi_descriptor.argtypes = c.POINTER(_Dssi), [c.c_ulong]
        self._dssi: _Dssi = library.dssi_descriptor(0).contents
        self._ladspa: _Ladspa = self._dssi.ladspa.contents
        self._rate_hz = rate_hz
        self._handle = self._ladspa.instantiate(c.addressof(self._ladspa), rate_hz)
        self._outputs: list[c.Array[c.c_float]] = []
        self._controls: list[c.c_float] = []
        self._connect()
        self._ladspa.activate(self._handle)

    def programs(self) -> list[Program]:
        """Return the programs of all banks."""
        found: list[Program] = []
        while one := self._dssi.get_program(self._handle, len(found)):
            name = (one.contents.name or b"").decode("utf-8", "replace").strip()
            found.append(Program(one.contents.bank, one.contents.program, name))
        return found

    def play(self, program: Program, notes: list[Note], seconds: float) -> NDArray[np.float64]:
        """Return (channels, frames) of a program playing notes, always the same; silence where the plugin breaks off.

        Each call plays in a fork of this process: plugins keep chance, echoes and now and then broken memory.
        """
        forked = multiprocessing.get_context("fork")
        receiver, sender = forked.Pipe(duplex=False)
        child = forked.Process(target=self._send, args=(sender, program, notes, seconds))
        child.start()
        sender.close()
        try:
            sound = np.frombuffer(receiver.recv_bytes(), np.float32)
        except EOFError:
            sound = np.zeros(0, np.float32)
        receiver.close()
        child.join()
        whole = np.zeros((len(self._outputs), int(seconds * self._rate_hz)))
        if sound.size == whole.size:
            whole[:] = np.nan_to_num(sound).reshape(whole.shape)
        return whole

    def _send(self, sender: Connection, program: Program, notes: list[Note], seconds: float) -> None:
        signal.alarm(_PATIENCE_S)
        sender.send_bytes(self._play_here(program, notes, int(seconds * self._rate_hz)).tobytes())
        sender.close()

    def _play_here(self, program: Program, notes: list[Note], frames: int) -> NDArray[np.float32]:
        self._dssi.select_program(self._handle, program.bank, program.number)
        out = np.zeros((len(self._outputs), -(-frames // BLOCK) * BLOCK), np.float32)
        events = sorted(_events(notes, self._rate_hz, out.shape[1]), key=lambda one: one.tick)
        at = 0
        for start in range(0, out.shape[1], BLOCK):
            stop = at
            while stop < len(events) and events[stop].tick < start + BLOCK:
                stop += 1
            self._run(events[at:stop], start)
            at = stop
            for channel, buffer in enumerate(self._outputs):
                out[channel, start : start + BLOCK] = buffer
        return out[:, :frames]

    def _connect(self) -> None:
        for port in range(self._ladspa.port_count):
            kind = self._ladspa.ports[port]
            if kind == _OUTPUT_AUDIO:
                buffer = (c.c_float * BLOCK)()
                self._outputs.append(buffer)
                self._ladspa.connect_port(self._handle, port, c.addressof(buffer))
                continue
            control = c.c_float(_default(self._ladspa.hints[port]))
            self._controls.append(control)
            self._ladspa.connect_port(self._handle, port, c.addressof(control))

    def _run(self, events: list[_Event], start: int) -> None:
        block = (_Event * max(1, len(events)))(*events)
        for event in block:
            event.tick -= start
        self._dssi.run_synth(self._handle, BLOCK, block, len(events))


def _default(hint: _Hint) -> float:
    """Return where a port starts; its lower bound, or 0, where nothing is said."""
    kind = hint.hints & 0x3C0
    if kind in _FIXED:
        return _FIXED[kind]
    share = _DEFAULTS.get(kind)
    if share is None:
        return float(hint.lower) if hint.hints & 1 else 0.0
    if hint.hints & _HINT_LOGARITHMIC and hint.lower > 0:
        return float(hint.lower ** (1 - share) * hint.upper**share)
    return float(hint.lower * (1 - share) + hint.upper * share)


def _events(notes: list[Note], rate_hz: int, size: int) -> list[_Event]:
    found = []
    for note in notes:
        end_s = note.start_s + note.length_s
        for kind, at_s, velocity in ((_NOTE_ON, note.start_s, note.velocity), (_NOTE_OFF, end_s, 0)):
            data = (c.c_ubyte * 12)(0, round(note.pitch), velocity)
            found.append(_Event(type=kind, tick=int(at_s * rate_hz), data=data))
    return [event for event in found if event.tick < size]
