// A post is moved in the calendar: dragged with a mouse, and by the form of the list without one.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, reviewed, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin("Moved");
  await planned(id);
  const [post, other] = await reviewed(id);
  await api("POST", `/posts/${post.id}/approvals`, { version: post.version, decision: "approve" });
  const day = post.planned_local.slice(0, 10);
  await page.goto(`${url}/calendar?view=week&at=${day}`);

  // To another day of the same week that has no post.
  const chip = page.locator(`.chip[data-post="${post.id}"]`);
  const from = chip.locator("xpath=ancestor::td");
  const row = from.locator("xpath=ancestor::tr");
  const free = row.locator("td[data-day]:not(:has(.chip))").last();
  const to = await free.getAttribute("data-day");
  await drag(page, chip, free);
  const dialog = page.getByRole("dialog", { name: "Move it?" });
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel(/^Date and time/).inputValue(), `${to}T${post.planned_local.slice(11, 16)}`);

  // Who does not mean it changes nothing.
  await dialog.getByRole("button", { name: "Leave it" }).click();
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await api("GET", `/posts/${post.id}`)).planned_local, post.planned_local);

  await drag(page, chip, free);
  await dialog.getByRole("button", { name: "Move it" }).click();
  await page.locator(".notice.good").waitFor();
  const moved = await api("GET", `/posts/${post.id}`);
  assert.equal(moved.planned_local.slice(0, 10), to);
  assert.equal(moved.state, "awaiting_approval", "an approval holds for one time");
  await page.goto(`${url}/calendar?view=week&at=${day}`);
  await page.locator(`td[data-day="${to}"] .chip[data-post="${post.id}"]`).waitFor();

  // Without a mouse: the list has a form for each.
  await page.goto(`${url}/calendar?view=list&at=${day}`);
  const entry = page.locator(".agenda li.card", { has: page.locator(`a[href="/posts/${other.id}"]`) });
  await entry.locator("summary").focus();
  await page.keyboard.press("Enter");
  await entry.getByLabel(/^Date and time/).fill(`${to}T21:45`);
  await entry.getByRole("button", { name: "Move it" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".notice.good").waitFor();
  assert.equal((await api("GET", `/posts/${other.id}`)).planned_local.slice(0, 16), `${to}T21:45`);
});

async function drag(page, what, where) {
  await what.scrollIntoViewIfNeeded();
  await what.hover();
  await page.mouse.down();
  const { x, y, width, height } = await where.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
  await page.mouse.up();
}
