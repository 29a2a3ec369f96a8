// Without JavaScript everything works but drag and drop and live parts: setting up, a campaign, decisions, stopping.
import assert from "node:assert/strict";
import { api, brief, owner, play, posts, reviewed, until, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await owner(person, { javaScriptEnabled: false })).newPage();
  const start = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${url}/campaigns/new?from=file`);
  await page.getByLabel("The brief").fill(brief(start, 3, 1));
  await page.getByRole("button", { name: "Create and plan" }).click();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await until("a plan waits", async () => (await api("GET", `/campaigns/${id}`)).stage === "strategy_approval");
  await page.reload();
  await page.getByRole("button", { name: /^Approve the plan/ }).click();
  await page.getByText("The plan is approved").waitFor();
  await reviewed(id);

  // A narrow screen's menu opens without script, too.
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto(`${url}/campaigns/${id}`);
  await page.locator("#menu > summary").click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).waitFor();

  const [first, second, third] = await posts(id);
  await page.goto(`${url}/posts/${first.id}`);
  await page.getByRole("button", { name: /^Approve/ }).click();
  await page.getByText("Approved: exactly these words").waitFor();
  await page.goto(`${url}/posts/${second.id}`);
  await page.locator("summary", { hasText: "Another time" }).click();
  await page.getByLabel(/^Date and time/).fill(`${start}T23:15`);
  await page.getByRole("button", { name: "Move it" }).click();
  await page.getByText("Another time needs another approval").first().waitFor();
  await page.goto(`${url}/posts/${third.id}`);
  await page.locator("summary", { hasText: "Send back" }).click();
  await page.getByLabel("What should be different?").fill("Kinder.");
  await page.getByRole("button", { name: "Send back with this comment" }).click();
  await page.getByText("Sent back with your comment").waitFor();

  await page.locator("#stop > summary").click();
  await page.getByRole("button", { name: "Stop everything now" }).click();
  await page.getByText("Everything is stopped").first().waitFor();
  await page.getByRole("button", { name: "Let it go on" }).click();
  await page.locator("#account > summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});
