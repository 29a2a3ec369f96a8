// <live-page events="/campaigns/1/events">: asks for its parts again when the server says that something changed.
class LivePage extends HTMLElement {
  #stream;
  #soon;

  connectedCallback() {
    this.#stream = new EventSource(this.getAttribute("events"));
    this.#stream.addEventListener("changed", () => this.#refreshSoon());
  }

  disconnectedCallback() {
    this.#stream.close();
    clearTimeout(this.#soon);
  }

  // Several changes in a row are shown at once.
  #refreshSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      for (const part of this.querySelectorAll("live-part")) part.refresh();
    }, 200);
  }
}
customElements.define("live-page", LivePage);
