// From the link that claims the install to published posts, by hand, in time-lapse.
import assert from "node:assert/strict";
import { brief, password, play, setupToken, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await person()).newPage();
  await page.goto(`${url}/setup/${setupToken}`);
  await page.getByLabel("Your name").fill("Olga Owner");
  await page.getByLabel("E-mail").fill("owner@rondo.example");
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Workspace name").fill("Browsers");
  await page.getByRole("button", { name: "Set up and sign in" }).click();

  await page.goto(`${url}/campaigns/new?from=file`);
  await page.getByLabel("The brief").fill(brief("2027-03-08", 2, 1));
  await page.getByLabel("Time-lapse").check();
  await page.getByRole("button", { name: "Create and plan" }).click();

  // The plan appears by itself.
  await page.getByRole("button", { name: /^Approve the plan/ }).click();
  const finished = page.locator("#head .badge", { hasText: "Finished" });
  const waits = page.locator("#posts summary", { hasText: "Waits for approval" });
  const stuck = page.locator("#posts summary", { hasText: "Needs a person" });
  for (let round = 0; !(await finished.isVisible()); round += 1) {
    assert.ok(round < 20, "a handful of decisions is enough");
    await finished.or(waits).or(stuck).first().waitFor();
    if (await finished.isVisible()) break;
    await decide(page, await waits.count() ? "Approve" : "Send back");
  }

  await page.goto(`${url}/rehearsal/home`);
  assert.equal(await page.locator("article.entry").count(), 2);
  await page.getByText("REHEARSAL").first().waitFor();
});

// Opens the first post that waits, on its own page, and decides.
async function decide(page, how) {
  const campaign = page.url().split(/[?#]/)[0];
  const state = how === "Approve" ? "Waits for approval" : "Needs a person";
  const post = page.locator("#posts details.post", { has: page.locator("summary", { hasText: state }) }).first();
  await page.goto(new URL(await post.getByRole("link", { name: "Everything about this post", includeHidden: true }).getAttribute("href"), url).href);
  if (how === "Approve") {
    await page.getByRole("button", { name: /^Approve/ }).click();
  } else {
    await page.locator("summary", { hasText: "Send back" }).click();
    await page.getByLabel("What should be different?").fill("Keep to the facts, and be plain.");
    await page.getByRole("button", { name: "Send back with this comment" }).click();
  }
  await page.getByRole("status").first().waitFor();
  await page.goto(campaign);
}
