// An empty time-zone field begins with the reader's own zone.
const field = document.querySelector("input[data-own-zone]");
if (field && field.value === "") field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
