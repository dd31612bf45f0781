// The wall and the speaker's window: both hold every slide and tell each other where they are.
const body = document.body;
const slides = [...document.querySelectorAll("#stage > .slide")];
const views = slides.map((slide) => Number(slide.dataset.view));
const isSpeaker = body.classList.contains("speaker");
const find = (id) => document.getElementById(id);
const AFTER = 2500; // milliseconds until the pointer and the bar go
const ASKED_EVERY = 60_000; // milliseconds between two questions whether the login still stands

const state = { at: 0, blank: false, since: null };
const channel = new BroadcastChannel(`qingyu-present${body.dataset.address}`);

// --- where we are ---------------------------------------------------------------------------------------------

function draw() {
  slides.forEach((slide, place) => {
    slide.classList.toggle("on", place === state.at);
    slide.classList.toggle("near", Math.abs(place - state.at) === 1);
  });
  find("blank").hidden = !state.blank || isSpeaker;
  const say = find("place");
  const view = views[state.at];
  say.textContent = `${state.at + 1}/${slides.length}${view ? ` · ${say.dataset.say.replace("{place}", view)}` : ""}`;
  press("blank", state.blank);
  if (!isSpeaker) return;
  const next = find("next");
  const following = slides[state.at + 1];
  next.replaceChildren(following ? following.cloneNode(true) : next.dataset.last);
  for (const note of document.querySelectorAll(".note")) note.hidden = Number(note.dataset.place) !== state.at + 1;
}

function change(changed) {
  Object.assign(state, changed);
  draw();
  channel.postMessage({ ...state });
}

function go(at) {
  state.since ??= Date.now();
  change({ at: Math.max(0, Math.min(slides.length - 1, at)), blank: false });
}

channel.onmessage = ({ data }) => {
  if (data === "where") {
    if (!isSpeaker) channel.postMessage({ ...state });
    return;
  }
  Object.assign(state, data);
  begun();
  draw();
};

// --- what can be done -----------------------------------------------------------------------------------------

let turning = null;
const acts = {
  next: () => go(state.at + 1),
  back: () => go(state.at - 1),
  first: () => go(0),
  last: () => go(slides.length - 1),
  blank: () => change({ blank: !state.blank }),
  clock: () => change({ since: Date.now() }),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : body.requestFullscreen()).catch(() => {}),
  laser: () => {
    const on = body.classList.toggle("lasering");
    find("laser").hidden = !on;
    press("laser", on);
  },
  auto: () => {
    clearInterval(turning);
    turning = turning ? null : setInterval(turn, Number(find("pause").value) * 1000);
    press("auto", Boolean(turning));
  },
  speak: () => {
    const place = new URL(location.href);
    place.searchParams.set("speaker", "1");
    open(place, "qingyu-speaker", "popup,width=1100,height=700");
  },
  leave: () => (isSpeaker ? close() : location.assign(body.dataset.back)),
};

function turn() {
  go(state.at + 1 < slides.length ? state.at + 1 : 0);
}

function press(name, on) {
  document.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", on);
}

find("pause").addEventListener("change", () => {
  if (turning) {
    acts.auto();
    acts.auto();
  }
});

for (const button of document.querySelectorAll("#bar button")) {
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    acts[button.dataset.do]();
    button.blur();
  });
}

// --- keys, clickers, pointer ----------------------------------------------------------------------------------

const KEYS = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next",
  ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back",
  Home: "first", End: "last", b: "blank", ".": "blank", f: "full", F5: "full", l: "laser", a: "auto", n: "speak",
  t: "clock", Escape: "leave",
};
let typed = "";

function show(number) {
  typed = number;
  find("typed").hidden = !typed;
  find("typed").textContent = typed;
}

// The first key or click is what a browser lets a page fill the screen for.
function begun() {
  if (body.classList.contains("begun")) return false;
  body.classList.add("begun");
  find("start").hidden = true;
  return true;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.id === "pause") return;
  if (/^\d$/.test(event.key)) return show((typed + event.key).slice(-3));
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Enter" && typed) {
    const at = views.indexOf(Math.min(Number(typed), Math.max(...views)));
    show("");
    return go(Math.max(0, at));
  }
  if (key === "Escape" && typed) return show("");
  const act = KEYS[key];
  if (!act) return;
  event.preventDefault();
  show("");
  if (!isSpeaker && act !== "leave" && begun()) {
    state.since = Date.now();
    acts.full();
    if (act === "next") return draw();
    if (act === "full") return;
  }
  acts[act]();
});

find("frame").addEventListener("click", () => {
  if (!isSpeaker && begun()) {
    state.since = Date.now();
    acts.full();
  } else acts.next();
});

let still = null;
addEventListener("pointermove", (event) => {
  Object.assign(find("laser").style, { left: `${event.clientX}px`, top: `${event.clientY}px` });
  body.classList.add("moving");
  clearTimeout(still);
  still = setTimeout(() => body.classList.remove("moving"), AFTER);
});

// --- size and clock -------------------------------------------------------------------------------------------

function fit() {
  const { width, height } = find("frame").getBoundingClientRect();
  find("stage").style.setProperty("--scale", Math.min(width / 960, height / 540));
  if (isSpeaker) find("next").style.setProperty("--next", find("next").clientWidth / 960);
}
addEventListener("resize", fit);

function tick() {
  if (!isSpeaker) return;
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const seconds = state.since ? (Date.now() - state.since) / 1000 : 0;
  find("elapsed").textContent = `${two(seconds / 60)}:${two(seconds % 60)}`;
  const now = new Date();
  find("time").textContent = `${two(now.getHours())}:${two(now.getMinutes())}`;
}
setInterval(tick, 500);

// --- the server: not needed to show, but a login that was ended closes the page ---------------------------------

async function ask() {
  if (document.hidden) return;
  const answer = await fetch("/presenting", { cache: "no-store" }).catch(() => null);
  find("away").hidden = answer !== null;
  if (answer?.status === 401) {
    location.replace(`/ended?${new URLSearchParams({ why: "", back: location.pathname + location.search })}`);
  }
}
setInterval(ask, ASKED_EVERY);
addEventListener("online", ask);
addEventListener("offline", () => (find("away").hidden = false));

fit();
draw();
tick();
if (isSpeaker) channel.postMessage("where");
document.fonts.ready.then(() => (body.dataset.ready = "1"));
