// Draws the cells of a city on a canvas and plays their weeks; the server sends them once and is not asked again.
const DOT = 4; // pixels
// Cells filled at once: all eleven thousand in one path take a second, sixteen at a time some 20 ms.
const BUNCH = 16;
const STEP = 450; // milliseconds that a week is shown

async function unpack(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Kind(await new Response(stream).arrayBuffer());
}

async function prepare(data) {
  const [cells, kinds, counts, nameOf] = await Promise.all([
    unpack(data.cells, Uint16Array), unpack(data.kinds, Uint8Array),
    unpack(data.counts, Uint32Array), unpack(data.nameOf, Uint16Array),
  ]);
  const lines = await Promise.all(data.lines.map(async (line) => ({
    ...line, values: await unpack(line.values, Float32Array),
  })));
  const areas = await Promise.all(data.areas.map(async (area) => {
    const path = new Path2D();
    for (const packed of area.rings) {
      const ring = await unpack(packed, Uint16Array);
      path.moveTo(ring[0], ring[1]);
      for (let at = 2; at < ring.length; at += 2) path.lineTo(ring[at], ring[at + 1]);
      path.closePath();
    }
    return { ...area, path };
  }));
  const size = cells.length / 2;
  const reach = Math.max(...data.corners.map(Math.abs));
  const near = new Map();
  const box = (x, y) => Math.floor(x / reach) * 100003 + Math.floor(y / reach);
  for (let cell = 0; cell < size; cell += 1) {
    const key = box(cells[2 * cell], cells[2 * cell + 1]);
    if (near.has(key)) near.get(key).push(cell);
    else near.set(key, [cell]);
  }
  return { data, cells, kinds, counts, nameOf, lines, areas, size, reach, near, box };
}

class CellMap {
  constructor(root, city, choose) {
    Object.assign(this, { root, city, choose, frame: 0, timer: 0 });
    this.canvas = root.querySelector("canvas");
    // Kept in memory: what is drawn here is many small shapes, not large pictures.
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
    this.tip = root.querySelector(".q-hex-tip");
    this.button = root.querySelector(".q-hex-play");
    this.slider = root.querySelector("input");
    this.week = root.querySelector("output");
    this.last = city.data.frames.length - 1;
    this.fit();
    this.controls();
    this.listen();
    this.show(0);
  }

  fit() {
    const [west, north, east, south] = this.city.data.view;
    const width = this.canvas.clientWidth || 600;
    const height = this.canvas.clientHeight || 400;
    const zoom = 0.94 * Math.min(width / (east - west), height / (south - north));
    this.view = { zoom, x: (west + east) / 2, y: (north + south) / 2 };
    this.least = zoom * 0.8;
  }

  controls() {
    const { words, frames } = this.city.data;
    this.canvas.setAttribute("aria-label", words.label);
    this.root.querySelector(".q-hex-time").hidden = frames.length < 2;
    this.slider.max = String(this.last);
    this.slider.setAttribute("aria-label", words.week);
    for (const [name, text] of [["in", words.nearer], ["out", words.farther]]) {
      const button = this.root.querySelector(`.q-hex-${name}`);
      button.title = text;
      button.setAttribute("aria-label", text);
      button.onclick = () => this.zoom(name === "in" ? 1.6 : 1 / 1.6);
    }
    this.button.onclick = () => (this.timer ? this.stop() : this.play());
    // The whole period stands at the right end, after its last week.
    this.slider.oninput = () => {
      this.stop();
      this.show(this.frameAt(Number(this.slider.value)));
    };
    this.stop();
  }

  frameAt(place) {
    return place === this.last ? 0 : place + 1;
  }

  show(frame) {
    this.frame = frame;
    const place = frame === 0 ? this.last : frame - 1;
    this.slider.value = String(place);
    const label = this.city.data.frames[frame];
    this.week.textContent = label;
    this.slider.setAttribute("aria-valuetext", label);
    this.draw();
  }

  play() {
    this.label(this.city.data.words.pause, "❚❚");
    let place = Number(this.slider.value) + 1;
    if (place >= this.last) place = 0;
    const step = () => {
      this.show(this.frameAt(place));
      if (place === this.last || !this.root.isConnected) this.stop();
      place += 1;
    };
    this.timer = window.setInterval(step, STEP);
    step();
  }

  stop() {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.label(this.city.data.words.play, "▶");
  }

  label(text, sign) {
    this.button.textContent = sign;
    this.button.title = text;
    this.button.setAttribute("aria-label", text);
  }

  zoom(factor) {
    this.view.zoom = Math.min(Math.max(this.view.zoom * factor, this.least), this.least * 60);
    this.draw();
  }

  listen() {
    let held = null;
    this.canvas.onpointerdown = (event) => {
      held = { x: event.offsetX, y: event.offsetY, moved: false };
    };
    this.canvas.onpointermove = (event) => {
      if (held && event.buttons) {
        const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
        if (held.moved || Math.hypot(dx, dy) > 4) {
          this.view.x -= dx / this.view.zoom;
          this.view.y -= dy / this.view.zoom;
          held = { x: event.offsetX, y: event.offsetY, moved: true };
          this.tip.hidden = true;
          this.draw();
        }
        return;
      }
      this.tell(event);
    };
    this.canvas.onpointerleave = () => {
      this.tip.hidden = true;
    };
    this.canvas.onpointerup = (event) => {
      const [x, y] = this.place(event);
      if (held && !held.moved) {
        const area = this.areaAt(x, y);
        if (area && area.code !== this.city.data.entered) this.choose(area.code);
      }
      held = null;
    };
    this.canvas.ondblclick = () => this.zoom(1.6);
    this.watch = new ResizeObserver(() => this.root.isConnected && this.draw());
    this.watch.observe(this.canvas);
  }

  place(event) {
    const { zoom, x, y } = this.view;
    return [
      (event.offsetX - this.canvas.clientWidth / 2) / zoom + x,
      (event.offsetY - this.canvas.clientHeight / 2) / zoom + y,
    ];
  }

  cellAt(x, y) {
    const { cells, near, reach, box } = this.city;
    let found = -1;
    let least = reach * 0.95;
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        for (const cell of near.get(box(x + dx * reach, y + dy * reach)) || []) {
          const far = Math.hypot(cells[2 * cell] - x, cells[2 * cell + 1] - y);
          if (far < least) [found, least] = [cell, far];
        }
      }
    }
    return found;
  }

  areaAt(x, y) {
    const pen = this.pen;
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    const found = this.city.areas.find((area) => pen.isPointInPath(area.path, x, y));
    pen.restore();
    return found;
  }

  tell(event) {
    const [x, y] = this.place(event);
    const cell = this.cellAt(x, y);
    const area = this.areaAt(x, y);
    this.canvas.style.cursor = area && area.code !== this.city.data.entered ? "pointer" : "default";
    this.tip.hidden = cell < 0 && !area;
    if (this.tip.hidden) return;
    this.tip.replaceChildren(...this.said(cell, area));
    const right = event.offsetX > this.canvas.clientWidth * 0.6;
    this.tip.style.left = right ? "" : `${event.offsetX + 14}px`;
    this.tip.style.right = right ? `${this.canvas.clientWidth - event.offsetX + 14}px` : "";
    this.tip.style.top = `${Math.max(0, event.offsetY - 20)}px`;
  }

  said(cell, area) {
    const { data, kinds, counts, nameOf, lines, size } = this.city;
    const line = (text, name = "div") => Object.assign(document.createElement(name), { textContent: text });
    if (cell < 0) return [line(area.name, "b")];
    const at = this.frame * size + cell;
    const count = counts[at];
    const isFew = count > 0 && count < data.least;
    const said = [line(data.names[nameOf[cell]] || (area ? area.name : ""), "b")];
    if (data.frames.length > 1) said.push(line(data.frames[this.frame]));
    said.push(line(isFew ? data.words.few : data.words.count.replace("{n}", count.toLocaleString("en-US"))));
    const kind = data.palette[kinds[at]];
    if (kind && kind.label) said.push(line(kind.label));
    for (const { label, decimals, values } of this.frame === 0 ? lines : []) {
      if (!Number.isNaN(values[cell])) said.push(line(label.replace("{n}", values[cell].toFixed(decimals))));
    }
    return said;
  }

  draw() {
    const { canvas, city, view } = this;
    const { data, areas } = city;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const sharp = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp);
      canvas.height = Math.round(height * sharp);
    }
    const pen = this.pen;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = data.colours.card;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const scale = view.zoom * sharp;
    const [left, top] = [canvas.width / 2 - view.x * scale, canvas.height / 2 - view.y * scale];
    pen.setTransform(scale, 0, 0, scale, left, top);
    pen.fillStyle = data.colours.missing;
    for (const area of areas) {
      pen.globalAlpha = data.entered && area.code !== data.entered ? 0.25 : 0.5;
      pen.fill(area.path);
    }
    pen.globalAlpha = 1;
    this.fill(pen);
    for (const area of areas) {
      const own = area.code === data.entered;
      pen.strokeStyle = own ? data.colours.ink : data.colours.muted;
      pen.globalAlpha = data.entered && !own ? 0.35 : 0.9;
      pen.lineWidth = (own ? 2 : 1) / view.zoom;
      pen.stroke(area.path);
    }
    pen.globalAlpha = 1;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    this.write(pen, width, height);
  }

  fill(pen) {
    const { data, cells, kinds, size, reach } = this.city;
    // What must be seen in the view of the whole city is drawn no smaller than a dot.
    const grown = Math.max(1, DOT / (reach * this.view.zoom));
    data.palette.forEach((kind, own) => {
      const around = data.corners.map((one) => one * (kind.loud ? grown : 1));
      pen.fillStyle = kind.colour;
      pen.beginPath();
      let held = 0;
      for (let cell = 0; cell < size; cell += 1) {
        if (kinds[this.frame * size + cell] !== own) continue;
        const [x, y] = [cells[2 * cell], cells[2 * cell + 1]];
        pen.moveTo(x + around[0], y + around[1]);
        for (let at = 2; at < 12; at += 2) pen.lineTo(x + around[at], y + around[at + 1]);
        held += 1;
        if (held % BUNCH === 0) {
          pen.fill();
          pen.beginPath();
        }
      }
      pen.fill();
    });
  }

  write(pen, width, height) {
    const { data, areas } = this.city;
    const taken = [];
    pen.font = `600 12px ${data.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = data.colours.card;
    pen.fillStyle = data.colours.ink;
    const ordered = [...areas].sort((one, other) => (other.code === data.entered) - (one.code === data.entered));
    for (const { name, at } of ordered) {
      const x = (at[0] - this.view.x) * this.view.zoom + width / 2;
      const y = (at[1] - this.view.y) * this.view.zoom + height / 2;
      const half = pen.measureText(name).width / 2;
      const free = taken.every((box) => Math.abs(box.x - x) > box.half + half + 4 || Math.abs(box.y - y) > 16);
      if (!free || x < half || x > width - half || y < 8 || y > height - 8) continue;
      taken.push({ x, y, half });
      pen.strokeText(name, x, y);
      pen.fillText(name, x, y);
    }
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".q-hex");
  const choose = (code) => setTriggerValue("choose", code);
  if (root.dataset.shown === data.stamp && root.cellMap) {
    root.cellMap.choose = choose;
    return;
  }
  root.dataset.shown = data.stamp;
  prepare(data).then((city) => {
    if (root.dataset.shown !== data.stamp) return; // another map was asked for meanwhile
    root.cellMap?.stop();
    root.cellMap?.watch.disconnect();
    root.cellMap = new CellMap(root, city, choose);
  });
}
