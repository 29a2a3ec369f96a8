// Everything is stopped while jobs run: nothing more comes to the stage until somebody lets it go on.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, posts, reviewed, until, url, wake } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin("Stopped", { timeLapse: true });
  await planned(id);
  const waiting = await reviewed(id);
  const other = await begin("Stopped while it is planned", { timeLapse: true });
  await page.goto(`${url}/campaigns/${id}`);
  await page.locator("#stop > summary").click();
  await page.getByRole("button", { name: "Stop everything now" }).click();
  await page.getByText("Everything is stopped").first().waitFor();

  // What is approved now stays here, however often everybody is woken.
  for (const post of waiting) {
    await api("POST", `/posts/${post.id}/approvals`, { version: post.version, decision: "approve" });
  }
  for (const step of ["publish", "conductor", "publish"]) await wake(step);
  await page.goto(`${url}/rehearsal/home`);
  assert.equal(await page.locator("article.entry").count(), 0);
  assert.ok((await posts(id)).every((post) => post.state === "scheduled"), "nothing has left");

  await page.goto(`${url}/campaigns/${id}`);
  await page.getByRole("button", { name: "Let it go on" }).click();
  await until("both posts are published", async () => (await posts(id)).every((post) => post.state === "published"));
  await page.goto(`${url}/rehearsal/home`);
  assert.equal(await page.locator("article.entry").count(), 2);
  await planned(other.id);
});
