// Painting: elements and the axes that several pictures share.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 10 };

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const draw = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

const build = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

const label = (text, x, y, attributes = {}) => draw("text", { x, y, ...attributes }, text);

const canvas = (width, height, name) => draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name });

const legend = (keys) => build("p", { class: "legend" }, ...keys.map(([kind, text]) =>
  build("span", {}, build("span", { class: `key ${kind}`, "aria-hidden": "true" }), text)));

const timeAxis = (svg, x, duration, top, bottom, width) => {
  for (const time of timeTicks(duration, width / 70)) {
    svg.append(draw("line", { class: "grid", x1: x(time), x2: x(time), y1: top, y2: bottom }));
    svg.append(label(timeLabel(time), x(time), bottom + 14, { "text-anchor": time ? "middle" : "start" }));
  }
};

const levelAxis = (svg, y, values, width, digits = 0, unit = "") => {
  for (const value of values) {
    svg.append(draw("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }));
    svg.append(label(decimal(value, digits) + unit, MARGIN.left - 6, y(value) + 4, { "text-anchor": "end" }));
  }
};

const sectionEdges = (svg, sections, x, top, bottom) => {
  for (const section of sections.slice(1)) {
    svg.append(draw("line", { class: "edge", x1: x(section.start), x2: x(section.start), y1: top, y2: bottom }));
  }
};
