// Before Streamlit: where the suite lives, and drawing surfaces that can be read after they were drawn on.
// Every board is one level below the root, so the page's own folder is the root: without being told so,
// Streamlit first asks below the board and logs two errors.
window.__streamlit = { ...window.__streamlit, BACKEND_BASE_URL: new URL(".", window.location.href).href };

const asked = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return asked.call(this, kind, kind.startsWith("webgl") ? { ...options, preserveDrawingBuffer: true } : options);
};
