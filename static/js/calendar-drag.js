// A post of the calendar is dragged to another day with a mouse or a pen (a finger scrolls); a dialog then asks, and
// its form moves it. The list has the same form without dragging.
const dialog = document.getElementById("move");
let drag;

const under = (event, what) => document.elementFromPoint(event.clientX, event.clientY)?.closest(what);
const dayUnder = (event) => under(event, "[data-day]");
// A free slot of another zone is only a day: its time of day is not the post's.
const slotUnder = (event, chip) => [under(event, "[data-slot]")].find((slot) => slot?.dataset.zone === chip.dataset.zone);

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
  (slotUnder(event, drag.chip) ?? dayUnder(event))?.classList.add("under");
}

function drop(event) {
  if (!drag) return;
  const { chip, moved } = drag;
  const day = moved && dayUnder(event);
  const slot = moved && slotUnder(event, chip);
  for (const one of document.querySelectorAll(".under, .lifted")) one.classList.remove("under", "lifted");
  drag = undefined;
  if (!moved) return;
  chip.addEventListener("click", (click) => click.preventDefault(), { once: true });
  if (slot) ask(chip, slot.dataset.slot.slice(0, 16));
  else if (day && day !== chip.closest("[data-day]")) ask(chip, `${day.dataset.day}T${chip.dataset.local.slice(11, 16)}`);
}

function ask(chip, local) {
  const form = dialog.querySelector("form");
  form.action = `/posts/${encodeURIComponent(chip.dataset.post)}/time`;
  form.elements.revision.value = chip.dataset.revision;
  form.elements.local.value = local;
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
