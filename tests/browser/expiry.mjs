// A session ends while somebody writes: what was written is not lost.
import assert from "node:assert/strict";
import { begin, owner, password, planned, play, reviewed, url } from "./rondo.mjs";

const WORDS = "Words that took an hour: <b>ü</b> & “quotes”.\n\nA second paragraph.";

await play(async ({ person }) => {
  const here = await owner(person);
  const page = await here.newPage();
  const { id } = await begin("Expiry");
  await planned(id);
  const [post] = await reviewed(id);
  await page.goto(`${url}/posts/${post.id}/edit`);
  await page.getByLabel("Text", { exact: true }).fill(WORDS);
  await here.clearCookies();
  await page.getByRole("button", { name: /^Save/ }).click();

  // The door opens, and behind it is what was written.
  await page.getByLabel("E-mail").fill("owner@rondo.example");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: /^Sign in/ }).click();
  const kept = page.locator("textarea, pre, input[type=hidden]");
  await kept.first().waitFor({ state: "attached" });
  const values = await kept.evaluateAll((all) => all.map((one) => one.value ?? one.textContent));
  assert.ok(values.some((value) => value.replaceAll("\r\n", "\n").includes(WORDS)), `lost: ${JSON.stringify(values)}`);
});
