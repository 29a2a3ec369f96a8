// Hostile words in every field that a page shows: nothing executes, and the layout holds.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, posts, reviewed, until, url } from "./rondo.mjs";

const WORDS = [
  `<script>window.hacked = 1</script>`,
  `"><img src=x onerror="window.hacked = 1">`,
  `<svg/onload=window.hacked=1><style>body{display:none}</style>`,
  `</textarea></title><script>window.hacked = 1</script>`,
  `javascript:window.hacked=1`,
  `{{constructor.constructor('window.hacked=1')()}} \${window.hacked=1} <%= 1 %>`,
  `\u202Eright to left\u202C مرحبا بالعالم 👩‍👩‍👧‍👦🏳️‍🌈`,
  "W".repeat(3000),
];

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  const { id } = await begin(WORDS[1].slice(0, 200));
  await planned(id);
  const [post] = await reviewed(id);
  await page.goto(`${url}/posts/${post.id}/edit`);
  await page.getByLabel("Title").fill(WORDS[0]);
  await page.getByLabel("Text", { exact: true }).fill(WORDS.join("\n\n"));
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.getByText("Your version is in review").waitFor();
  await api("PATCH", "/agents/copywriter", { name: WORDS[2].slice(0, 60), personality: WORDS.join("\n").slice(0, 900) },
    { "if-match": `"${(await api("GET", "/agents/copywriter")).revision}"` });
  await until("it was reviewed", async () => (await posts(id))[0].state !== "in_review");

  for (const target of [`/posts/${post.id}`, `/posts/${post.id}/edit`, `/campaigns/${id}`, "/campaigns", "/", "/settings"]) {
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(url + target);
      await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
      const seen = await page.evaluate(() => ({
        hacked: window.hacked,
        strangers: document.querySelectorAll("main script, main style, main [onerror], main [onload], main a[href^='javascript:' i]").length,
        shown: getComputedStyle(document.body).display !== "none",
        beyond: [document.documentElement, ...document.querySelectorAll("body *")]
          .filter((one) => document.documentElement.scrollWidth > innerWidth && one.getBoundingClientRect().right > innerWidth + 1)
          .map((one) => `${one.tagName}.${one.className}`).slice(-4),
      }));
      assert.deepEqual(seen, { hacked: undefined, strangers: 0, shown: true, beyond: [] }, `${target} at ${width} px`);
    }
  }
  const versions = (await api("GET", `/posts/${post.id}/versions`)).items;
  const mine = versions.find((one) => one.content.title === WORDS[0]);
  assert.equal(mine?.content.text, WORDS.join("\n\n"), "nothing is lost");
});
