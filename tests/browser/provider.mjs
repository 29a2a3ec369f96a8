// People sign in at a real provider of sign-in: who is invited comes in, who is not is told so.
import assert from "node:assert/strict";
import { api, faults, owner, play, url } from "./rondo.mjs";

await play(async ({ person }) => {
  await owner(person);
  await api("POST", "/invitations", { role: "approver", email: "cleo@example.com" });

  const mallory = await atTheProvider(await stranger(person), "mallory");
  await mallory.getByRole("heading", { name: "No account here" }).waitFor();

  const cleo = await atTheProvider(await stranger(person), "cleo");
  await cleo.waitForURL(`${url}/calendar`);
  await cleo.locator("#account > summary").click();
  await cleo.getByText("approver of").waitFor();

  // Without script there is one button more, on the page that the provider leads back to.
  const plain = await stranger(person, { javaScriptEnabled: false });
  const back = await atTheProvider(plain, "cleo");
  await back.getByRole("button", { name: "Finish signing in" }).click();
  await back.waitForURL(`${url}/calendar`);

  // That page, looked at: what the provider says in its address is checked when the button is pressed.
  const looking = await (await person({ bypassCSP: true })).newPage();
  await looking.route("**/submit-now.js*", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await looking.goto(`${url}/sign-in/oidc/callback?code=none&state=none`);
  await looking.getByRole("button", { name: "Finish signing in" }).waitFor();
  assert.deepEqual(await faults(looking), []);
});

// A browser that reaches us and the provider, and nobody else.
async function stranger(person, options) {
  const context = await person(options);
  const known = [url, process.env.RONDO_ISSUER];
  await context.route((asked) => !known.includes(asked.origin), (route) => route.abort());
  return context.newPage();
}

// From our door through the provider's pages, as this person.
async function atTheProvider(page, name) {
  await page.goto(`${url}/calendar`);
  await page.getByRole("button", { name: /^Sign in with/ }).click();
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.locator("input[name=prompt][value=consent]").waitFor({ state: "attached" });
  await page.locator("button[type=submit]").click();
  return page;
}
