// <submit-now>: presses the button of the form in it. Without script the person presses it.
class SubmitNow extends HTMLElement {
  connectedCallback() {
    this.querySelector("form").requestSubmit();
  }
}
customElements.define("submit-now", SubmitNow);
