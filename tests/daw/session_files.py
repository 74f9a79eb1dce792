"""Small sessions of every format, written by hand as their DAWs write them, with sound made by code."""

import gzip
import zipfile
from pathlib import Path

import numpy as np

from tests.sounds import RATE_HZ
from tonmeister.audio import Audio
from tonmeister.files.wav import write_wav

SECONDS = 4.0
NAMES = ("Kick", "Bass", "Vox")


def tone(hertz: float, *, channels: int = 1, seconds: float = SECONDS) -> Audio:
    """Return a tone that begins and ends in full swing, so that fades and cuts show."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = (0.25 * np.cos(2 * np.pi * hertz * time_s)).astype(np.float32)
    return Audio(np.ascontiguousarray(np.repeat(wave[None], channels, axis=0)), RATE_HZ)


def write_sounds(folder: Path) -> dict[str, Path]:
    """Write a tone for each track and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.wav" for name in NAMES}
    for place, (name, path) in enumerate(paths.items()):
        write_wav(path, tone(110.0 * 2**place, channels=2 if name == "Bass" else 1))
    return paths


DAWPROJECT = """<?xml version="1.0" encoding="UTF-8"?>
<Project version="1.0">
  <Application name="Test DAW" version="1"/>
  <Transport><Tempo unit="bpm" value="120" id="t"/><TimeSignature numerator="3" denominator="4" id="s"/></Transport>
  <Structure>
    <Track contentType="tracks" id="g" name="Rhythm">
      <Channel role="submix" destination="mc" id="gc"><Pan unit="normalized" value="0.5" id="gp"/><Volume unit="linear" value="0.5" id="gv"/></Channel>
      <Track contentType="audio" id="k" name="Kick">
        <Channel role="regular" destination="gc" id="kc">
          <Devices><Equalizer name="Own EQ" id="e"><Enabled value="true" id="ee"/>
            <Band type="bell" order="2"><Freq unit="semitones" value="69" id="f"/><Gain unit="decibel" value="-3" id="ga"/><Q unit="linear" value="2" id="q"/></Band>
          </Equalizer><ClapPlugin deviceID="x" deviceName="Foreign" name="Foreign" id="c"><State path="plugins/state.bin"/></ClapPlugin></Devices>
          <Mute value="false" id="km"/><Pan unit="normalized" value="0.25" id="kp"/>
          <Sends><Send destination="rc" type="post" id="ks"><Enable value="true" id="kse"/><Volume unit="linear" value="0.251189" id="ksv"/></Send></Sends>
          <Volume unit="linear" value="0.501187" id="kv"/>
        </Channel>
      </Track>
    </Track>
    <Track contentType="audio" id="b" name="Bass">
      <Channel role="regular" destination="mc" id="bc"><Mute value="false" id="bm"/><Pan unit="normalized" value="0.5" id="bp"/><Volume unit="decibel" value="-9" id="bv"/></Channel>
    </Track>
    <Track contentType="audio" id="v" name="Vox">
      <Channel role="regular" destination="mc" id="vc"><Mute value="false" id="vm"/><Pan unit="normalized" value="0.5" id="vp"/><Volume unit="linear" value="1" id="vv"/></Channel>
    </Track>
    <Track contentType="audio" id="r" name="Hall">
      <Channel role="effect" destination="mc" id="rc"><Volume unit="linear" value="1" id="rv"/></Channel>
    </Track>
    <Track contentType="audio notes" id="m" name="Master"><Channel role="master" id="mc"><Volume unit="linear" value="1" id="mv"/></Channel></Track>
  </Structure>
  <Arrangement id="a">
    <Lanes timeUnit="beats" id="l">
      <Lanes track="k" id="lk"><Clips id="ck">
        <Clip time="2" duration="4" playStart="1" contentTimeUnit="seconds" fadeTimeUnit="seconds" fadeInTime="0.1" fadeOutTime="0.2" name="kick clip">
          <Audio channels="1" sampleRate="48000" duration="4" id="ak"><File path="audio/Kick.wav"/></Audio></Clip>
      </Clips></Lanes>
      <Lanes track="b" id="lb"><Clips id="cb"><Clip time="0" duration="8" contentTimeUnit="seconds" playStart="0" name="bass clip">
          <Audio channels="2" sampleRate="48000" duration="4" id="ab"><File path="audio/Bass.wav"/></Audio></Clip></Clips></Lanes>
      <Lanes track="v" id="lv"><Clips id="cv"><Clip time="0" duration="8" contentTimeUnit="seconds" playStart="0" name="vox clip">
          <Audio channels="1" sampleRate="48000" duration="4" id="av"><File path="audio/Vox.wav"/></Audio></Clip></Clips>
        <Points unit="linear" id="pv"><Target parameter="vv"/>
          <RealPoint time="0" value="1" interpolation="linear"/><RealPoint time="4" value="0.5" interpolation="linear"/></Points></Lanes>
    </Lanes>
    <Markers id="mk" timeUnit="beats"><Marker time="0" name="Verse 1"/><Marker time="4" name="Chorus"/></Markers>
  </Arrangement>
</Project>
"""


def write_dawproject(path: Path, *, project: str = DAWPROJECT, more: dict[str, bytes] | None = None) -> Path:
    """Write the DAWproject with its sounds, and a plugin's state that nobody can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sounds = write_sounds(path.parent / "made")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", project)
        archive.writestr("metadata.xml", "<MetaData><Title>A Song</Title></MetaData>")
        archive.writestr("plugins/state.bin", bytes(range(256)))
        for name, sound in sounds.items():
            archive.write(sound, f"audio/{name}.wav")
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return path


REAPER = """<REAPER_PROJECT 0.1 "7.0/linux-x86_64" 1700000000
  PANLAW 1
  SAMPLERATE 48000 0 0
  TEMPO 120 3 4
  MASTER_VOLUME 0.5 0 -1 -1 1
  MARKER 1 0 "Verse 1" 0
  MARKER 2 2 Chorus 1
  MARKER 2 4 "" 1
  <TRACK {G}
    NAME Rhythm
    VOLPAN 0.5 0 -1 -1 1
    ISBUS 1 1
    MAINSEND 1 0
  >
  <TRACK {K}
    NAME "Kick"
    VOLPAN 0.501187 -0.5 -1 -1 1
    IPHASE 1
    ISBUS 2 -1
    MAINSEND 1 0
    <FXCHAIN
      BYPASS 0 0 0
      <JS loser/3BandEQ ""
        0 0 0
      >
    >
    <ITEM
      POSITION 1
      LENGTH 2
      LOOP 0
      FADEIN 0 0.1 0
      FADEOUT 0 0.2 0
      NAME "kick clip"
      VOLPAN 0.5 0 1 -1
      SOFFS 1
      PLAYRATE 1 1 0 -1
      <SOURCE WAVE
        FILE "made\\Kick.wav"
      >
    >
  >
  <TRACK {B}
    NAME Bass
    VOLPAN 0.354813 0 -1 -1 1
    MAINSEND 1 0
    <ITEM
      POSITION 0
      LENGTH 10
      LOOP 1
      NAME "bass clip"
      VOLPAN 1 0 1 -1
      <SOURCE WAVE
        FILE "/another/machine/Bass.wav"
      >
    >
  >
  <TRACK {V}
    NAME Vox
    VOLPAN 1 0 -1 -1 1
    MUTESOLO 0 0 0
    MAINSEND 1 0
    <VOLENV2
      ACT 1 -1
      PT 0 1 0
      PT 2 0.5 0
    >
    <PANENV2
      ACT 1 -1
      PT 0 1 0
      PT 2 -0.5 0
    >
    <ITEM
      POSITION 0
      LENGTH 4
      NAME "vox clip"
      VOLPAN 1 0 1 -1
      <SOURCE WAVE
        FILE "Vox.wav"
      >
    >
    <ITEM
      POSITION 4
      LENGTH 1
      NAME "fast clip"
      PLAYRATE 1.5 1 0 -1
      <SOURCE WAVE
        FILE "Vox.wav"
      >
    >
  >
  <TRACK {R}
    NAME Hall
    VOLPAN 1 0 -1 -1 1
    AUXRECV 1 0 0.251189 0 0 0 0 0 0
  >
>
"""


def write_reaper(path: Path, *, text: str = REAPER) -> Path:
    """Write the REAPER project; its sounds lie beside it, in a folder that it does not always name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sounds(path.parent / "made")
    path.write_text(text)
    return path


def _live_track(
    kind: str, number: int, name: str, *, gain: float, pan: float = 0.0, clip: str = "", group: int = -1
) -> str:
    way = "AudioOut/GroupTrack" if group >= 0 else "AudioOut/Main"
    return f"""<{kind} Id="{number}"><Name><EffectiveName Value="{name}"/><UserName Value=""/></Name><TrackGroupId Value="{group}"/>
      <AutomationEnvelopes><Envelopes/></AutomationEnvelopes>
      <DeviceChain><AudioOutputRouting><Target Value="{way}"/></AudioOutputRouting>
        <Mixer><Sends/><Speaker><Manual Value="true"/></Speaker><Pan><Manual Value="{pan}"/></Pan><Volume><Manual Value="{gain}"/></Volume></Mixer>
        <MainSequencer><Sample><ArrangerAutomation><Events>{clip}</Events></ArrangerAutomation></Sample></MainSequencer>
        <DeviceChain><Devices/></DeviceChain></DeviceChain></{kind}>"""


def _live_clip(name: str, *, start: float, end: float, offset_s: float = 0.0) -> str:
    return f"""<AudioClip Time="{start}"><CurrentStart Value="{start}"/><CurrentEnd Value="{end}"/>
      <Loop><LoopStart Value="{offset_s}"/><LoopEnd Value="9"/><StartRelative Value="0"/><LoopOn Value="false"/></Loop>
      <Name Value="{name.lower()} clip"/><Disabled Value="false"/><IsWarped Value="false"/><SampleVolume Value="0.5"/>
      <SampleRef><FileRef><RelativePath Value="made/{name}.wav"/><Path Value="/another/machine/{name}.wav"/></FileRef></SampleRef></AudioClip>"""


def live_set() -> str:
    """Return the XML of a Live 12 set at 120 bpm."""
    tracks = (
        _live_track("GroupTrack", 5, "Rhythm", gain=0.5)
        + _live_track(
            "AudioTrack",
            6,
            "Kick",
            gain=0.501187,
            pan=-0.5,
            group=5,
            clip=_live_clip("Kick", start=2, end=6, offset_s=1),
        )
        + _live_track("AudioTrack", 7, "Bass", gain=0.354813, clip=_live_clip("Bass", start=0, end=8))
        + _live_track("AudioTrack", 8, "Vox", gain=1.0, clip=_live_clip("Vox", start=0, end=8))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Ableton MajorVersion="5" MinorVersion="12.0_12043" Creator="Ableton Live 12.0"><LiveSet><Tracks>{tracks}</Tracks>
  <MainTrack><Name><EffectiveName Value="Main"/></Name><AutomationEnvelopes><Envelopes/></AutomationEnvelopes>
    <DeviceChain><Mixer><Tempo><Manual Value="120"/></Tempo><TimeSignature><Manual Value="200"/></TimeSignature>
    <Volume><Manual Value="1"/></Volume><Pan><Manual Value="0"/></Pan></Mixer><DeviceChain><Devices/></DeviceChain></DeviceChain></MainTrack>
  <Locators><Locators><Locator Id="0"><Time Value="0"/><Name Value="Verse 1"/></Locator><Locator Id="1"><Time Value="4"/><Name Value="Chorus"/></Locator></Locators></Locators>
</LiveSet></Ableton>"""


def write_live(path: Path, *, text: str | None = None) -> Path:
    """Write the Live set with its sounds beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sounds(path.parent / "made")
    path.write_bytes(gzip.compress((text or live_set()).encode(), mtime=0))
    return path


ARDOUR = """<?xml version="1.0" encoding="UTF-8"?>
<Session version="7002" name="Song" sample-rate="48000" id-counter="900">
  <ProgramVersion created-with="Ardour 7.3" modified-with="Ardour 7.3"/>
  <Config><Option name="native-file-data-format" value="FormatFloat"/><Option name="native-file-header-format" value="WAVE"/><Option name="use-region-fades" value="1"/></Config>
  <Sources><Source name="Kick.wav" type="audio" id="11" channel="0"/><Source name="Bass.wav" type="audio" id="12" channel="0"/>
    <Source name="Bass.wav" type="audio" id="13" channel="1"/><Source name="Vox.wav" type="audio" id="14" channel="0"/></Sources>
  <Regions/>
  <Locations><Location id="19" name="session" start="a0" end="a1128960000" flags="IsSessionRange"/><Location id="20" name="Verse 1" start="a0" end="a0" flags="IsMark"/><Location id="21" name="Chorus" start="a564480000" end="a564480000" flags="IsMark"/></Locations>
  <Routes>{routes}</Routes>
  <Playlists>
    <Playlist id="31" name="Kick" type="audio" orig-track-id="101"><Region name="kick clip" start="a282240000" length="a564480000@a282240000" layering-index="0"
      opaque="1" muted="0" scale-amplitude="0.5" fade-in-active="1" fade-out-active="1" default-fade-in="0" default-fade-out="0" channels="1" source-0="11" master-source-0="11" id="41" type="audio">
      <FadeIn><AutomationList automation-id="fadein" id="42"><events>a0 0 a28224000 1</events></AutomationList></FadeIn>
      <FadeOut><AutomationList automation-id="fadeout" id="43"><events>a0 1 a56448000 0</events></AutomationList></FadeOut></Region></Playlist>
    <Playlist id="32" name="Bass" type="audio" orig-track-id="102"><Region name="bass clip" start="a0" length="a1128960000@a0" layering-index="0" opaque="1" muted="0"
      fade-in-active="0" fade-out-active="0" channels="2" source-0="12" source-1="13" master-source-0="12" master-source-1="13" id="44" type="audio"/></Playlist>
    <Playlist id="33" name="Vox" type="audio" orig-track-id="103"><Region name="vox clip" start="a0" length="a1128960000@a0" layering-index="0" opaque="1" muted="0"
      fade-in-active="0" fade-out-active="0" channels="1" source-0="14" master-source-0="14" id="45" type="audio"/></Playlist>
  </Playlists>
  <TempoMap superclocks-per-second="282240000"><Tempos><Tempo npm="120" enpm="120" note-type="4" type="Tempo::Constant" active="1" sclock="0" quarters="0:0" bbt="1|1|0" omega="0"/></Tempos>
    <Meters><Meter note-value="4" divisions-per-bar="3" sclock="0" quarters="0:0" bbt="1|1|0"/></Meters></TempoMap>
</Session>
"""


def ardour_route(
    number: int,
    name: str,
    flags: str,
    to: str,
    *,
    gain: float = 1.0,
    azimuth: float = 0.5,
    inputs: int = 2,
    more: str = "",
    returns: bool = False,
) -> str:
    """Return a route of an Ardour 7 session."""
    ports = "".join(f'<Port type="audio" name="{name}/audio_in {k + 1}"/>' for k in range(inputs))
    outs = "".join(
        f'<Port type="audio" name="{name}/audio_out {k}"><Connection other="{to.replace("#", str(k))}"/></Port>'
        for k in (1, 2)
    )
    playlist = f'audio-playlist="{number - 70}" mode="Normal"' if flags == "AudioTrack" else ""
    reader = f'<Processor id="{number}3" name="player:{name}" active="1" type="diskreader"/>' if playlist else ""
    inner = f'<Processor id="{number}9" name="Return" active="1" type="intreturn"/>' if returns else ""
    strict = int(flags == "MasterOut")
    return f"""<Route version="7002" id="{number}" name="{name}" default-type="audio" strict-io="{strict}" active="1" denormal-protection="0" meter-point="MeterPostFader" {playlist}>
      <PresentationInfo order="{number}" flags="{flags},OrderSet" color="0"/>
      <Controllable name="solo" id="{number}1" flags="Toggle,RealTime" value="0" self-solo="0" soloed-by-upstream="0" soloed-by-downstream="0"/>
      <IO name="{name}" id="{number}4" direction="Input" default-type="audio">{ports}</IO><IO name="{name}" id="{number}5" direction="Output" default-type="audio">{outs}</IO>
      <MuteMaster mute-point="PostFader,Listen,Main" muted="0"/><Controllable name="mute" id="{number}2" flags="Toggle,RealTime" value="0"/>
      <Controllable name="phase" id="{number}6" flags="Toggle" value="0" phase-invert="{"0" * inputs}"/>
      <Pannable><Controllable name="pan-azimuth" id="{number}7" value="{azimuth}"/><Controllable name="pan-width" id="{number}8" value="{1 if inputs == 2 else 0}"/>
        <Automation><AutomationList automation-id="pan-azimuth" id="{number}70" interpolation-style="Linear" state="Off"/></Automation></Pannable>
      {inner}{reader}<Processor id="{number}10" name="Amp" active="1" type="trim"><Automation/><Controllable name="trimcontrol" id="{number}11" value="1"/></Processor>{more}
      <Processor id="{number}12" name="Amp" active="1" type="amp"><Automation><AutomationList automation-id="gain" id="{number}13" interpolation-style="Exponential" state="Off"/></Automation>
        <Controllable name="gaincontrol" id="{number}14" flags="GainLike" value="{gain}"/></Processor>
      <Processor id="{number}15" name="meter-{name}" active="1" type="meter"/>
      <Processor id="{number}16" name="{name}" active="1" own-input="1" own-output="0" output="{name}" type="main-outs" role="Main"><PannerShell bypassed="0" user-panner="" linked-to-route="1"/></Processor>
      <Slavable/></Route>"""


FOREIGN = """<Processor id="777" name="ACE Delay" active="0" type="lv2" unique-id="urn:ardour:a-delay" count="1" custom="0"><lv2 last-preset-uri="" last-preset-label="" parameter-changed-since-last-preset="0">
  <Port symbol="time" value="123"/></lv2></Processor>"""
"""A plugin that a person put there and switched off; it must still be there afterwards."""


def ardour_text() -> str:
    """Return the XML of an Ardour 7 session with a group, three tracks and a plugin of the person's."""
    routes = (
        ardour_route(100, "Master", "MasterOut", "system:playback_#")
        + ardour_route(
            101, "Kick", "AudioTrack", "Rhythm/audio_in #", gain=0.501187, azimuth=0.25, inputs=1, more=FOREIGN
        )
        + ardour_route(102, "Bass", "AudioTrack", "Master/audio_in #", gain=0.354813)
        + ardour_route(103, "Vox", "AudioTrack", "Master/audio_in #", inputs=1)
        + ardour_route(104, "Rhythm", "AudioBus", "Master/audio_in #", gain=0.5)
    )
    return ARDOUR.format(routes=routes)


def write_ardour_session(folder: Path, *, text: str | None = None) -> Path:
    """Write the Ardour session with its folder of sounds, and return its file."""
    write_sounds(folder / "interchange" / "Song" / "audiofiles")
    path = folder / "Song.ardour"
    path.write_text(text or ardour_text())
    return path
