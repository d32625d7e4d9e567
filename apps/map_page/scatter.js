// The map: points on a canvas that can be moved, zoomed and walked through.

// Okabe & Ito's colours without black (Color Universal Design, 2008), told apart by all common colour vision. Seven
// colours and five shapes have no common factor, so that 35 classes look different, and shapes tell without colours.
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];
const NO_CLASS = "#9aa0a6";
const N_SHAPES = 5;
// Cividis (Nuñez, Anderton & Renslow 2018) at quarters of its length.
const CIVIDIS = [[0, 32, 77], [66, 78, 108], [125, 124, 120], [188, 175, 111], [255, 234, 70]];

function cividis(share) {
  const at = Math.min(3.9999, Math.max(0, share * 4)), k = Math.floor(at);
  const mixed = CIVIDIS[k].map((low, c) => Math.round(low + (at - k) * (CIVIDIS[k + 1][c] - low)));
  return `rgb(${mixed.join(",")})`;
}

const classColour = (code) => (code < 0 ? NO_CLASS : COLOURS[code % COLOURS.length]);
const classShape = (code) => (code < 0 ? 0 : code % N_SHAPES);

// Adds the outline of a shape of about equal area: circle, square, triangle, diamond, cross.
function addShape(path, shape, x, y, r) {
  const polygon = (...corners) => {
    corners.forEach(([dx, dy], k) => (k ? path.lineTo(x + r * dx, y + r * dy) : path.moveTo(x + r * dx, y + r * dy)));
    path.closePath();
  };
  if (shape === 0) {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  } else if (shape === 1) polygon([-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]);
  else if (shape === 2) polygon([0, -1.35], [1.17, 0.67], [-1.17, 0.67]);
  else if (shape === 3) polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]);
  else polygon([-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2],
               [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]);
}

class Scatter {
  // of: {n, groupOf(i), styleOf(group), isShown(i), neighboursOf(i)}; hear: {hover(i, x, y), select(i)}
  constructor(canvas, of, hear) {
    Object.assign(this, {canvas, of, hear, selected: -1, drag: null});
    this.points = null;
    this.view = {x: 0, y: 0, scale: 1};
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    canvas.addEventListener("wheel", (event) => this.onWheel(event), {passive: false});
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", (event) => this.onUp(event));
    canvas.addEventListener("pointercancel", () => (this.drag = null));
    canvas.addEventListener("pointerleave", () => this.hear.hover(-1));
    canvas.addEventListener("keydown", (event) => this.onKey(event));
  }

  show(points) {
    this.points = points;
    this.showAll();
  }

  showAll() {
    if (!this.width) return;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < this.of.n; ++i) {
      [x0, x1] = [Math.min(x0, this.points[2 * i]), Math.max(x1, this.points[2 * i])];
      [y0, y1] = [Math.min(y0, this.points[2 * i + 1]), Math.max(y1, this.points[2 * i + 1])];
    }
    const scale = 0.92 * Math.min(this.width / Math.max(x1 - x0, 1e-9), this.height / Math.max(y1 - y0, 1e-9));
    this.view = {x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale};
    this.whole = scale;
    this.draw();
  }

  resize() {
    const first = !this.width, ratio = window.devicePixelRatio || 1, box = this.canvas.getBoundingClientRect();
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!this.points) return;
    if (first) this.showAll();
    else this.draw();
  }

  // Where object i is on the canvas, in CSS pixels.
  place(i) {
    return [this.width / 2 + (this.points[2 * i] - this.view.x) * this.view.scale,
            this.height / 2 - (this.points[2 * i + 1] - this.view.y) * this.view.scale];
  }

  radius() {
    const n = this.of.n, base = n < 500 ? 4.5 : n < 4000 ? 3.2 : 2.2;
    return base * Math.min(2, Math.max(1, (this.view.scale / this.whole) ** 0.25));
  }

  draw() {
    if (!this.points || !this.width) return;
    const context = this.canvas.getContext("2d"), style = getComputedStyle(this.canvas), r = this.radius();
    context.clearRect(0, 0, this.width, this.height);
    const groups = new Map();
    for (let i = 0; i < this.of.n; ++i) {
      if (!this.of.isShown(i)) continue;
      const [x, y] = this.place(i);
      if (x < -r || y < -r || x > this.width + r || y > this.height + r) continue;
      const group = this.of.groupOf(i);
      if (!groups.has(group)) groups.set(group, new Path2D());
      addShape(groups.get(group), this.of.styleOf(group).shape, x, y, r);
    }
    context.lineWidth = 0.6;
    context.strokeStyle = style.getPropertyValue("--paper");
    for (const [group, path] of [...groups].sort((a, b) => a[0] - b[0])) {
      context.fillStyle = this.of.styleOf(group).colour;
      context.globalAlpha = 0.85;
      context.fill(path);
      context.globalAlpha = 0.5;
      context.stroke(path);
    }
    context.globalAlpha = 1;
    if (this.selected >= 0) this.drawSelected(context, style, r);
  }

  drawSelected(context, style, r) {
    const [x, y] = this.place(this.selected);
    context.strokeStyle = style.getPropertyValue("--ink");
    context.lineWidth = 0.8;
    for (const j of this.of.neighboursOf(this.selected)) {
      const [a, b] = this.place(j);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(a, b);
      context.moveTo(a + r + 2, b);
      context.arc(a, b, r + 2, 0, 2 * Math.PI);
      context.stroke();
    }
    context.strokeStyle = style.getPropertyValue("--mark");
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(x, y, r + 5, 0, 2 * Math.PI);
    context.stroke();
  }

  // The shown object nearest to a place on the canvas, or -1.
  pick(x, y, reach = 10) {
    let best = -1, least = reach * reach;
    for (let i = 0; i < this.of.n; ++i) {
      if (!this.of.isShown(i)) continue;
      const [a, b] = this.place(i), d = (a - x) ** 2 + (b - y) ** 2;
      if (d <= least) [best, least] = [i, d];
    }
    return best;
  }

  // The nearest shown object towards a direction: a degree aside counts as the distance it costs.
  pickTowards(dx, dy) {
    const from = this.selected >= 0 ? this.place(this.selected) : [this.width / 2, this.height / 2];
    if (this.selected < 0) return this.pick(from[0], from[1], Infinity);
    let best = -1, least = Infinity;
    for (let i = 0; i < this.of.n; ++i) {
      if (i === this.selected || !this.of.isShown(i)) continue;
      const [a, b] = this.place(i), along = (a - from[0]) * dx + (b - from[1]) * dy;
      const aside = Math.abs((a - from[0]) * dy - (b - from[1]) * dx);
      if (along > aside && along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
    }
    return best;
  }

  select(i) {
    this.selected = i;
    if (i >= 0 && this.points && this.width) {
      const [x, y] = this.place(i);
      if (x < 0 || y < 0 || x > this.width || y > this.height)
        Object.assign(this.view, {x: this.points[2 * i], y: this.points[2 * i + 1]});
    }
    this.draw();
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(1e4 * this.whole, Math.max(0.5 * this.whole, this.view.scale * factor));
    this.view.x += (x - this.width / 2) * (1 / this.view.scale - 1 / scale);
    this.view.y -= (y - this.height / 2) * (1 / this.view.scale - 1 / scale);
    this.view.scale = scale;
    this.draw();
  }

  onWheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-0.0015 * event.deltaY), event.offsetX, event.offsetY);
  }

  onDown(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = {x: event.offsetX, y: event.offsetY, moved: false};
  }

  onMove(event) {
    if (!this.drag) {
      this.hear.hover(this.pick(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      return;
    }
    const dx = event.offsetX - this.drag.x, dy = event.offsetY - this.drag.y;
    if (!this.drag.moved && Math.hypot(dx, dy) < 4) return;
    this.view.x -= dx / this.view.scale;
    this.view.y += dy / this.view.scale;
    this.drag = {x: event.offsetX, y: event.offsetY, moved: true};
    this.hear.hover(-1);
    this.draw();
  }

  onUp(event) {
    const was_click = this.drag && !this.drag.moved;
    this.drag = null;
    if (!was_click) return;
    const i = this.pick(event.offsetX, event.offsetY);
    if (i >= 0) this.hear.select(i);
  }

  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (arrow) {
      const i = this.pickTowards(...arrow);
      if (i >= 0) this.hear.select(i);
    } else if (event.key === "+" || event.key === "=") this.zoom(1.4);
    else if (event.key === "-") this.zoom(1 / 1.4);
    else if (event.key === "0") this.showAll();
    else if (event.key === "Escape") this.hear.select(-1);
    else return;
    event.preventDefault();
  }
}
