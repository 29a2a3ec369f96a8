// Words from right to left and emoji stand as their readers expect, and the layout holds.
import assert from "node:assert/strict";
import { begin, owner, planned, play, rest, reviewed, url } from "./rondo.mjs";

const ARABIC = "مرحبا بالعالم، الصندوق الليلي بسعر 11.50 EUR.";
const HEBREW = "לחם חם בלילה, 14 Canal Street!";
const EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈👍🏽 ".repeat(40).trim();

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin(`${HEBREW} 👩‍👩‍👧‍👦`);
  await planned(id);
  const [post] = await reviewed(id);
  await rest("editor"); // its writer would answer with a version of its own
  await page.goto(`${url}/posts/${post.id}/edit`);
  await page.getByLabel("Title").fill(ARABIC);
  await page.getByLabel("Text", { exact: true }).fill([ARABIC, "From left to right.", HEBREW, EMOJI].join("\n\n"));
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.getByText("Your version is in review").waitFor();

  const week = `/calendar?view=week&at=${post.planned_local.slice(0, 10)}`;
  for (const target of [`/posts/${post.id}`, `/posts/${post.id}/edit`, `/campaigns/${id}`, week, "/campaigns", "/"]) {
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(url + target);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${target} at ${width} px sticks out by ${beyond} px`);
    }
  }

  // Each paragraph begins where its script begins.
  await page.goto(`${url}/posts/${post.id}`);
  const sides = await page.locator(".preview p").evaluateAll((all) => all.map((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const [words, room] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
    return { text: one.textContent, right: Math.abs(words.right - room.right) < 2, left: Math.abs(words.left - room.left) < 2 };
  }));
  const side = (text) => sides.find((one) => one.text.startsWith(text));
  assert.ok(side(ARABIC).right && side(HEBREW).right, JSON.stringify(sides));
  assert.ok(side("From left").left && !side("From left").right, JSON.stringify(sides));
  assert.ok(side("👩‍👩‍👧‍👦🏳️‍🌈👍🏽").text.includes(EMOJI), "no emoji is taken apart");
});
