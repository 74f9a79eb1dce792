// The page: reads its figures once, paints, and repaints when the width changes.

const data = JSON.parse(document.getElementById("figures").textContent);
const painted = new Map();
const state = { maskingBefore: false, headAt: null };

const say = (text) => {
  const said = document.getElementById("said");
  said.textContent = text;
  said.classList.add("shown");
  clearTimeout(state.timer);
  state.timer = setTimeout(() => said.classList.remove("shown"), 2500);
};

const tellTime = (time) => {
  const section = sectionAt(data.song.sections, time);
  const [before, after] = [curveAt(data.loudness?.before, time), curveAt(data.loudness?.after, time)];
  const parts = [timeLabel(time), section && section.label];
  if (before !== null) parts.push(`before ${decimal(before)} LUFS`);
  if (after !== null) parts.push(`after ${decimal(after)} LUFS`);
  const reduction = curveAt(data.limiter, time);
  if (reduction !== null) parts.push(`limiter −${Math.abs(reduction).toFixed(1)} dB`);
  for (const lane of data.lanes.slice(0, 3)) {
    parts.push(`${lane.name} ${lane.what} ${decimal(laneAt(lane, time), lane.unit ? 1 : 2, true)} ${lane.unit}`.trim());
  }
  return parts.filter(Boolean).join("   ");
};

const place = (kind, time) => {
  for (const { time: picture } of painted.values()) {
    const line = picture?.[kind];
    if (line) fill(line, { x1: picture.x(time), x2: picture.x(time), visibility: "visible" }, []);
  }
};

const point = (time) => {
  state.at = clamp(time, 0, data.song.duration);
  document.getElementById("reading").textContent = tellTime(state.at);
  place("cursor", state.at);
};

const listenFrom = (time) => {
  const { excerpt } = data;
  if (!player || time < excerpt.start || time >= excerpt.start + excerpt.duration) return;
  player.seek(time - excerpt.start);
  if (!player.state.playing) player.play();
};

const followTime = ({ svg, x, top, bottom, ...rest }, width) => {
  const line = (kind) => draw("line", { class: kind, y1: top, y2: bottom, visibility: "hidden", "pointer-events": "none" });
  const lines = { cursor: line("cursor"), head: line("head") };
  svg.append(lines.cursor, lines.head);
  const timeOf = (event) => {
    const box = svg.getBoundingClientRect();
    return scale(x(0), x(data.song.duration), 0, data.song.duration)(((event.clientX - box.left) / box.width) * width);
  };
  fill(svg, { tabindex: 0 }, []);
  svg.addEventListener("pointermove", (event) => point(timeOf(event)));
  svg.addEventListener("click", (event) => listenFrom(timeOf(event)));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) point((state.at ?? 0) + step * (event.shiftKey ? 10 : 1));
    else if (event.key === "Enter") listenFrom(state.at ?? 0);
    else return;
    event.preventDefault();
  });
  return { svg, x, top, bottom, ...rest, ...lines };
};

const paint = (name) => {
  const box = document.getElementById(`picture-${name}`);
  if (!box) return;
  const width = Math.max(240, Math.round(box.clientWidth));
  const picture = PICTURES[name](data, width, state);
  painted.set(name, { width, time: picture.time && followTime(picture.time, width) });
  box.replaceChildren(...picture.elements);
};

state.repaint = (name, changes) => {
  Object.assign(state, changes);
  paint(name);
};

const paintAll = () => {
  for (const name of Object.keys(PICTURES)) {
    const box = document.getElementById(`picture-${name}`);
    if (box && painted.get(name)?.width !== Math.max(240, Math.round(box.clientWidth))) paint(name);
  }
  if (state.headAt !== null) place("head", state.headAt);
};

const player = paintPlayer(data.excerpt, document.getElementById("transport"), (time, { playing, offset }) => {
  if (!playing && !offset) return;
  state.headAt = time;
  place("head", time);
});
paintAll();
new ResizeObserver(paintAll).observe(document.querySelector("main"));
paintMoves(data.moves, say);
paintCommands(folderOnDisk(location.protocol, location.pathname), say);
document.getElementById("reading").textContent = data.waveform || data.loudness || data.limiter
  ? "Point at a picture, or focus one and use the arrow keys, to read its values."
  : "";
