// The ear's pictures, and the page that paints them; the axes and the masking matrix are those of the report.

const pictureOfSong = (data, width) => {
  const { song, energy, phrases } = data;
  const [room, row, top] = [roomForNames(width), 20, song.sections.length ? 24 : 4];
  const x = scale(0, song.duration, room, width - MARGIN.right);
  const [low, voices] = [top + 96, phrases.length * row];
  const [bottom, y] = [low + voices + 6, scale(0, 1, low, top + 6)];
  const svg = canvas(width, bottom + 20, `The song: ${song.sections.length} sections, ${energy.length} bars`);
  drawSections(svg, song, x);
  timeAxis(svg, x, song.duration, top, bottom, width);
  sectionEdges(svg, song.sections, x, top, bottom);
  const corners = energy.flatMap(({ start, end, value }) => [[x(start), y(value)], [x(end), y(value)]]);
  svg.append(draw("path", { class: "area", d: areaPath(corners, low) }));
  for (const { start } of energy) svg.append(draw("line", { class: "axis", x1: x(start), x2: x(start), y1: low, y2: low + 3 }));
  svg.append(label("energy", room - 6, top + 16, { "text-anchor": "end" }));
  phrases.forEach(({ name, spans }, place) => {
    const at = low + 6 + place * row;
    for (const [start, end] of spans) {
      svg.append(draw("rect", { class: "phrase", x: x(start), width: Math.max(1, x(end) - x(start)), y: at + 2, height: row - 6, rx: 2 },
        draw("title", {}, `${name}, ${timeLabel(start)}–${timeLabel(end)}`)));
    }
    svg.append(label(shortened(name, Math.floor(room / 6.4)), room - 6, at + 12, { class: "name", "text-anchor": "end" }));
  });
  return { elements: [svg] };
};

const drawSections = (svg, song, x) => {
  for (const { label: name, letter, start, end, sure } of song.sections) {
    const [from, to] = [x(start), x(Math.min(end, song.duration))];
    const kind = ["chorus", "drop"].includes(name) ? "section loud" : "section";
    const [told, room] = [letter ? `${name} ${letter}` : name, Math.floor((to - from - 8) / 6.6)];
    const certainty = sure === null ? "" : `, ${Math.round(sure * 100)} % sure`;
    svg.append(draw("rect", { class: kind, x: from, width: Math.max(0, to - from), y: 0, height: 20 },
      draw("title", {}, `${told}, ${timeLabel(start)}–${timeLabel(end)}${certainty}`)));
    if (room > 2) svg.append(label(shortened(told, room), from + 5, 14, { class: "section-label", "pointer-events": "none" }));
  }
};

const roomForNames = (width) => clamp(width * 0.2, 90, 210);

/** Return the axes of a picture with a row for each of several names, times from left to right. */
const rowsOverTime = (song, names, width, title) => {
  const [row, room] = [17, roomForNames(width)];
  const [x, bottom] = [scale(0, song.duration, room, width - MARGIN.right), names.length * row + 2];
  const svg = canvas(width, bottom + 20, title);
  names.forEach((name, place) => {
    svg.append(draw("rect", { class: "ground", x: room, width: width - MARGIN.right - room, y: place * row + 1, height: row - 2, "fill-opacity": 0.45 }));
    svg.append(label(shortened(name, Math.floor(room / 6.4)), room - 6, place * row + 12.5, { class: "name", "text-anchor": "end" }));
  });
  timeAxis(svg, x, song.duration, 0, bottom, width);
  sectionEdges(svg, song.sections, x, 0, bottom);
  return { svg, x, row };
};

const pictureOfActivity = (data, width) => {
  const { tracks, step, strongest } = data.activity;
  const { svg, x, row } = rowsOverTime(data.song, tracks.map(({ name }) => name), width, "When each track plays, and how strongly");
  tracks.forEach(({ name, levels }, place) => {
    const strips = draw("g", {}, draw("title", {}, name));
    for (const { from, to, digit } of runsOf(levels)) {
      strips.append(draw("rect", { class: "on", x: x(from * step), width: x(to * step) - x(from * step), y: place * row + 1,
        height: row - 2, "fill-opacity": (digit / strongest).toFixed(2) }));
    }
    svg.append(strips);
  });
  return { elements: [svg] };
};

/** Return where a text of digits holds one digit other than 0, and which. */
const runsOf = (digits) => [...digits.matchAll(/([1-9])\1*/g)].map((run) =>
  ({ from: run.index, to: run.index + run[0].length, digit: Number(run[1]) }));

const pictureOfCovers = (data, width) => {
  const { names, found } = data.covers;
  const { svg, x, row } = rowsOverTime(data.song, names, width, `${found.length} covers, by the track that is covered`);
  for (const { by, over, start, end, told, harmful } of found) {
    svg.append(draw("rect", { class: harmful ? "harm" : "overlap", x: x(start), width: Math.max(1.5, x(end) - x(start)), y: over * row + 3, height: row - 6 },
      draw("title", {}, `${by} over ${names[over]}, ${timeLabel(start)}–${timeLabel(end)}, ${told}`)));
  }
  return { elements: [svg] };
};

const pictureOfSpectra = (data, width) => {
  const { frequency, tracks, high, low } = data.spectra;
  const columns = Math.max(1, Math.floor(width / 250));
  const [wide, tall] = [width / columns, 116];
  const svg = canvas(width, Math.ceil(tracks.length / columns) * tall, "Spectrum of each track");
  tracks.forEach(({ name, levels }, place) => {
    const [left, top] = [(place % columns) * wide, Math.floor(place / columns) * tall];
    const x = scale(Math.log2(20), Math.log2(20000), left + 30, left + wide - 12);
    const y = scale(low, high, top + tall - 20, top + 18);
    for (const hertz of [100, 1000, 10000]) {
      const at = x(Math.log2(hertz));
      svg.append(draw("line", { class: "grid", x1: at, x2: at, y1: y(high), y2: y(low) }));
      svg.append(label(hertzLabel(hertz), at, y(low) + 13, { "text-anchor": "middle" }));
    }
    for (const level of ticks(low, high, 4)) {
      svg.append(draw("line", { class: "grid", x1: left + 30, x2: left + wide - 12, y1: y(level), y2: y(level) }));
      svg.append(label(decimal(level, 0), left + 26, y(level) + 4, { "text-anchor": "end" }));
    }
    svg.append(label(shortened(name, Math.floor((wide - 40) / 6.4)), left + 30, top + 12, { class: "name" }));
    const points = levels.map((level, band) => (level === null ? null : [x(Math.log2(frequency[band])), y(Math.max(level, low))]));
    svg.append(draw("path", { class: "line after", d: linePath(points) }));
  });
  return { elements: [svg] };
};

const HEARD = {
  song: pictureOfSong, lanes: pictureOfLanes, activity: pictureOfActivity, masking: pictureOfMasking, covers: pictureOfCovers,
  spectra: pictureOfSpectra,
};

const data = JSON.parse(document.getElementById("figures").textContent);
const painted = new Map();

const paintAll = () => {
  for (const [name, picture] of Object.entries(HEARD)) {
    const box = document.getElementById(`picture-${name}`);
    const width = box && Math.max(240, Math.round(box.clientWidth));
    if (!box || painted.get(name) === width) continue;
    painted.set(name, width);
    box.replaceChildren(...picture(data, width, {}).elements);
  }
};

paintAll();
new ResizeObserver(paintAll).observe(document.querySelector("main"));
