// <copy-button for="id">: copies the text of another element. Without script there is no button, and none is missed.
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button slim";
    button.textContent = "Copy";
    button.addEventListener("click", () => this.#copy(button));
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.className = "unseen";
    this.replaceChildren(button, said);
  }

  async #copy(button) {
    const text = document.getElementById(this.getAttribute("for")).textContent;
    const done = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not copied: select it by hand");
    button.textContent = done;
    this.querySelector("[role=status]").textContent = done;
  }
}
customElements.define("copy-button", CopyButton);
