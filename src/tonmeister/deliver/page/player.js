// Player: both excerpts run together, sample by sample; switching only turns one down and the other up.

const FADE_S = 0.008;

/** Return the gains of both sides: one is heard. Not matched means as far apart as they came, the louder one untouched. */
const sideGains = (excerpt, side, matched) => {
  const most = Math.max(-excerpt.beforeGain, -excerpt.afterGain);
  const own = (gain) => (matched ? 1 : toGain(-gain - most));
  return { before: side === "before" ? own(excerpt.beforeGain) : 0, after: side === "after" ? own(excerpt.afterGain) : 0 };
};

const bytesOf = (element) => Uint8Array.from(atob(element.getAttribute("src").split(",")[1]), (letter) => letter.charCodeAt(0)).buffer;

const makePlayer = (excerpt, onChange) => {
  const state = { playing: false, loading: false, side: "after", matched: true, offset: 0, startedAt: 0 };
  let [context, buffers, sources, gains] = [null, null, [], {}];

  const position = () => {
    if (!state.playing) return state.offset;
    return (state.offset + Math.max(0, context.currentTime - state.startedAt)) % excerpt.duration;
  };
  const apply = () => {
    if (!context) return;
    for (const [name, gain] of Object.entries(sideGains(excerpt, state.side, state.matched))) {
      gains[name].gain.cancelScheduledValues(context.currentTime);
      gains[name].gain.setTargetAtTime(gain, context.currentTime, FADE_S / 3);
    }
  };
  const load = async () => {
    if (buffers) return;
    context = new AudioContext();
    for (const name of ["before", "after"]) {
      gains[name] = context.createGain();
      gains[name].gain.value = 0;
      gains[name].connect(context.destination);
    }
    const sides = ["before", "after"].map((name) => context.decodeAudioData(bytesOf(document.getElementById(`sound-${name}`))));
    const [before, after] = await Promise.all(sides);
    buffers = { before, after };
  };
  const stopSources = () => {
    for (const source of sources) source.stop();
    sources = [];
  };
  const startSources = () => {
    stopSources();
    state.startedAt = context.currentTime + 0.02;
    sources = Object.entries(buffers).map(([name, buffer]) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = true;
      source.loopEnd = excerpt.duration;
      source.connect(gains[name]);
      source.start(state.startedAt, state.offset);
      return source;
    });
  };
  const act = (change) => {
    change();
    apply();
    onChange();
  };
  return {
    state,
    position,
    play: async () => {
      if (state.playing || state.loading) return;
      state.loading = true;
      onChange();
      try {
        await load();
        await context.resume();
      } finally {
        state.loading = false;
      }
      act(() => {
        startSources();
        state.playing = true;
      });
    },
    pause: () => {
      if (!state.playing) return;
      act(() => {
        state.offset = position();
        stopSources();
        state.playing = false;
      });
    },
    seek: (time) => act(() => {
      state.offset = clamp(time, 0, excerpt.duration - 0.01);
      if (state.playing) startSources();
    }),
    choose: (side) => act(() => { state.side = side; }),
    match: (matched) => act(() => { state.matched = matched; }),
  };
};

/** Put the controls into the bar on top; return the player, or null where the browser cannot play this way. */
const paintPlayer = (excerpt, bar, onMove) => {
  if (!excerpt || typeof AudioContext === "undefined") return null;
  const play = build("button", { type: "button", class: "play" }, "Play");
  const sides = Object.fromEntries(["before", "after"].map((side) =>
    [side, build("button", { type: "button", class: side, title: "Switch with the X key" }, side === "before" ? "Before" : "After")]));
  const seek = build("input", { type: "range", class: "seek", min: 0, max: excerpt.duration, step: 0.01, value: 0, "aria-label": "Position in the excerpt" });
  const time = build("span", { class: "time" });
  const match = build("input", { type: "checkbox", checked: "" });
  bar.append(play, build("span", { class: "switch", role: "group", "aria-label": "Which is heard" }, sides.before, sides.after), seek, time,
    build("label", { title: "Both at the loudness measured for the excerpt (BS.1770)" }, match, " level-matched"));
  let player = null;
  const show = () => {
    const here = player.position();
    seek.value = here;
    const [now, end] = [timeLabel(excerpt.start + here), timeLabel(excerpt.start + excerpt.duration)];
    time.textContent = `${now} / ${end}`;
    seek.setAttribute("aria-valuetext", now);
    onMove(excerpt.start + here, player.state);
  };
  const follow = () => {
    show();
    if (player.state.playing) requestAnimationFrame(follow);
  };
  player = makePlayer(excerpt, () => {
    const { playing, loading, side } = player.state;
    play.textContent = loading ? "Loading" : playing ? "Pause" : "Play";
    for (const [name, button] of Object.entries(sides)) button.setAttribute("aria-pressed", String(name === side));
    Object.assign(bar.dataset, { side, playing: String(playing) });
    follow();
  });
  play.addEventListener("click", () => {
    if (player.state.playing) player.pause();
    else player.play().catch((error) => { time.textContent = `cannot play: ${error.message}`; document.getElementById("sounds").hidden = false; });
  });
  for (const [side, button] of Object.entries(sides)) button.addEventListener("click", () => player.choose(side));
  seek.addEventListener("input", () => player.seek(Number(seek.value)));
  match.addEventListener("change", () => player.match(match.checked));
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=search], select")) return;
    player.choose(player.state.side === "after" ? "before" : "after");
  });
  document.getElementById("sounds").hidden = true;
  document.querySelector("#listen .caption").append(" Play is in the bar above; the X key switches.");
  bar.hidden = false;
  player.choose("after");
  return player;
};
