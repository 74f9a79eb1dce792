// Arithmetic: plain values in, plain values out; nothing here knows the page.

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const toGain = (decibels) => 10 ** (decibels / 20);

const timeLabel = (seconds) => {
  const whole = Math.floor(seconds + 0.5);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

const decimal = (value, digits = 1, signed = false) => {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : signed ? "+" : "") + text;
};

const hertzLabel = (hertz) => (hertz >= 1000 ? `${Number((hertz / 1000).toPrecision(3))} kHz` : `${Math.round(hertz)} Hz`);

/** Return a function from [a, b] to [c, d]. */
const scale = (a, b, c, d) => (value) => (b === a ? c : c + ((value - a) / (b - a)) * (d - c));

/** Return round numbers from low to high, about `count` of them. */
const ticks = (low, high, count) => {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999);
  const found = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) found.push(place * step);
  return found;
};

/** Return times on whole seconds, tens or minutes. */
const timeTicks = (duration, count) => {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((size) => duration / size <= count) ?? 1800;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, place) => place * step);
};

const present = (values) => values.filter((value) => value !== null && Number.isFinite(value));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Shift a curve so that its mean from low to high hertz is zero. */
const levelMatched = (curve, frequency, low = 100, high = 4000) => {
  const inside = present(curve.filter((_, place) => frequency[place] >= low && frequency[place] <= high));
  const middle = inside.length ? mean(inside) : 0;
  return curve.map((value) => (value === null ? null : value - middle));
};

const minus = (first, second) =>
  first.map((value, place) => (value === null || second[place] === null ? null : value - second[place]));

/** Return an SVG path through points [x, y]; null breaks it. */
const linePath = (points) => {
  let pen = "M";
  return points
    .map((point) => {
      if (point === null) {
        pen = "M";
        return "";
      }
      const piece = `${pen}${point[0].toFixed(1)},${point[1].toFixed(1)}`;
      pen = "L";
      return piece;
    })
    .join("");
};

/** Return an SVG path of the area between points and a level. */
const areaPath = (points, level) => {
  const there = points.filter((point) => point !== null);
  if (!there.length) return "";
  const last = there[there.length - 1];
  return `M${there[0][0].toFixed(1)},${level.toFixed(1)}${linePath(there).replace("M", "L")}L${last[0].toFixed(1)},${level.toFixed(1)}Z`;
};

/** Return the corners of a lane over the whole song. */
const laneCorners = (lane, duration) => {
  const corners = [[0, lane.points[0][1]]];
  for (const [time, value] of lane.points) {
    if (lane.hold) corners.push([time, corners[corners.length - 1][1]]);
    corners.push([time, value]);
  }
  corners.push([Math.max(duration, corners[corners.length - 1][0]), corners[corners.length - 1][1]]);
  return corners;
};

/** Return the value of a lane at a time. */
const laneAt = (lane, time) => {
  const next = lane.points.findIndex((point) => point[0] > time);
  if (next === 0) return lane.points[0][1];
  if (next < 0) return lane.points[lane.points.length - 1][1];
  const [before, after] = [lane.points[next - 1], lane.points[next]];
  return lane.hold ? before[1] : scale(before[0], after[0], before[1], after[1])(time);
};

/** Return the value of a curve {step, values} at a time; null where there is none. */
const curveAt = (curve, time) => curve?.values[Math.round(time / curve.step)] ?? null;

const sectionAt = (sections, time) => sections.find((section) => time >= section.start && time < section.end) ?? null;

/** Return the pairs that cover most, worst first. */
const worstPairs = (matrix, least, count) => {
  const pairs = [];
  matrix.forEach((row, masker) =>
    row.forEach((value, maskee) => {
      if (masker !== maskee && value !== null && value >= least) pairs.push({ masker, maskee, value });
    }),
  );
  return pairs.sort((a, b) => b.value - a.value).slice(0, count);
};

/** Return how strongly a masking cell is painted, 0..1: faint up to what does harm. */
const cellStrength = (value, harmful) =>
  value < harmful ? 0.14 * clamp((value - harmful + 12) / 12, 0, 1) : 0.3 + 0.7 * clamp((value - harmful) / 15, 0, 1);

const shortened = (text, most) => (text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`);

/** Say whether a move has all the words and all the picked properties. */
const isWanted = (move, text, wish) => {
  const promise = move.kept === null ? "open" : move.kept ? "kept" : "missed";
  return (
    (!wish.task || move.task === wish.task) &&
    (!wish.track || move.track === wish.track) &&
    (!wish.state || move.state === wish.state) &&
    (!wish.promise || promise === wish.promise) &&
    wish.words
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word))
  );
};

const byStrength = (a, b) => b.strength - a.strength || a.order - b.order || a.place - b.place;

const byOrder = (a, b) => a.order - b.order || a.place - b.place;

/** Return [[name, moves], …]; tasks in the order of the work, tracks by name. */
const groupMoves = (moves, key, nameOf, order) => {
  const groups = new Map();
  for (const move of [...moves].sort(byOrder)) {
    const name = key ? nameOf(move) : "";
    groups.set(name, [...(groups.get(name) ?? []), move]);
  }
  const sorted = [...groups].map(([name, members]) => [name, members.sort(order === "order" ? byOrder : byStrength)]);
  return key === "track" ? sorted.sort((a, b) => a[0].localeCompare(b[0])) : sorted;
};

/** Return the folder that a page on disk lies in, quoted for a shell; null elsewhere. */
const folderOnDisk = (protocol, pathname) => {
  if (protocol !== "file:") return null;
  let path;
  try {
    path = decodeURIComponent(pathname).replace(/\/[^/]*$/, "") || "/";
  } catch {
    return null;
  }
  if (/^\/[A-Za-z]:/.test(path)) return `"${path.slice(1)}"`;
  return /^[\w./+@%-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
};
