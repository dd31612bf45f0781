// Once on every page: the language of the document, Streamlit's own labels in it, the switch of the theme, and
// the clicks on numbers whose items can be opened, in text and in charts, and on rows that narrow the page.
const ATTRIBUTES = ["aria-label", "placeholder", "title"];

function translate(root, words, back) {
  const skip = root.querySelector("[data-testid=stSkipToContent]");
  const said = skip && (words[skip.textContent] ?? back[skip.textContent]);
  if (said !== undefined && said !== null && said !== skip.textContent) skip.textContent = said;
  for (const attribute of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      const text = element.getAttribute(attribute);
      const found = words[text] ?? back[text];
      if (found !== undefined && found !== text) element.setAttribute(attribute, found);
    }
  }
}

function follow(report) {
  const pressed = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    // The innermost one: a number inside a row opens its items, the rest of the row narrows the page.
    const target = event.target.closest?.("[data-items],[data-narrow]");
    if (!target) return;
    event.preventDefault();
    const kind = target.dataset.items === undefined ? "narrow" : "items";
    report(kind, target.dataset[kind]);
  };
  const listening = window.__qingyuClicks;
  for (const kind of ["click", "keydown"]) {
    if (listening) document.removeEventListener(kind, listening.pressed);
    document.addEventListener(kind, pressed);
  }
  window.__qingyuClicks = { pressed, report };
}

function followCharts() {
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    if (chart.__qingyuFollowed || !chart.on) continue;
    chart.__qingyuFollowed = true;
    chart.on("plotly_click", (event) => {
      const found = event.points.find((point) => typeof point.customdata === "string" && point.customdata);
      if (found) window.__qingyuClicks.report("items", found.customdata);
    });
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  follow(setTriggerValue);
  document.documentElement.lang = data.lang;

  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.setAttribute("aria-label", data.hint);
  button.title = data.hint;
  button.onclick = () => {
    // Streamlit remembers the theme for each address and reads it once, when the page loads.
    const base = location.pathname.replace(/\/[^/]*$/, "");
    for (const path of data.paths) {
      localStorage.setItem(`stActiveTheme-${base}${path}-v2`, JSON.stringify(data.next));
    }
    location.reload();
  };

  const app = document.body;
  const changed = () => {
    translate(app, data.words, data.back);
    followCharts();
  };
  changed();
  const watcher = new MutationObserver(changed);
  watcher.observe(app, { subtree: true, childList: true });
  window.__qingyuWatcher?.disconnect();
  window.__qingyuWatcher = watcher;
}
