// The page around the map: its data, what is chosen, the panel of an object.

const data = JSON.parse(document.getElementById("data").textContent);
const n = data.ids.length;
const byId = new Map();
data.ids.forEach((id, i) => byId.has(id) || byId.set(id, i));
const at = (id) => document.getElementById(id);
const className = (i) => (data.class_of[i] < 0 ? "no class" : data.classes[data.class_of[i]]);
const scalar = (name, i) => data.scalars[name]?.[i] ?? null;
const periodOf = (i) => scalar("period", i);
const curves = new Map();  // unpacked when first asked for
const hidden = new Set();  // class codes
const chosen = {layout: 0, colour: data.classes.length > 0 ? "class" : "period", magnitudes: null, factor: 1};
const N_LEVELS = 24;  // of a colour scale

function curveOf(i) {
  if (!curves.has(i)) curves.set(i, unpackCurve(data.curves[i], data.magnitudes));
  return curves.get(i);
}

// ---- colours

// Shares of the way from the 1st to the 99th percentile, in logarithms for what spans decades.
function scaleOf(name) {
  const logarithmic = name === "period";
  const value = (i) => {
    const raw = scalar(name, i);
    return raw === null || (logarithmic && !(raw > 0)) ? NaN : logarithmic ? Math.log10(raw) : raw;
  };
  const sorted = data.ids.map((_, i) => value(i)).filter(Number.isFinite).sort((a, b) => a - b);
  const low = sorted[Math.floor(0.01 * sorted.length)], high = sorted[Math.floor(0.99 * (sorted.length - 1))];
  return {low, high, logarithmic, share: (i) => (value(i) - low) / (high - low || 1)};
}
let scale = null;

const model = {
  n,
  isShown: (i) => !hidden.has(data.class_of[i]),
  neighboursOf: (i) => neighboursOf(i).map(({row}) => row),
  groupOf(i) {
    if (!scale) return data.class_of[i];
    const share = scale.share(i);
    return Number.isFinite(share) ? Math.round(N_LEVELS * Math.min(1, Math.max(0, share))) : -1;
  },
  styleOf(group) {
    if (!scale) return {colour: classColour(group), shape: classShape(group)};
    return {colour: group < 0 ? NO_CLASS : cividis(group / N_LEVELS), shape: 0};
  },
};

function neighboursOf(i) {
  const k = data.k, found = [];
  for (let j = i * k; j < (i + 1) * k; ++j) {
    if (data.neighbours[j] >= 0) found.push({row: data.neighbours[j], similarity: data.similarity[j]});
  }
  return found;
}

// ---- choosing an object

const scatter = new Scatter(at("map"), model, {hover: showTip, select: choose});

// The address follows, so that going back in the browser goes back to the object before.
function choose(i) {
  const hash = i < 0 ? "" : "#" + encodeURIComponent(data.ids[i]);
  chosen.factor = 1;
  show(i);
  if (location.hash !== hash) history.pushState({row: i}, "", hash || location.pathname + location.search);
}

function chooseByAddress(state) {
  let id = "";
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;  // not an id that this page made
  }
  const row = state?.row;
  show(row >= 0 && data.ids[row] === id ? row : (byId.get(id) ?? -1));
}

function show(i) {
  scatter.select(i);
  showPanel(i);
  at("spoken").textContent = i < 0 ? "" : `${data.ids[i]}, ${className(i)}, period ${formatNumber(periodOf(i))} days`;
}

// ---- hover

function showTip(i, x, y) {
  const tip = at("tip");
  tip.hidden = i < 0;
  if (i < 0 || tip.dataset.row === String(i)) return;
  tip.dataset.row = i;
  const curve = curveOf(i);
  tip.replaceChildren(element("strong", {}, data.ids[i]), element("br"),
                      `${className(i)}, ${formatNumber(periodOf(i), 6)} d`, curve ? drawSmall(curve, periodOf(i)) : "");
  tip.style.left = `${Math.min(x + 14, Math.max(0, scatter.width - 270))}px`;
  tip.style.top = y > scatter.height - 110 ? `${y - 100}px` : `${y + 14}px`;
}

// ---- the panel

function showPanel(i) {
  const panel = at("panel");
  if (i < 0) {
    panel.replaceChildren(element("p", {class: "quiet"}, "Choose a point: its light curve, folded at its period, and " +
                                  `its ${data.k} nearest neighbours among the embeddings are shown here.`));
    return;
  }
  const values = element("dl", {}, element("dt", {}, "class"), element("dd", {id: "class"}, className(i)));
  for (const {name, label, unit, digits} of data.scalar_names) {
    if (scalar(name, i) === null) continue;
    values.append(element("dt", {}, label), element("dd", {}, `${formatNumber(scalar(name, i), digits)} ${unit}`));
  }
  panel.replaceChildren(element("h2", {}, data.ids[i]), values, ...curvePlots(i), ...neighbourList(i));
  panel.scrollTop = 0;
}

function choice(label, pressed, action) {
  return element("button", {type: "button", "aria-pressed": String(pressed), onclick: action}, label);
}

function curvePlots(i) {
  const curve = curveOf(i);
  if (!curve) return [element("p", {class: "quiet"}, data.has_curves ? "No light curve of this object was given." :
                                                     "The map was made without --light-curves.")];
  const again = (change) => () => {
    Object.assign(chosen, change);
    showPanel(i);
  };
  const magnitudes = chosen.magnitudes ?? mostlyPositive(curve);
  const y_label = magnitudes ? curve.magnitude.label : "flux [mJy]";
  const shown = ordinate(curve, magnitudes).length, made = [], notes = [];
  const choices = element("div", {class: "choices"}, choice("magnitude", magnitudes, again({magnitudes: true})),
                          choice("flux", !magnitudes, again({magnitudes: false})));
  made.push(choices);
  if (shown < 2) return [...made, element("p", {class: "quiet"}, "No two fluxes are above zero.")];
  if (periodOf(i) > 0) {
    choices.append(" period ×", ...[0.5, 1, 2].map((factor) =>
      choice(factor === 0.5 ? "½" : String(factor), chosen.factor === factor, again({factor}))));
    const folded = drawFolded(curve, periodOf(i) * chosen.factor, magnitudes, y_label);
    folded.id = "folded";
    made.push(folded);
  } else {
    notes.push("No period is known, so nothing is folded.");
  }
  const raw = drawRaw(curve, magnitudes, y_label);
  raw.id = "raw";
  made.push(raw);
  if (curve.n_observations > curve.time.length)
    notes.push(`${curve.time.length} of ${curve.n_observations} observations, evenly chosen.`);
  if (magnitudes) notes.push(`The axis shows ${curve.magnitude.system}.`);
  if (shown < curve.time.length) notes.push(`${curve.time.length - shown} with flux not above 0 have no magnitude.`);
  if (notes.length) made.push(element("p", {class: "quiet"}, notes.join(" ")));
  return made;
}

function neighbourList(i) {
  const list = element("ol", {id: "neighbours"});
  for (const {row, similarity} of neighboursOf(i)) {
    const marker = svgElement("svg", {viewBox: "-5 -5 10 10", style: "width:16px;height:16px"});
    marker.append(markerShape(data.class_of[row]));
    const curve = curveOf(row);
    list.append(element("li", {}, element("button", {type: "button", onclick: () => choose(row)}, marker,
      element("span", {}, data.ids[row], element("small", {}, `${className(row)}, ${formatNumber(periodOf(row))} d, ` +
                                                              `cosine ${similarity.toFixed(4)}`)),
      curve ? drawSmall(curve, periodOf(row)) : "")));
  }
  return [element("h3", {}, `nearest by cosine in ${data.dimension} dimensions`), list];
}

function markerShape(code) {
  const steps = [];
  const pen = {
    moveTo: (x, y) => steps.push(`M${x} ${y}`), lineTo: (x, y) => steps.push(`L${x} ${y}`),
    closePath: () => steps.push("Z"), arc: (x, y, r) => steps.push(`A${r} ${r} 0 1 1 ${x - r} ${y}A${r} ${r} 0 1 1 ${x + r} ${y}`),
  };
  addShape(pen, classShape(code), 0, 0, 3.4);
  return svgElement("path", {d: steps.join(""), fill: classColour(code)});
}

// ---- legend, layouts, search, facts

function showLegend() {
  const legend = at("legend");
  if (scale) {
    const steps = Array.from({length: 9}, (_, s) => cividis(s / 8)).join(",");
    const end = (v) => formatNumber(scale.logarithmic ? 10 ** v : v, 3);
    const {label, unit} = data.scalar_names.find(({name}) => name === chosen.colour);
    legend.replaceChildren(element("div", {}, `${label}${unit ? ` [${unit}]` : ""}${scale.logarithmic ? ", logarithmic" : ""}`),
      element("div", {class: "scale", style: `background:linear-gradient(to right,${steps})`}),
      element("div", {class: "ends"}, element("span", {}, end(scale.low)), element("span", {}, end(scale.high))));
    return;
  }
  const counts = new Map();
  for (const code of data.class_of) counts.set(code, (counts.get(code) ?? 0) + 1);
  const codes = [...counts.keys()].sort((a, b) => (a < 0) - (b < 0) || a - b);
  const toggle = (code) => (event) => {
    if (event.target.checked) hidden.delete(code);
    else hidden.add(code);
    scatter.draw();
  };
  const setAll = (visible) => () => {
    codes.forEach((code) => (visible ? hidden.delete(code) : hidden.add(code)));
    showLegend();
    scatter.draw();
  };
  legend.replaceChildren(...codes.map((code) => {
    const marker = svgElement("svg", {viewBox: "-5 -5 10 10", style: "width:16px;height:16px"});
    marker.append(markerShape(code));
    const box = element("input", {type: "checkbox", onchange: toggle(code)});
    box.checked = !hidden.has(code);
    return element("label", {}, box, marker, code < 0 ? "no class" : data.classes[code],
                   element("span", {class: "n"}, String(counts.get(code))));
  }), element("div", {class: "all"}, element("button", {type: "button", onclick: setAll(true)}, "all"),
              element("button", {type: "button", onclick: setAll(false)}, "none")));
}

function setColour(name) {
  chosen.colour = name;
  scale = name === "class" ? null : scaleOf(name);
  if (scale) hidden.clear();
  showLegend();
  scatter.draw();
}

function setLayout(k) {
  chosen.layout = k;
  const layout = data.layouts[k];
  scatter.show(layout.points);
  at("summary").textContent = `${n} objects, ${layout.title}. ${layout.kept}`;
  at("map").setAttribute("aria-label", `${layout.title} of ${n} objects; arrow keys go from one to the next`);
}

function search(text) {
  const matches = at("matches"), wanted = text.trim().toLowerCase(), found = [];
  for (let i = 0; wanted && i < n && found.length < 12; ++i) {
    if (data.ids[i].toLowerCase().includes(wanted)) found.push(i);
  }
  const take = (i) => () => {
    matches.hidden = true;
    choose(i);
    at("map").focus();
  };
  matches.replaceChildren(...found.map((i) => element("li", {}, element("button", {type: "button", onclick: take(i)},
                                                                        data.ids[i]))));
  if (wanted && found.length === 0) matches.append(element("li", {class: "quiet"}, "no such id"));
  matches.hidden = !wanted;
}

// The controls, in the order of the page.
data.layouts.forEach((layout, k) => {
  const radio = element("input", {type: "radio", name: "layout", onchange: () => setLayout(k)});
  radio.checked = k === 0;
  at("layouts").append(element("label", {}, radio, " " + layout.name));
});
const colours = [...(data.classes.length ? [["class", "class"]] : []),
                 ...data.scalar_names.filter(({name}) => data.scalars[name].some((v) => v !== null))
                   .map(({name, label}) => [name, label])];
if (!colours.some(([name]) => name === chosen.colour)) colours.unshift(["class", "none"]), (chosen.colour = "class");
at("colour").append(...colours.map(([name, label]) => element("option", {value: name}, label)));
at("colour").value = chosen.colour;
at("colour").addEventListener("change", (event) => setColour(event.target.value));
at("reset").addEventListener("click", () => scatter.showAll());
at("search").addEventListener("input", (event) => search(event.target.value));
at("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    const exact = byId.get(event.target.value.trim()), first = at("matches").querySelector("button");
    if (exact !== undefined) at("matches").hidden = true, choose(exact), at("map").focus();
    else first?.click();
  } else if (event.key === "ArrowDown") at("matches").querySelector("button")?.focus();
  else if (event.key === "Escape") at("matches").hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  at("search").focus();
});
at("origin").textContent = data.origin;
at("notes").append(...data.notes.map((note) => element("li", {}, note)));
at("facts").append(...data.facts.map(([name, value]) => element("tr", {}, element("td", {}, name), element("td", {}, value))));
window.addEventListener("popstate", (event) => chooseByAddress(event.state));
window.addEventListener("hashchange", () => chooseByAddress(null));
window.astrom3Map = {place: (i) => scatter.place(i), data};  // for the console

setLayout(0);
setColour(chosen.colour);
chooseByAddress(null);
