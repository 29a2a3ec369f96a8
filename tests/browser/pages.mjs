// Every page that the route table has, light and dark, wide and narrow: axe finds nothing, nothing sticks out.
import assert from "node:assert/strict";
import { api, axeSource, begin, owner, planned, play, posts, reviewed, until, url } from "./rondo.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
// Not pages: files, feeds, parts of pages, and streams that do not end.
const NO_PAGE = /\/static\/|\.(xml|json|csv|ics)$|\/fragment\/|\/events$|\/stream$|\/export\/\{/;

await play(async ({ person }) => {
  const here = await owner(person);
  const targets = await everyPage();
  const complaints = [];
  for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 360]]) {
    // axe is put into the page by hand, past its content security policy.
    const context = await person({ colorScheme: scheme, bypassCSP: true, viewport: { width, height: 900 } });
    await context.addCookies(await here.cookies());
    for (const target of targets) {
      const page = await context.newPage();
      const answer = await page.goto(url + target);
      if (answer.status() !== 200) complaints.push(`${target}: ${answer.status()}`);
      // What is folded is looked at, too.
      await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (beyond > 0) complaints.push(`${target} at ${width} px sticks out by ${beyond} px`);
      const { violations } = await page.evaluate(`${axeSource}; axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
      for (const one of violations) {
        complaints.push(`${target}, ${scheme}, ${width} px: ${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`);
      }
      await page.close();
    }
    await context.close();
  }
  console.log(`${targets.length} pages: ${targets.join(" ")}`);
  assert.deepEqual(complaints, []);
});

// The GET routes, with real things in the place of their names.
async function everyPage() {
  const played = await begin("Played", { timeLapse: true });
  await planned(played.id);
  for (const post of await reviewed(played.id)) {
    await api("POST", `/posts/${post.id}/approvals`, { version: post.version, decision: "approve" });
  }
  await until("it is published", async () => (await posts(played.id)).every((post) => post.state === "published"));
  const waiting = await begin("Waiting");
  await planned(waiting.id);
  const [post] = await reviewed(waiting.id);
  const [done] = await posts(played.id);
  const key = done.ext_url?.split("/").at(-1);
  const names = {
    "/campaigns/{id}": [`/campaigns/${played.id}`, `/campaigns/${waiting.id}`],
    "/posts/{id}": [`/posts/${post.id}`, `/posts/${done.id}`],
    "/posts/{id}/edit": [`/posts/${post.id}/edit`],
    "/agents/{id}": ["/agents/copywriter", "/agents/publisher"],
    "/problems/{slug}": ["/problems/not-found"],
    "/rehearsal/{slug}": ["/rehearsal/home"],
    "/rehearsal/{slug}/{key}": [`/rehearsal/home/${key}`],
    "/stage/{slug}": ["/stage/home"],
    "/stage/{slug}/{key}": [],
    // Links that are spent, steps that need the one before, and what this scene has made none of.
    "/setup/{token}": [],
    "/invitations/{secret}": [],
    "/templates/{id}": [],
    "/password-resets/{secret}": [],
    "/sign-in/code": [],
    "/sign-in/oidc/callback": [],
  };
  const routes = JSON.parse(process.env.RONDO_ROUTES).filter((path) => !NO_PAGE.test(path));
  return routes.flatMap((path) => {
    const known = names[path] ?? (path.includes("{") ? generic(path, { campaign: waiting.id, post: post.id }) : [path]);
    assert.ok(known, `say in pages.mjs which pages ${path} stands for`);
    return known;
  });
}

// Pages below a campaign, a post or an agent need no line of their own.
function generic(path, { campaign, post }) {
  const filled = path.replace("/campaigns/{id}", `/campaigns/${campaign}`).replace("/posts/{id}", `/posts/${post}`)
    .replace("/agents/{id}", "/agents/copywriter");
  return filled.includes("{") ? null : [filled];
}
