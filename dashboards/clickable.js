// Shows a piece of the page that was built and escaped on the server, and reports what is clicked in it.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".q-clickable");
  if (root.dataset.shown !== data.stamp) {
    root.innerHTML = data.html;
    root.dataset.shown = data.stamp;
  }
  const report = (event) => {
    // A number inside a row opens its items instead: the frame listens for those.
    const target = event.target.closest("[data-choose],[data-items]");
    if (!target || !root.contains(target) || target.dataset.items !== undefined) return;
    setTriggerValue("choose", target.dataset.choose);
  };
  root.onclick = report;
  root.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    report(event);
  };
}
