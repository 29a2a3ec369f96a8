// <tick-count for="several">: says on a form's button how many boxes of it are ticked, and ticks all of them.
class TickCount extends HTMLElement {
  #form;
  #button;

  connectedCallback() {
    this.#form = document.getElementById(this.getAttribute("for"));
    this.#button = this.#form.querySelector("button[type=submit]");
    const all = Object.assign(document.createElement("button"), { type: "button", className: "button slim", textContent: "Tick all" });
    all.dataset.key = "x";
    all.addEventListener("click", () => this.#tickAll());
    this.replaceChildren(all);
    document.addEventListener("change", (event) => event.target.form === this.#form && this.#say());
    this.#say();
  }

  #boxes() {
    return [...this.#form.elements].filter((one) => one.type === "checkbox");
  }

  #tickAll() {
    const rest = this.#boxes().some((box) => !box.checked);
    for (const box of this.#boxes()) box.checked = rest;
    this.#say();
  }

  #say() {
    const count = this.#boxes().filter((box) => box.checked).length;
    this.#button.disabled = count === 0;
    this.#button.textContent = count === 0 ? "Tick what is to be approved" : count === 1 ? "Approve the 1 that is ticked" : `Approve the ${count} that are ticked`;
  }
}
customElements.define("tick-count", TickCount);
