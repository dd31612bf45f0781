// Shows a piece of the page that was built and escaped on the server, and reports what is clicked in it.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".q-clickable");
  if (root.dataset.shown !== data.stamp) {
    root.innerHTML = data.html;
    root.dataset.shown = data.stamp;
  }
  const report = (event) => {
    const target = event.target.closest("[data-choose]");
    if (target && root.contains(target)) setTriggerValue("choose", target.dataset.choose);
  };
  root.onclick = report;
  root.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    report(event);
  };
}
