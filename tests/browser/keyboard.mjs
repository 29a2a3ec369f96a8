// A person who uses no mouse approves a post.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, reviewed, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin("By keyboard");
  await planned(id);
  const [post] = await reviewed(id);
  await page.goto(`${url}/campaigns/${id}`);

  // From the top of the page to the first post, which opens with Enter; then on to its button.
  await press(page, "Enter", "#post-1 > summary");
  await press(page, "Enter", "#act-1 form[action$='/decision'] > button.main-act");
  await page.getByText("Approved: exactly these words").waitFor();
  assert.equal((await api("GET", `/posts/${post.id}`)).state, "scheduled");

  // What was opened can be closed again, and the way out of it is not lost.
  await page.locator("#stop > summary").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop everything now" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Stop everything now" }).waitFor({ state: "hidden" });
  assert.ok(await page.evaluate(() => document.activeElement.closest("#stop > summary") !== null), "focus comes back");
});

// Tab by Tab to what is wanted, each stop of it visible; then this key.
async function press(page, key, selector) {
  for (let tabs = 0; tabs < 200; tabs += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate((selector) => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
      return { found: at.matches(selector), shown, what: at.outerHTML.slice(0, 120) };
    }, selector);
    assert.ok(focus.shown, `focus cannot be seen on ${focus.what}`);
    if (focus.found) return page.keyboard.press(key);
  }
  assert.fail(`Tab does not lead to ${selector}`);
}
