// Approvals hold for what was seen: an edit voids one, and of two people who decide at once one is told.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, reviewed, signedIn, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const here = await owner(person);
  const { id } = await begin("Decisions");
  await planned(id);
  const [first, second] = await reviewed(id);

  const page = await here.newPage();
  await page.goto(`${url}/posts/${first.id}`);
  await page.getByRole("button", { name: /^Approve/ }).click();
  await page.getByText("Approved: exactly these words").waitFor();
  assert.equal((await api("GET", `/posts/${first.id}`)).state, "scheduled");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Text", { exact: true }).fill("A night box is 11.50 EUR. 14 Canal Street, from 22:00.");
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.getByText("Your version is in review").waitFor();
  const edited = await api("GET", `/posts/${first.id}`);
  assert.notEqual(edited.state, "scheduled", "what was approved is no longer what would go out");
  const approvals = (await api("GET", `/posts/${first.id}/approvals`)).items;
  assert.ok(approvals.every((one) => one.revoked_at !== null), "the edit voids the approval");

  // Two people look at the same post, and both approve.
  const there = await signedIn(person, here.cookie);
  const [one, two] = [await here.newPage(), await there.newPage()];
  for (const each of [one, two]) await each.goto(`${url}/posts/${second.id}`);
  const buttons = [one, two].map((each) => each.getByRole("button", { name: /^Approve/ }));
  await Promise.all(buttons.map((button) => button.click()));
  const told = await Promise.all([one, two].map(async (each) => {
    await each.locator(".notice.good, .notice.bad, [role=alert]").first().waitFor();
    return each.locator(".notice.good").first().isVisible();
  }));
  assert.deepEqual(told.toSorted(), [false, true], "one has approved it, and the other is told so");
  const decided = (await api("GET", `/posts/${second.id}/approvals`)).items.filter((one) => one.decision === "approve");
  assert.equal(decided.length, 1, "it is approved once");
});
