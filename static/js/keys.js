// A key does what the link or button that bears it does: data-key="n", or data-key="g c" for one after the other.
// `?` opens the help, where <key-switch> turns all of them off and on.
const isOff = () => localStorage.getItem("keys") === "off";
const PAUSE_MS = 1500;
let before = { key: "", at: 0 };

document.addEventListener("keydown", (event) => {
  if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "?") return toggleHelp();
  const prefix = event.timeStamp - before.at < PAUSE_MS ? `${before.key} ` : "";
  before = { key: event.key, at: event.timeStamp };
  const named = (keys) => [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === keys);
  const found = named(prefix + event.key) ?? named(event.key);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
});

function toggleHelp() {
  const help = document.getElementById("help");
  if (help) help.open = !help.open;
  help?.querySelector("summary").focus();
}

class KeySwitch extends HTMLElement {
  connectedCallback() {
    const label = document.createElement("label");
    label.className = "check";
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !isOff() });
    box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
    label.append(box, "Use these keys in this browser");
    this.replaceChildren(label);
  }
}
customElements.define("key-switch", KeySwitch);
