"""A small Live set of our own, in the form of Live 12, with what a patch touches."""

import gzip
from itertools import count
from pathlib import Path


def live_12_set(path: Path, *, eq_mode: int = 0) -> Path:
    """Write a set with two tracks, a return, an EQ Eight and a Compressor, both not as they should be."""
    ids = count(1)

    def number(tag: str, value: object) -> str:
        return (
            f'<{tag}>\n<LomId Value="0" />\n<Manual Value="{value}" />\n<AutomationTarget Id="{next(ids)}">\n'
            f'<LockEnvelope Value="0" />\n</AutomationTarget>\n<ModulationTarget Id="{next(ids)}" />\n</{tag}>\n'
        )

    def mixer(sends: int) -> str:
        held = "".join(
            f'<TrackSendHolder Id="{i}">{number("Send", 0.0003162277571)}</TrackSendHolder>' for i in range(sends)
        )
        return f"<Mixer>\n<Sends>{held}</Sends>\n{number('Speaker', 'true')}{number('Pan', 0)}{number('Volume', 1)}</Mixer>\n"

    bands = "".join(
        f"<Bands.{i}><ParameterA>{number('IsOn', 'true')}{number('Mode', 3)}{number('Freq', 1000)}{number('Gain', 6)}"
        f"{number('Q', 0.7)}</ParameterA></Bands.{i}>"
        for i in range(8)
    )
    equaliser = (
        f'{number("On", "false")}<Mode Value="{eq_mode}" />{number("Scale", 0.5)}{number("GlobalGain", 2)}{bands}'
    )
    settings = dict.fromkeys(("Threshold", "Ratio", "Attack", "Release", "Gain", "Knee", "DryWet", "Model"), 1)
    switches = dict.fromkeys(("On", "GainCompensation", "AutoReleaseControlOnOff"), "true")
    compressor = "".join(number(name, value) for name, value in (settings | switches).items())
    devices = f'<Devices><Eq8 Id="1">{equaliser}</Eq8><Compressor2 Id="2">{compressor}</Compressor2></Devices>'

    def track(tag: str, name: str, *, held: str, chain: str = "<Devices />", sends: int = 1) -> str:
        return (
            f'<{tag} Id="{next(ids)}">\n<Name>\n<EffectiveName Value="{name}" />\n<UserName Value="" />\n</Name>\n'
            f"<AutomationEnvelopes>\n{held}\n</AutomationEnvelopes>\n<DeviceChain>\n{mixer(sends)}<DeviceChain>\n{chain}\n"
            f"</DeviceChain>\n</DeviceChain>\n</{tag}>\n"
        )

    tracks = track("AudioTrack", "Lead &amp; Vox", held="<Envelopes />", chain=devices)
    tracks += track("AudioTrack", "Bass", held="<Envelopes></Envelopes>")
    tracks += track("ReturnTrack", "A-Plate", held="<Envelopes />")
    main = f"<MainTrack>\n<AutomationEnvelopes><Envelopes /></AutomationEnvelopes>{number('Tempo', 120)}</MainTrack>\n"
    body = f"<Tracks>\n{tracks}</Tracks>\n{main}"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Ableton MajorVersion="5" MinorVersion="12.0_12049" Creator="Ableton Live 12.1">\n'
        f'<LiveSet>\n<NextPointeeId Value="{next(ids) + 1000}" />\n{body}</LiveSet>\n</Ableton>\n'
    )
    path.write_bytes(gzip.compress(text.encode()))
    return path
