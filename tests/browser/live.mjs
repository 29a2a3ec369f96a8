// A change is seen on an open page without a reload, soon after it was made.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, reviewed, url } from "./rondo.mjs";

const SOON_MS = 500;
const CHANGES = 9;

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin("Live");
  await planned(id);
  await reviewed(id);
  await page.goto(`${url}/campaigns/${id}`);
  await page.evaluate(() => { window.neverReloaded = true; });
  const took = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const { revision } = await api("GET", `/campaigns/${id}`);
    const name = `Live, change ${change}`;
    await api("PATCH", `/campaigns/${id}`, { name }, { "if-match": `"${revision}"` });
    const changed = performance.now();
    await page.waitForFunction((name) => document.querySelector("h1").textContent === name, name);
    took.push(Math.round(performance.now() - changed));
  }
  assert.ok(await page.evaluate(() => window.neverReloaded));
  const median = took.toSorted((a, b) => a - b)[Math.floor(CHANGES / 2)];
  console.log(`seen after ${took.join(", ")} ms`);
  assert.ok(median <= SOON_MS, `half of them are seen after ${median} ms or later`);

  // What somebody is typing is not taken away.
  const post = page.locator("#post-1");
  await post.locator("summary").first().click();
  await post.locator("summary", { hasText: "Send back" }).click();
  await post.getByLabel("What should be different?").fill("Half a sen");
  const { revision } = await api("GET", `/campaigns/${id}`);
  await api("PATCH", `/campaigns/${id}`, { name: "Live, to the end" }, { "if-match": `"${revision}"` });
  await page.waitForFunction(() => document.querySelector("h1").textContent === "Live, to the end");
  assert.equal(await post.getByLabel("What should be different?").inputValue(), "Half a sen");
});
