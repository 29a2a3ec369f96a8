// <live-page events="/campaigns/1/events">: asks for its parts again when the server says that something changed.
class LivePage extends HTMLElement {
  #stream;
  #soon;
  #again = false;

  connectedCallback() {
    this.#stream = new EventSource(this.getAttribute("events"));
    this.#stream.addEventListener("changed", () => this.#refreshSoon());
  }

  disconnectedCallback() {
    this.#stream.close();
    clearTimeout(this.#soon);
  }

  // The first change is shown at once; those that follow closely are shown together.
  #refreshSoon() {
    if (this.#soon) return void (this.#again = true);
    this.#refresh();
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      if (this.#again) this.#refreshSoon();
    }, 300);
  }

  #refresh() {
    this.#again = false;
    for (const part of this.querySelectorAll("live-part")) part.refresh();
  }
}
customElements.define("live-page", LivePage);
