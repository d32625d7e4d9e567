"use strict";
// What the page shows of the answers of worker.js. Texts of files are only ever shown as texts.

const NEEDS = "This page needs WebAssembly with vector instructions and exceptions: Chrome or Edge 95, Firefox 100, Safari 16.4, or later.";
const FROM_A_SERVER = "A browser runs this page from a web server only, such as: python3 -m http.server --directory build/wasm/try";
const LEAST_SHOWN = 0.0005;  // of a probability

const by_id = (id) => document.getElementById(id);
const answers = new Map();  // number of a file -> what is known of it
let worker = null, waiting = 0, count = 0, is_ready = false;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function say(text) {
  by_id("state").textContent = text;
}

function showWork(share) {
  by_id("work").hidden = share === null;
  const progress = by_id("progress");
  if (typeof share === "number") progress.value = share;
  else progress.removeAttribute("value");
}

// "a 'b c' d" as a shell splits it.
const wordsOf = (text) => [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);

const percent = (value) => `${(100 * value).toFixed(value < 0.0995 ? 2 : 1)} %`;
const short = (text, digits = 7) => (text === "" || Number.isNaN(Number(text)) ? text : String(Number(Number(text).toPrecision(digits))));

function table(heads, rows) {
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {scope: "col"}, head)))),
                 element("tbody", {}, ...rows));
}

function facts(pairs) {
  return element("table", {}, element("tbody", {}, ...pairs.filter(([, text]) => text !== "" && text !== null && text !== undefined)
    .map(([name, text]) => element("tr", {}, element("th", {scope: "row"}, name), element("td", {}, text)))));
}

const counts = (object) => Object.entries(object ?? {}).map(([name, n]) => (n > 0 ? `${name} (${n})` : name)).join(", ");

// ---- one file ---------------------------------------------------------------------------------------------------

function showMessages(part, step) {
  const lines = step.errors.split("\n").filter((line) => line && !/^astrom3: (model|attention):|^- written|^astrom3: \d+ objects/.test(line));
  if (lines.length) part.append(element("p", {class: step.code && step.code !== 3 ? "message error" : "message"}, lines.join("\n")));
}

function showReport(part, {report, options}) {
  if (!report) return;
  if (!report.columns) {
    part.append(element("p", {}, "This is a spectrum; this page takes light curves."), element("pre", {}, JSON.stringify(report, null, 1)));
    return;
  }
  const left_out = Object.entries(report.dropped).filter(([, n]) => n > 0).map(([why, n]) => `${n} ${why.replaceAll("_", " ")}`).join(", ");
  const first = report.first_light_curve;
  part.append(element("h3", {}, "What the file was taken for"), facts([
    ["format", report.format && `${report.format}: ${report.title}`],
    ["time", report.time_range && `${report.time_system}, ${report.time_range.map((t) => short(t, 10)).join(" to ")}`],
    ["units", report.units], ["bands", counts(report.bands)], ["objects", String(report.objects)],
    ["observations", `${report.observations}, ${report.usable} of them usable`], ["left out", left_out], ["rules", counts(report.rules)],
    ["light curve", first.n > 0 && `${first.object_id}: ${first.n} observations over ${short(first.span_days, 6)} d` +
      (first.median === null ? "" : `, median ${short(first.median, 4)} ${first.unit}`)],
    ["options", options.join(" ")]]));
  part.append(element("details", {}, element("summary", {}, "columns"), table(["column", "use", "unit", "values"], report.all_columns.map((column) =>
    element("tr", {}, ...[column.name, column.use, column.unit, column.reading].map((text) => element("td", {}, text)))))));
  for (const text of [...report.first_rejects, ...report.warnings]) part.append(element("p", {class: "message"}, text));
}

function showRow(part, row) {
  const classes = Object.keys(row).filter((name) => name.startsWith("p_")).map((name) => [name.slice(2), Number(row[name])])
    .sort((a, b) => b[1] - a[1]);
  if (row.status !== "ok") {
    part.replaceChildren(element("h3", {}, `${row.object_id}: rejected (${row.status})`));
    return;
  }
  const far = Number(row.out_of_class);
  part.replaceChildren(element("h3", {}, `${row.object_id}: ${row.class}`),
    table(["class", "probability", ""], classes.filter(([, p], i) => i < 3 || p >= LEAST_SHOWN).map(([name, p]) =>
      element("tr", {class: name === row.class ? "best" : null}, element("td", {}, name), element("td", {class: "number"}, percent(p)),
              element("td", {class: "bars"}, bar(p))))),
    facts([["out of class", row.out_of_class && `${short(row.out_of_class, 3)}: ${percent(far)} of the validation stars lie nearer to a class`],
           ["period", `${short(row.period, 9)} d`], ["amplitude", `${short(row.amplitude, 4)} mag`],
           ["Lafler–Kinman statistic", short(row.lksl_statistic, 4)], ["rfr_score", short(row.rfr_score, 4)],
           ["observations", `${row.n_raw}, ${row.n_used} of them used`], ["flags", row.flags.replaceAll(";", ", ")]]));
}

function bar(share) {
  const made = element("span", {class: "bar", "aria-hidden": "true"});
  made.style.width = `${100 * share}%`;
  return made;
}

function showNeighbours(part, rows) {
  part.replaceChildren(element("h3", {}, "Nearest among the example stars"), table(["star", "class", "similarity"], rows.map((row) =>
    element("tr", {}, element("td", {}, row.object_id), element("td", {}, row.class ?? ""), element("td", {class: "number"}, row.similarity)))));
}

function showPlot(answer, step) {
  answer.plot.replaceChildren();
  showMessages(answer.plot, step);
  if (!step.svg) return;
  const drawn = new DOMParser().parseFromString(step.svg, "image/svg+xml").documentElement;
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", `periodogram and folded light curve of ${step.object}`);
  answer.plot.append(element("h3", {}, "Periodogram and folded light curve"), element("div", {class: "plot"}, drawn));
}

function showObject(answer, object) {
  showRow(answer.classes, answer.rows.find((row) => row.object_id === object));
  if (answer.found) showNeighbours(answer.neighbours, answer.found.filter((row) => row.query === object));
}

function choiceOfObjects(answer, id) {
  if (answer.rows.length < 2) return null;
  const select = element("select", {onchange: () => {
    showObject(answer, select.value);
    send({kind: "plot", id, object: select.value}, `${select.value}: period`);
  }}, ...answer.rows.map((row) => element("option", {value: row.object_id}, `${row.object_id}: ${row.class || row.status}`)));
  return element("p", {}, element("label", {}, `one of ${answer.rows.length} light curves `, select));
}

const STEPS = {
  inspect(answer, step) {
    answer.report = step.report;
    showMessages(answer.about, step);
    showReport(answer.about, step);
  },
  classify(answer, step, id) {
    showMessages(answer.about, step);
    answer.rows = step.rows;
    if (!step.rows.length) return;
    const choice = choiceOfObjects(answer, id);
    if (choice) answer.choice.append(choice);
    showObject(answer, step.rows[0].object_id);
  },
  embed(answer, step) {
    answer.csv = step.csv;
    const address = URL.createObjectURL(new Blob([step.csv], {type: "text/csv"}));
    answer.save.replaceChildren(element("a", {href: address, download: "embedding.csv"}, "save the embedding as CSV"));
  },
  search(answer, step) {
    answer.found = step.rows;
    showMessages(answer.neighbours, step);
    showObject(answer, answer.rows[0].object_id);
  },
  periodogram(answer, step) {
    answer.period = step.period;
    showPlot(answer, step);
  },
};

function addFile(name) {
  const id = ++count, answer = {name, times: {}, is_done: false};
  for (const part of ["about", "choice", "classes", "neighbours", "plot", "save"]) answer[part] = element("div");
  answer.article = element("article", {"aria-label": name}, element("h2", {}, name), answer.about, answer.choice,
                           element("div", {class: "columns"}, answer.classes, answer.neighbours), answer.plot, answer.save);
  by_id("results").prepend(answer.article);
  answers.set(id, answer);
  return id;
}

// ---- the worker -------------------------------------------------------------------------------------------------

function send(message, text) {
  ++waiting;
  if (is_ready) say(text);
  showWork();
  worker.postMessage(message);
}

function finish(id) {
  answers.get(id).is_done = true;
  if (--waiting > 0) return;
  showWork(null);
  say("done");
}

function receive({data}) {
  const answer = answers.get(data.id);
  if (data.kind === "loading") showWork(data.share);
  else if (data.kind === "ready") {
    is_ready = true;
    if (!waiting) showWork(null);
    say(waiting ? "reading" : "ready");
  } else if (data.kind === "step") {
    answer.times[data.step] = data.milliseconds;
    STEPS[data.step](answer, data, data.id);
    say(`${answer.name}: ${data.step} took ${(data.milliseconds / 1000).toFixed(1)} s`);
  } else if (data.kind === "done") finish(data.id);
  else if (answer) {
    answer.about.append(element("p", {class: "message error"}, data.message));
    finish(data.id);
  } else {
    showWork(null);
    say(`${data.message}. ${NEEDS}`);
  }
}

function start() {
  if (typeof WebAssembly === "undefined" || typeof Worker === "undefined") return say(NEEDS);
  if (location.protocol === "file:") return say(FROM_A_SERVER);
  // A worker that is made of a text has the rules of this page, which forbid to send anything; of a file, those of its server.
  const base = new URL(".", location.href).href;
  const text = `importScripts(${["wasi.js", "worker.js"].map((name) => JSON.stringify(base + name)).join(", ")});`;
  worker = new Worker(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
  worker.onmessage = receive;
  worker.onerror = (event) => say(`${event.message}. ${NEEDS}`);
  is_ready = false;
  say("loading the program and the checkpoint");
  showWork();
  worker.postMessage({kind: "load", base});
}

function stop() {
  worker.terminate();
  waiting = 0;
  for (const answer of answers.values()) {
    if (!answer.is_done) answer.about.append(element("p", {class: "message"}, "stopped"));
    answer.is_done = true;
  }
  start();
}

async function read(files) {
  const options = wordsOf(by_id("options").value);
  for (const file of files) {
    const id = addFile(file.name), bytes = new Uint8Array(await file.arrayBuffer());
    send({kind: "file", id, name: file.name, bytes, options}, `reading ${file.name}`);
  }
}

async function readExample(name) {
  const bytes = await (await fetch(`examples/${name}`)).arrayBuffer();
  read([new File([bytes], name)]);
}

by_id("files").addEventListener("change", ({target}) => read([...target.files]).finally(() => (target.value = "")));
by_id("form").addEventListener("submit", (event) => event.preventDefault());
by_id("stop").addEventListener("click", stop);
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    by_id("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") read([...event.dataTransfer.files]);
  });
}
for (const name of ["SIM-RRAB-1.dat", "SIM-EA-1.dat", "SIM-M-1.dat"])
  by_id("examples").append(element("button", {type: "button", onclick: () => readExample(name)}, name));
start();
window.astrom3Try = {answers, read, readExample, is_ready: () => is_ready};
