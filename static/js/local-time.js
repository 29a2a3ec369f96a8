// A time that is pointed at tells what it is where the reader is.
const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

document.addEventListener("pointerover", (event) => {
  const time = event.target.closest?.("time[datetime]");
  if (!time || time.dataset.local) return;
  time.dataset.local = "told";
  time.title = `For you: ${format.format(new Date(time.dateTime))} (${zone})`;
});
