// Pictures: each takes its figures and a width and returns elements; those over time also say how they measure it.

const curvePoints = (curve, x, y, low) =>
  curve.values.map((value, place) => (value === null ? null : [x(place * curve.step), y(Math.max(value, low))]));

const overTime = (width, song) => scale(0, song.duration, MARGIN.left, width - MARGIN.right);

const pictureOfWaveform = (data, width) => {
  const { song, waveform, excerpt } = data;
  const [x, height, top] = [overTime(width, song), 130, song.sections.length ? 24 : 4];
  const [bottom, svg] = [height - 20, canvas(width, height, `Waveform of the master with ${song.sections.length} sections`)];
  for (const section of song.sections) {
    const [from, to] = [x(section.start), x(Math.min(section.end, song.duration))];
    const kind = ["chorus", "drop"].includes(section.label) ? "section loud" : "section";
    const room = Math.floor((to - from - 8) / 6.6);
    svg.append(draw("rect", { class: kind, x: from, width: Math.max(0, to - from), y: 0, height: 20 },
      draw("title", {}, `${section.label}, ${timeLabel(section.start)}–${timeLabel(section.end)}, ${Math.round(section.confidence * 100)} % sure`)));
    if (room > 2) svg.append(label(shortened(section.label, room), from + 5, 14, { class: "section-label", "pointer-events": "none" }));
  }
  timeAxis(svg, x, song.duration, top, bottom, width);
  const [middle, size] = [(top + bottom) / 2, (bottom - top) / 2];
  const upper = waveform.values.map((value, place) => [x(place * waveform.step), middle - size * clamp(value ?? 0, 0, 1)]);
  const lower = upper.map(([across, down]) => [across, 2 * middle - down]).reverse();
  svg.append(draw("path", { class: "wave", d: `${linePath(upper)}${linePath(lower).replace("M", "L")}Z` }));
  if (excerpt) {
    const [from, to] = [x(excerpt.start), x(excerpt.start + excerpt.duration)];
    svg.append(draw("rect", { class: "excerpt", x: from, width: to - from, y: top, height: bottom - top }));
  }
  return { elements: [svg], time: { svg, x, top: 0, bottom } };
};

const pictureOfLanes = (data, width) => {
  const { song, lanes } = data;
  const [x, row] = [overTime(width, song), 34];
  const height = lanes.length * row + 20;
  const svg = canvas(width, height, `${lanes.length} lanes that move in time`);
  timeAxis(svg, x, song.duration, 0, height - 20, width);
  sectionEdges(svg, song.sections, x, 0, height - 20);
  lanes.forEach((lane, place) => {
    const values = lane.points.map((point) => point[1]).map((value) => Math.max(value, -60));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const y = scale(low, high, (place + 1) * row - 4, place * row + 16);
    const corners = laneCorners(lane, song.duration).map(([time, value]) => [x(time), y(Math.max(value, low))]);
    const digits = lane.unit ? 1 : 2;
    const range = `${decimal(low, digits, true)} to ${decimal(high, digits, true)} ${lane.unit}`;
    const name = shortened(`${lane.name}: ${lane.what}, ${range}`, Math.floor((width - MARGIN.left) / 6.2));
    svg.append(draw("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: (place + 1) * row, y2: (place + 1) * row }));
    svg.append(label(name, MARGIN.left + 5, place * row + 12, { class: "name" }));
    svg.append(draw("path", { class: "line after", d: linePath(corners) }));
    for (const [time, why] of lane.far ?? []) {
      svg.append(draw("circle", { class: "far", cx: x(time), cy: (place + 1) * row - 4, r: 3 }, draw("title", {}, why)));
    }
  });
  return { elements: [svg], time: { svg, x, top: 0, bottom: height - 20 } };
};

const pictureOfLoudness = (data, width) => {
  const { song, loudness } = data;
  const [x, height, bottom] = [overTime(width, song), 210, 188];
  const all = present([...(loudness.before?.values ?? []), ...(loudness.after?.values ?? [])]);
  const high = Math.ceil(Math.max(...all, loudness.target ?? -70) + 1);
  const low = Math.max(Math.floor(Math.min(...all)), high - 36);
  const y = scale(low, high, bottom, 6);
  const svg = canvas(width, height, "Short-term loudness before and after");
  timeAxis(svg, x, song.duration, 6, bottom, width);
  levelAxis(svg, y, ticks(low, high, 6), width);
  sectionEdges(svg, song.sections, x, 6, bottom);
  if (loudness.target !== null) {
    svg.append(draw("line", { class: "line target", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(loudness.target), y2: y(loudness.target) }));
  }
  for (const side of ["before", "after"]) {
    if (loudness[side]) svg.append(draw("path", { class: `line ${side}`, d: linePath(curvePoints(loudness[side], x, y, low)) }));
  }
  const keys = [["before", "stems as they came, LUFS"], ["after", "master, LUFS"]];
  if (loudness.target !== null) keys.push(["target", `target ${decimal(loudness.target)} LUFS (of the whole)`]);
  return { elements: [legend(keys), svg], time: { svg, x, top: 6, bottom } };
};

const pictureOfLimiter = (data, width) => {
  const { song, limiter } = data;
  const [x, height, bottom] = [overTime(width, song), 110, 88];
  const most = Math.max(3, ...present(limiter.values));
  const y = scale(0, -most, 6, bottom);
  const svg = canvas(width, height, `Gain reduction of the limiter, at most ${decimal(Math.max(...present(limiter.values)))} dB`);
  timeAxis(svg, x, song.duration, 6, bottom, width);
  levelAxis(svg, y, ticks(-most, 0, 3), width);
  sectionEdges(svg, song.sections, x, 6, bottom);
  const points = limiter.values.map((value, place) => [x(place * limiter.step), y(-Math.max(0, value ?? 0))]);
  svg.append(draw("path", { class: "reduction", d: areaPath(points, y(0)) }));
  return { elements: [svg], time: { svg, x, top: 6, bottom } };
};

const pictureOfSpectrum = (data, width) => {
  const { frequency, before, after, target, targetName } = data.spectrum;
  const matched = (curve) => curve && levelMatched(curve, frequency);
  const curves = { target: matched(target), before: matched(before), after: matched(after) };
  const [split, bottom, height] = [230, 372, 394];
  const x = scale(Math.log2(20), Math.log2(20000), MARGIN.left, width - MARGIN.right);
  const high = Math.ceil(Math.max(...present([curves.before, curves.after, curves.target].flat()))) + 2;
  const [low, furthest] = [high - 66, 15];
  const [y, away] = [scale(low, high, split, 6), scale(-furthest, furthest, bottom, split + 22)];
  const svg = canvas(width, height, "Spectra before and after against the target");
  const marks = width < 520 ? [50, 200, 1000, 5000, 20000] : [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
  for (const hertz of marks) {
    const at = x(Math.log2(hertz));
    for (const [from, to] of [[6, split], [split + 22, bottom]]) svg.append(draw("line", { class: "grid", x1: at, x2: at, y1: from, y2: to }));
    svg.append(label(hertzLabel(hertz), at, bottom + 15, { "text-anchor": hertz === 20000 ? "end" : hertz === 20 ? "start" : "middle" }));
  }
  levelAxis(svg, y, ticks(low, high, 6), width);
  levelAxis(svg, away, [-12, -6, 0, 6, 12], width);
  svg.append(label("dB against the target", MARGIN.left + 4, split + 18));
  const path = (curve, vertical, least, most) =>
    linePath(curve.map((value, place) => (value === null ? null : [x(Math.log2(frequency[place])), vertical(clamp(value, least, most))])));
  for (const side of ["target", "before", "after"]) {
    if (!curves[side]) continue;
    svg.append(draw("path", { class: `line ${side}`, d: path(curves[side], y, low, high) }));
    svg.append(draw("path", { class: `line ${side}`, d: path(minus(curves[side], curves.target), away, -furthest, furthest) }));
  }
  const note = build("p", { class: "note" }, "Point at a band to read it.");
  const cursor = draw("line", { class: "cursor", y1: 6, y2: bottom, visibility: "hidden" });
  svg.append(cursor);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * width;
    const nearest = frequency.reduce((best, hertz, place) =>
      (Math.abs(x(Math.log2(hertz)) - across) < Math.abs(x(Math.log2(frequency[best])) - across) ? place : best), 0);
    const at = x(Math.log2(frequency[nearest]));
    fill(cursor, { x1: at, x2: at, visibility: "visible" }, []);
    const told = ["before", "after"].filter((side) => curves[side] && curves[side][nearest] !== null).map((side) =>
      `${side} ${decimal(curves[side][nearest] - curves.target[nearest], 1, true)} dB`);
    note.textContent = `${hertzLabel(frequency[nearest])}, against the target: ${told.join(", ")}`;
  });
  const keys = [before && ["before", "stems as they came"], after && ["after", "master"], ["target", `target: ${targetName}`]];
  return { elements: [legend(keys.filter(Boolean)), svg, note] };
};

const pictureOfStereo = (data, width) => {
  const tracks = [...data.stereo].sort((a, b) => (b.loudness ?? -200) - (a.loudness ?? -200));
  const [row, top, names, levels] = [19, 20, clamp(width * 0.3, 84, 190), 46];
  const [left, right] = [names + 8, width - levels];
  const height = top + tracks.length * row + 4;
  const x = scale(-1, 1, left, right);
  const loudest = Math.max(...present(tracks.map((track) => track.loudness)), -70);
  const svg = canvas(width, height, `Pan, width and loudness of ${tracks.length} tracks`);
  for (const [text, pan, anchor] of [["left", -1, "start"], ["centre", 0, "middle"], ["right", 1, "end"]]) {
    svg.append(label(text, x(pan), 12, { "text-anchor": anchor }));
    svg.append(draw("line", { class: "grid", x1: x(pan), x2: x(pan), y1: top - 4, y2: height }));
  }
  svg.append(label("LUFS", width, 12, { "text-anchor": "end" }));
  tracks.forEach((track, place) => {
    const y = top + place * row + row / 2;
    const half = clamp((track.width ?? 0) * 2, 0, 1);
    const [from, to] = [x(clamp(track.pan - half, -1, 1)), x(clamp(track.pan + half, -1, 1))];
    const strength = track.loudness === null ? 0.15 : 0.15 + 0.75 * clamp(1 - (loudest - track.loudness) / 30, 0, 1);
    const told = `${track.name}: pan ${decimal(track.pan * 100, 0, true)} %, side share ${decimal((track.width ?? 0) * 100, 0)} %`;
    svg.append(draw("g", {}, draw("title", {}, told),
      draw("rect", { class: "ground", "fill-opacity": 0, x: 0, y: y - row / 2, width, height: row }),
      label(shortened(track.name, Math.floor(names / 6.6)), names, y + 4, { class: "name", "text-anchor": "end" }),
      draw("rect", { class: "spread", x: from - 2, y: y - 5.5, width: to - from + 4, height: 11, rx: 2, opacity: strength.toFixed(2) }),
      draw("circle", { class: "dot", cx: x(track.pan), cy: y, r: (1.8 + 3 * strength).toFixed(1) }),
      label(track.loudness === null ? "–" : decimal(track.loudness), width, y + 4, { "text-anchor": "end" })));
  });
  return { elements: [svg] };
};

const pictureOfMasking = (data, width, state) => {
  const { names, harmful, after, before, left, nothing = "nothing to cover" } = data.masking;
  const matrix = state.maskingBefore && before ? before : after;
  const [count, room] = [names.length, clamp(width * 0.26, 70, 136)];
  const size = Math.min(24, (width - room - 2) / count);
  const [font, head] = [clamp(size * 0.72, 6.5, 11.5), room * 0.72];
  const text = { class: "name", "font-size": font };
  const svg = canvas(width, head + count * size + 4, "Masking matrix: rows cover columns; the worst pairs are listed below");
  const note = build("p", { class: "note" }, "Point at a cell to read it.");
  names.forEach((name, place) => {
    const [along, most] = [place * size + size / 2, Math.floor(room / (font * 0.56))];
    svg.append(label(shortened(name, most), room - 5, head + along + font * 0.36, { ...text, "text-anchor": "end", style: null }));
    const [x, y] = [room + along + font * 0.36, head - 5];
    svg.append(label(shortened(name, Math.floor(most * 0.68)), x, y, { ...text, transform: `rotate(-90 ${x} ${y})` }));
  });
  svg.append(draw("rect", { class: "ground", x: room, y: head, width: count * size, height: count * size, "fill-opacity": 0.45 }));
  matrix.forEach((row, masker) => row.forEach((value, maskee) => {
    if (masker !== maskee && value === null) return;
    const strength = masker === maskee ? 1 : cellStrength(value, harmful);
    if (strength < 0.02) return;
    svg.append(draw("rect", { class: masker === maskee ? "cell self" : "cell", x: room + maskee * size + 0.5, y: head + masker * size + 0.5,
      width: size - 1, height: size - 1, "fill-opacity": strength.toFixed(2) }));
  }));
  for (const node of svg.querySelectorAll("text")) node.style.fontSize = `${font}px`;
  const pick = draw("rect", { class: "pick", width: size, height: size, visibility: "hidden" });
  svg.append(pick);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const unit = width / box.width;
    const maskee = Math.floor(((event.clientX - box.left) * unit - room) / size);
    const masker = Math.floor(((event.clientY - box.top) * unit - head) / size);
    const inside = maskee >= 0 && masker >= 0 && maskee < count && masker < count && maskee !== masker;
    fill(pick, { x: room + maskee * size, y: head + masker * size, visibility: inside ? "visible" : "hidden" }, []);
    if (!inside) return;
    const [now, then] = [after[masker][maskee], before?.[masker][maskee] ?? null];
    const told = now === null ? nothing : `${decimal(now, 1, true)} dB${then === null ? "" : ` (${decimal(then, 1, true)} dB as they came)`}`;
    note.textContent = `${names[masker]} over ${names[maskee]}: ${told}`;
  });
  const worst = worstPairs(matrix, harmful, 8).map(({ masker, maskee, value }) =>
    build("li", {}, `${names[masker]} over ${names[maskee]}: ${decimal(value, 1, true)} dB`));
  const list = worst.length ? build("ol", { class: "worst" }, ...worst) : build("p", { class: "note" }, `No pair is over ${decimal(harmful)} dB, where covering begins to do harm.`);
  const elements = [svg, note, list];
  if (left) elements.push(build("p", { class: "note" }, `${left} more tracks cover less and are left out.`));
  if (before) {
    const choose = (text, value) => {
      const button = build("button", { type: "button", "aria-pressed": String(Boolean(state.maskingBefore) === value) }, text);
      button.addEventListener("click", () => state.repaint("masking", { maskingBefore: value }));
      return button;
    };
    elements.unshift(build("p", { class: "switch" }, choose("in the mix", false), choose("as they came", true)));
  }
  return { elements };
};

const PICTURES = {
  waveform: pictureOfWaveform, lanes: pictureOfLanes, loudness: pictureOfLoudness, limiter: pictureOfLimiter,
  spectrum: pictureOfSpectrum, stereo: pictureOfStereo, masking: pictureOfMasking,
};
