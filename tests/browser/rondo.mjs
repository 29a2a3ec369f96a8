// What every scene needs: a browser that reports what no page may do, the API as the operator, and waiting for what
// the app says has happened. A scene is played by `tests/browser/main.rs`, which starts the app.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.RONDO_PEERS, "peers.js"));
const { chromium } = require("playwright-core");

const axeSource = require("axe-core").source;
export const url = process.env.RONDO_URL;
// The provider of sign-in, in the scene that has one; what its own pages do is none of ours.
const issuer = process.env.RONDO_ISSUER || "nowhere:";
export const setupToken = process.env.RONDO_SETUP_TOKEN;
export const password = "three unrelated words";
const operator = { authorization: `Bearer ${process.env.RONDO_OPERATOR_TOKEN}` };

// What a person waits for at most. The machine may be busy; a test fails by what is not there, not by the time.
export const PATIENCE_MS = 60_000;

// Plays a scene in a browser of its own, and holds every page of it to what no page may do.
export async function play(scene) {
  const browser = await chromium.launch({
    executablePath: process.env.RONDO_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const said = [];
  const person = async (options = {}) => {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(() => {
      window.moves = (one) => {
        const { transitionDuration, animationName } = getComputedStyle(one);
        return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
      };
    });
    context.on("page", (page) => watch(page, said));
    return context;
  };
  try {
    await scene({ person });
    assert.deepEqual(said, [], "no page writes an error into the console or asks another site");
  } finally {
    await browser.close();
  }
}

// Statuses that a scene brings about itself are no faults of the page.
const OWN_DOING = /the server responded with a status of (401|403|404|409|412|422|429)/;

function watch(page, said) {
  page.on("console", (message) => {
    if (page.url().startsWith(issuer)) return;
    if (["error", "warning"].includes(message.type()) && !OWN_DOING.test(message.text())) {
      said.push(`${page.url()} says ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => said.push(`${page.url()} fails: ${error}`));
  page.on("dialog", (dialog) => {
    if (dialog.type() !== "beforeunload") said.push(`${page.url()} opens a dialog: ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
  page.on("request", (request) => {
    const leads = [url, "data:", issuer].some((one) => request.url().startsWith(one)) || page.url().startsWith(issuer);
    if (!leads) said.push(`${page.url()} asks ${request.url()}`);
  });
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

// What is wrong with a page, whatever it is about: axe, what sticks out, motion that was not asked for, and focus that
// cannot be seen. Its context bypasses the content security policy, so that axe can be put into it.
export async function faults(page) {
  // What is folded is looked at, too.
  await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
  const found = [];
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (beyond > 0) found.push(`sticks out by ${beyond} px`);
  const moving = await page.evaluate(() => [...document.querySelectorAll("body *")].filter(moves).map((one) => one.outerHTML.slice(0, 80)));
  if (moving.length > 0) found.push(`moves, though less motion is asked for: ${moving[0]}`);
  await page.keyboard.press("Tab"); // from now on focus is that of the keyboard
  const unseen = await page.evaluate(whereFocusIsNotSeen);
  if (unseen.length > 0) found.push(`focus cannot be seen on ${unseen.join(" or ")}`);
  const { violations } = await page.evaluate(`${axeSource}; axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] })`);
  return [...found, ...violations.map((one) => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`)];
}

// Runs in the page: focuses one thing after the other, and compares how it and what stands around it look.
function whereFocusIsNotSeen() {
  const look = (one) => {
    const looks = [];
    for (let at = one; at && at !== document.body && looks.length < 8; at = at.parentElement) {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(at);
      looks.push(outlineStyle === "none" ? "none" : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow);
    }
    return looks.join();
  };
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(stops)].filter((one) => !one.disabled && one.checkVisibility());
  const unseen = all.filter((one) => {
    document.activeElement.blur();
    const before = look(one);
    one.focus({ preventScroll: true });
    return document.activeElement === one && look(one) === before;
  });
  return unseen.slice(0, 3).map((one) => one.outerHTML.slice(0, 100));
}

// Lets an agent rest, so that what it would do does not come between.
export async function rest(agent) {
  const { revision } = await api("GET", `/agents/${agent}`);
  await api("PATCH", `/agents/${agent}`, { paused: true }, { "if-match": `"${revision}"` });
}

// The API, as the operator.
export async function api(method, path, body, headers = {}) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...operator, ...(body ? { "content-type": "application/json" } : {}), ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

// Wakes a step; its answer comes before its work, its next answer after it.
export async function wake(step) {
  const answer = await fetch(`${url}/wake/${step}`, { method: "POST", headers: { authorization: `Bearer ${process.env.RONDO_WAKE_SECRET}` } });
  assert.ok(answer.ok, `${step}: ${answer.status} ${await answer.text()}`);
}

// Looks again whenever the app says that something has happened, until something is there.
export async function until(what, look) {
  const deadline = AbortSignal.timeout(2 * PATIENCE_MS);
  while (!deadline.aborted) {
    const there = await look();
    if (there) return there;
    const stream = await fetch(`${url}/api/v1/events/stream`, { headers: operator, signal: deadline });
    for await (const _ of stream.body) {
      const found = await look();
      if (found) return found;
    }
  }
  throw new Error(`not within ${2 * PATIENCE_MS} ms: ${what}`);
}

// Claims the install; gives the owner's browser.
export async function owner(person, options) {
  const answer = await fetch(`${url}/api/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ setup_token: setupToken, email: "owner@rondo.example", name: "Olga Owner", password, workspace: "Browsers" }),
  });
  assert.equal(answer.status, 201, await answer.text());
  const cookie = answer.headers.get("set-cookie").split(";")[0];
  return signedIn(person, cookie, options);
}

// A browser with this cookie.
export async function signedIn(person, cookie, options) {
  const context = await person(options);
  const [name, value] = cookie.split("=");
  await context.addCookies([{ name, value, url }]);
  context.cookie = cookie;
  return context;
}

// What a person's authenticator app shows: the code of this step of thirty seconds.
export const STEP_NOW = () => Math.floor(Date.now() / 30_000);
export function code(secret, step) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((one) => letters.indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", key).update(counter).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// A rehearsal with two posts next month, or in time-lapse, as soon as the work allows.
export function begin(name, { timeLapse = false, posts = 2, weeks = 1 } = {}) {
  const start = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  return api("POST", "/campaigns", { name, mode: "rehearsal", time_lapse: timeLapse, brief_toml: brief(start, posts, weeks) });
}

export const brief = (start, posts, weeks) => `
[brand]
name = "Night Shift Bakery"
url = "https://nightshift.example"
one_line = "A bakery that opens at 22:00 and sells out by 04:00, for people who work nights."
audience = ["nurses and doctors on night duty", "taxi and tram drivers"]
voice = ["short sentences", "kind", "wry"]
[facts]
hours = "Tuesday to Saturday, 22:00 to 04:00"
address = "14 Canal Street"
night_box = "11.50 EUR"
[claims]
allowed = ["open at night", "baked while you wait"]
[goal]
text = "Sell 60 night boxes a week to hospital staff."
channels = ["stage"]
posts_per_week = ${posts}
weeks = ${weeks}
timezone = "Europe/Berlin"
start = "${start}"
`;

// Waits for the plan and approves it.
export async function planned(id) {
  await until("a plan waits", async () => (await api("GET", `/campaigns/${id}`)).stage === "strategy_approval");
  await api("PUT", `/campaigns/${id}/strategies/1/decision`, { decision: "approve" });
}

export const posts = async (id) => (await api("GET", `/campaigns/${id}/posts?limit=200`)).items;

// Waits until every post has passed review. What gets stuck is sent back with a comment, as a person would.
export function reviewed(id) {
  return until("every post has passed review", async () => {
    const now = await posts(id);
    for (const post of now.filter((one) => one.state === "needs_person")) {
      await api("POST", `/posts/${post.id}/approvals`, { version: post.version, decision: "send_back", comment: "Keep to the facts, and be plain." });
    }
    return now.length > 0 && now.every((post) => post.state === "awaiting_approval") && now;
  });
}
