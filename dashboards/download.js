// The button that asks for a file; the answer to the press brings its address, see delivery.js.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.onclick = () => setTriggerValue("pressed", true);
}
