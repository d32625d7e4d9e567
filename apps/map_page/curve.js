// Light curves: unpacked, folded, drawn as SVG.

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function svgElement(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// {time, flux, error}: 8 bytes an observation, little-endian: time u32, flux u16, error u16, each a share of its range.
// magnitudes: what those of such curves are called and where they are from, and that of 1 mJy.
function unpackCurve(packed, magnitudes) {
  if (!packed) return null;
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer), n = bytes.length / 8;
  const time = new Float64Array(n), flux = new Float64Array(n), error = new Float64Array(n);
  for (let i = 0; i < n; ++i) {
    time[i] = packed.time[0] + packed.time[1] * view.getUint32(8 * i, true) / 0xffffffff;
    flux[i] = packed.flux[0] + packed.flux[1] * view.getUint16(8 * i + 4, true) / 0xffff;
    error[i] = packed.error * view.getUint16(8 * i + 6, true) / 0xffff;
  }
  return {time, flux, error, magnitude: magnitudes[packed.mag], n_observations: packed.n};
}

// What is drawn upwards. Magnitudes need flux above zero; observations without are left out and counted.
function ordinate(curve, as_magnitudes) {
  const points = [];
  for (let i = 0; i < curve.time.length; ++i) {
    const f = curve.flux[i];
    if (!as_magnitudes) points.push({t: curve.time[i], y: f, e: curve.error[i]});
    else if (f > 0)
      points.push({t: curve.time[i], y: curve.magnitude.zero - 2.5 * Math.log10(f), e: 1.0857362 * curve.error[i] / f});
  }
  return points;
}

const mostlyPositive = (curve) => curve.flux.filter((f) => f > 0).length > 0.9 * curve.flux.length;

function phaseOf(t, start, period) {
  const cycles = (t - start) / period;
  return cycles - Math.floor(cycles);
}

function ticks(low, high, n) {
  const rough = (high - low) / n, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) found.push(k * step);
  return {values: found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9))};
}

const range = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);

function widened([low, high]) {
  const margin = high > low ? 0.07 * (high - low) : Math.max(1e-3, 1e-3 * Math.abs(high));
  return [low - margin, high + margin];
}

// A plot of points {x, y, e}: magnitudes with the brightest on top.
function drawPlot(points, {x_range, x_label, y_label, inverted, title}) {
  const width = 400, height = 184, left = 58, right = 386, top = 8, bottom = 146;
  const svg = svgElement("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title});
  svg.append(svgElement("title", {}, title));
  const [x0, x1] = x_range, [y0, y1] = widened(range(points.map((p) => p.y)));
  const x = (v) => left + (v - x0) / (x1 - x0) * (right - left);
  const up = (v) => bottom - (v - y0) / (y1 - y0) * (bottom - top);
  const y = inverted ? (v) => top + bottom - up(v) : up;
  const x_ticks = ticks(x0, x1, 5), y_ticks = ticks(y0, y1, 5);
  for (const v of y_ticks.values) {
    svg.append(svgElement("line", {class: "grid", x1: left, x2: right, y1: y(v), y2: y(v)}));
    svg.append(svgElement("text", {x: left - 5, y: y(v) + 4, "text-anchor": "end"}, v.toFixed(y_ticks.digits)));
  }
  for (const v of x_ticks.values) {
    svg.append(svgElement("line", {class: "axis", x1: x(v), x2: x(v), y1: bottom, y2: bottom + 4}));
    svg.append(svgElement("text", {x: x(v), y: bottom + 16, "text-anchor": "middle"}, v.toFixed(x_ticks.digits)));
  }
  svg.append(svgElement("line", {class: "axis", x1: left, x2: right, y1: bottom, y2: bottom}));
  svg.append(svgElement("text", {x: (left + right) / 2, y: height - 5, "text-anchor": "middle"}, x_label));
  svg.append(svgElement("text", {transform: `translate(12 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle"},
                        y_label));
  const clip = (v) => Math.min(bottom, Math.max(top, v));
  for (const p of points) {
    if (p.e > 0)
      svg.append(svgElement("line", {class: "error", x1: x(p.x), x2: x(p.x), y1: clip(y(p.y - p.e)), y2: clip(y(p.y + p.e))}));
    svg.append(svgElement("circle", {class: "point", cx: x(p.x), cy: y(p.y), r: 1.8}));
  }
  return svg;
}

function drawRaw(curve, as_magnitudes, y_label) {
  const zero = Math.floor(curve.time[0]), points = ordinate(curve, as_magnitudes);
  return drawPlot(points.map((p) => ({x: p.t - zero, y: p.y, e: p.e})), {
    x_range: widened(range(points.map((p) => p.t - zero))), x_label: `time − ${zero} [d]`, y_label,
    inverted: as_magnitudes, title: "light curve",
  });
}

function drawFolded(curve, period, as_magnitudes, y_label) {
  const points = ordinate(curve, as_magnitudes).flatMap((p) => {
    const phase = phaseOf(p.t, curve.time[0], period);
    return [{x: phase, y: p.y, e: p.e}, {x: phase + 1, y: p.y, e: p.e}];
  });
  return drawPlot(points, {
    x_range: [0, 2], x_label: `phase at ${formatNumber(period, 8)} d`, y_label, inverted: as_magnitudes,
    title: "light curve, folded at its period",
  });
}

// A thumbnail: one turn and a half, no axes; in time order where there is no period.
function drawSmall(curve, period) {
  const svg = svgElement("svg", {viewBox: "0 0 120 36", "aria-hidden": "true"});
  const as_magnitudes = mostlyPositive(curve), points = ordinate(curve, as_magnitudes);
  const [y0, y1] = widened(range(points.map((p) => p.y))), last = curve.time[curve.time.length - 1];
  const draw = (share, y) => {
    const up = (y - y0) / (y1 - y0);
    svg.append(svgElement("circle", {class: "point", cx: 1 + 118 * share, cy: 1 + 34 * (as_magnitudes ? up : 1 - up), r: 0.9}));
  };
  for (const p of points) {
    if (!(period > 0)) {
      draw((p.t - curve.time[0]) / (last - curve.time[0]), p.y);
      continue;
    }
    const phase = phaseOf(p.t, curve.time[0], period);
    draw(phase / 1.5, p.y);
    if (phase < 0.5) draw((phase + 1) / 1.5, p.y);
  }
  return svg;
}

function formatNumber(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return String(Number(value.toPrecision(digits)));
}
