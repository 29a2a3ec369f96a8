// The same post is edited in two tabs: the second is told, sees what differs, and loses nothing.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, rest, reviewed, url } from "./rondo.mjs";

const [FIRST, SECOND] = ["A night box is 11.50 EUR. 14 Canal Street.", "Open from 22:00. 14 Canal Street, by the water."];

await play(async ({ person }) => {
  const here = await owner(person);
  const { id } = await begin("Two tabs");
  await planned(id);
  const [post] = await reviewed(id);
  // Nobody but the two tabs makes versions.
  await rest("editor");
  const tabs = [await here.newPage(), await here.newPage()];
  for (const tab of tabs) await tab.goto(`${url}/posts/${post.id}/edit`);
  const [one, two] = tabs;

  await one.getByLabel("Text", { exact: true }).fill(FIRST);
  await one.getByRole("button", { name: /^Save/ }).click();
  await one.getByText("Your version is in review").waitFor();

  await two.getByLabel("Text", { exact: true }).fill(SECOND);
  await two.getByRole("button", { name: /^Save/ }).click();
  await two.getByText("What you typed is still here").waitFor();
  assert.equal(await two.getByLabel("Text", { exact: true }).inputValue(), SECOND);
  assert.match(await two.locator(".diff del").allTextContents().then((all) => all.join(" ")), /11\.50/);
  assert.match(await two.locator(".diff ins").allTextContents().then((all) => all.join(" ")), /water/);
  assert.equal((await texts(post)).includes(SECOND), false, "nothing was put over theirs");

  // Knowing that, they may save it all the same; both are kept.
  await two.getByRole("button", { name: /^Save/ }).click();
  await two.getByText("Your version is in review").waitFor();
  const kept = await texts(post);
  assert.ok(kept.includes(FIRST) && kept.includes(SECOND), JSON.stringify(kept));
});

async function texts(post) {
  return (await api("GET", `/posts/${post.id}/versions`)).items.map((one) => one.content.text);
}
