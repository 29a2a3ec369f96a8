// A second factor is turned on, and from then on signing in asks for it; a recovery code stands in for it once.
import assert from "node:assert/strict";
import { STEP_NOW, code, faults, owner, password, play, url } from "./rondo.mjs";

await play(async ({ person }) => {
  const page = await (await owner(person)).newPage();
  await page.goto(`${url}/settings/security`);
  await page.getByRole("button", { name: "Turn it on" }).click();
  const secret = await page.locator(".enrol code").textContent();
  const step = STEP_NOW();
  await page.getByLabel("Code").fill(code(secret, step));
  await page.getByRole("button", { name: "Turn it on" }).click();
  const [recovery] = (await page.locator("#recovery-codes").textContent()).trim().split("\n");

  // A code counts once: the one that turned it on lets nobody in, the next one does.
  const there = await (await person({ bypassCSP: true })).newPage();
  await signIn(there, "/approvals");
  assert.deepEqual(await faults(there), []);
  await there.getByLabel("Code").fill(code(secret, step));
  await there.getByRole("button", { name: "Sign in" }).click();
  await there.getByRole("alert").waitFor();
  await there.getByLabel("Code").fill(code(secret, step + 1));
  await there.getByRole("button", { name: "Sign in" }).click();
  await there.waitForURL(`${url}/approvals`);

  for (const lets of [true, false]) {
    const elsewhere = await (await person()).newPage();
    await signIn(elsewhere, "/");
    await elsewhere.getByLabel("Code").fill(recovery);
    await elsewhere.getByRole("button", { name: "Sign in" }).click();
    if (lets) await elsewhere.getByRole("heading", { name: "Conductor" }).waitFor();
    else await elsewhere.getByRole("alert").waitFor();
  }
});

// The first step, from the page that somebody wanted to see.
async function signIn(page, wanted) {
  await page.goto(url + wanted);
  await page.getByLabel("E-mail").fill("owner@rondo.example");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Second step" }).waitFor();
}
