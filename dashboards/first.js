// Before Streamlit: where the suite lives, drawing surfaces that can be read after they were drawn on, and what
// happens when the reader's login is over.
// Every board is one level below the root, so the page's own folder is the root: without being told so,
// Streamlit first asks below the board and logs two errors.
window.__streamlit = { ...window.__streamlit, BACKEND_BASE_URL: new URL(".", window.location.href).href };

const asked = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return asked.call(this, kind, kind.startsWith("webgl") ? { ...options, preserveDrawingBuffer: true } : options);
};

// Streamlit tries for ever to open its socket again. When the login is over the page is left instead, for one that
// says why and leads back; a server that is only away is waited for.
const OVER = 4401;
const root = window.__streamlit.BACKEND_BASE_URL;

// Whoever signs out is on their way already when their socket is closed: that way is not crossed.
const ON_THE_WAY = 10_000;
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => (leaving = false), ON_THE_WAY);
});

function leave(why) {
  if (leaving) return;
  const back = location.pathname + location.search;
  location.replace(`${root}ended?${new URLSearchParams({ why, back })}`);
}

window.WebSocket = class extends WebSocket {
  constructor(...told) {
    super(...told);
    let opened = false;
    this.addEventListener("open", () => (opened = true));
    this.addEventListener("close", async (event) => {
      if (event.code === OVER) leave(event.reason);
      if (opened) return;
      const standing = await fetch(`${root}standing`, { cache: "no-store" }).catch(() => null);
      if (standing?.status === 401) leave("");
    });
  }
};
