// <live-part src="/campaigns/1/fragment/posts">: a part of the page that can be asked for again.
// It never takes away what a person is typing, and keeps open what was open and focused what was focused.
import { ask } from "./ask.js";

class LivePart extends HTMLElement {
  #shown = "";

  async refresh() {
    if (this.#isInUse()) return;
    const html = await ask(this.getAttribute("src")).catch(() => this.#shown);
    if (html === this.#shown || this.#isInUse()) return;
    const first = this.#shown === "";
    this.#shown = html;
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    if (first && fresh.textContent === this.textContent) return;
    this.#replace(fresh);
  }

  #isInUse() {
    const controls = [...this.querySelectorAll("input:not([type=hidden]), textarea, select")];
    return controls.some((control) => control === document.activeElement || this.#isChanged(control));
  }

  #isChanged(control) {
    return control.matches("[type=checkbox], [type=radio]") ? control.checked !== control.defaultChecked
      : control.matches("input, textarea") && control.value !== control.defaultValue;
  }

  #replace(fresh) {
    const before = new Map([...this.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    for (const one of fresh.querySelectorAll("details[id]")) if (before.has(one.id)) one.open = before.get(one.id);
    const focused = this.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
    this.replaceChildren(...fresh.childNodes);
    if (!focused) return;
    const again = document.getElementById(focused);
    (again?.matches("details") ? again.querySelector("summary") : again)?.focus({ preventScroll: true });
  }
}
customElements.define("live-part", LivePart);
