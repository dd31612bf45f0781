// Once on every page: the language of the document, Streamlit's own labels in it, and the switch of the theme.
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

export default function (component) {
  const { data, parentElement } = component;
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
  translate(app, data.words, data.back);
  const watcher = new MutationObserver(() => translate(app, data.words, data.back));
  watcher.observe(app, { subtree: true, childList: true });
  window.__qingyuWatcher?.disconnect();
  window.__qingyuWatcher = watcher;
}
