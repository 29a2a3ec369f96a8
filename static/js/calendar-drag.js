// A post of the calendar is dragged to another day with a mouse or a pen (a finger scrolls); a dialog then asks, and
// its form moves it. The list has the same form without dragging.
const dialog = document.getElementById("move");
let drag;

const dayUnder = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-day]");

function lift(event) {
  const chip = event.target.closest?.("a[data-post]");
  if (!dialog || !chip || event.button !== 0 || event.pointerType === "touch") return;
  drag = { chip, x: event.clientX, y: event.clientY, moved: false };
}

function carry(event) {
  if (!drag) return;
  if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 8) return;
  drag.moved = true;
  drag.chip.classList.add("lifted");
  for (const day of document.querySelectorAll(".under")) day.classList.remove("under");
  dayUnder(event)?.classList.add("under");
}

function drop(event) {
  if (!drag) return;
  const { chip, moved } = drag;
  const day = moved && dayUnder(event);
  for (const one of document.querySelectorAll(".under, .lifted")) one.classList.remove("under", "lifted");
  drag = undefined;
  if (!moved) return;
  chip.addEventListener("click", (click) => click.preventDefault(), { once: true });
  if (day && day !== chip.closest("[data-day]")) ask(chip, day.dataset.day);
}

function ask(chip, day) {
  const form = dialog.querySelector("form");
  form.action = `/posts/${encodeURIComponent(chip.dataset.post)}/time`;
  form.elements.revision.value = chip.dataset.revision;
  form.elements.local.value = `${day}T${chip.dataset.local.slice(11, 16)}`;
  form.querySelector(".what").textContent = chip.querySelector("span").textContent.trim();
  form.querySelector(".zone").textContent = `in ${chip.dataset.zone}`;
  dialog.showModal();
}

document.addEventListener("pointerdown", lift);
document.addEventListener("pointermove", carry);
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", () => (drag = undefined));
document.addEventListener("dragstart", (event) => event.target.closest?.("a[data-post]") && event.preventDefault());
dialog?.querySelector("[value=close]").addEventListener("click", () => dialog.close());
