// Once on every page: the language of the document, Streamlit's own labels in it, the switch of the theme, and
// the clicks on numbers whose items can be opened, in text and in charts.
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

function openItems(report) {
  const pressed = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    const number = event.target.closest?.("[data-items]");
    if (!number) return;
    event.preventDefault();
    report(number.dataset.items);
  };
  const listening = window.__qingyuItems;
  for (const kind of ["click", "keydown"]) {
    if (listening) document.removeEventListener(kind, listening.pressed);
    document.addEventListener(kind, pressed);
  }
  window.__qingyuItems = { pressed, report };
}

function followCharts() {
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    if (chart.__qingyuFollowed || !chart.on) continue;
    chart.__qingyuFollowed = true;
    chart.on("plotly_click", (event) => {
      const found = event.points.find((point) => typeof point.customdata === "string" && point.customdata);
      if (found) window.__qingyuItems.report(found.customdata);
    });
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  openItems((items) => setTriggerValue("items", items));
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
  const follow = () => {
    translate(app, data.words, data.back);
    followCharts();
  };
  follow();
  const watcher = new MutationObserver(follow);
  watcher.observe(app, { subtree: true, childList: true });
  window.__qingyuWatcher?.disconnect();
  window.__qingyuWatcher = watcher;
}
