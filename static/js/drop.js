// What drops down from the bar closes with Escape, with a click elsewhere, and when another opens.
const open = () => [...document.querySelectorAll(".bar details[open]")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of open()) {
    const hadFocus = one.contains(document.activeElement);
    one.open = false;
    if (hadFocus) one.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const one of open()) if (!one.contains(event.target)) one.open = false;
});
