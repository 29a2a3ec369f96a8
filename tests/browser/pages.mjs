// Every page that the route table has, light and dark, wide and narrow: axe finds nothing, nothing sticks out, focus
// is seen, nothing moves.
import assert from "node:assert/strict";
import { api, begin, faults, owner, planned, play, posts, reviewed, setupToken, until, url } from "./rondo.mjs";

// Not pages: files, feeds, parts of pages, and streams that do not end.
const NO_PAGE = /\/static\/|\.(xml|json|csv|ics)$|\/fragment(\/|$)|^\/pictures\/|\/events$|\/stream$|\/export\/\{/;
const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  { colorScheme: "light", viewport: { width: 360, height: 800 } },
];

await play(async ({ person }) => {
  const complaints = [];
  // The link that claims the install, before it is spent.
  for (const look of LOOKS) {
    const page = await (await person({ ...look, bypassCSP: true })).newPage();
    await page.goto(`${url}/setup/${setupToken}`);
    complaints.push(...(await faults(page)).map((one) => `/setup: ${one}`));
  }

  const here = await owner(person);
  const cookies = await here.cookies();
  const { members, doors } = await everyPage();
  await Promise.all(LOOKS.map(async (look) => {
    const [inside, outside] = [await person({ ...look, bypassCSP: true }), await person({ ...look, bypassCSP: true })];
    await inside.addCookies(cookies);
    for (const [context, targets] of [[inside, members], [outside, doors]]) {
      for (const target of targets) {
        const page = await context.newPage();
        const answer = await page.goto(url + target);
        if (answer.status() !== 200) complaints.push(`${target}: ${answer.status()}`);
        const where = `${target}, ${look.colorScheme}, ${look.viewport.width} px`;
        complaints.push(...(await faults(page)).map((one) => `${where}: ${one}`));
        await page.close();
      }
    }
  }));
  console.log(`${members.length + doors.length} pages: ${[...members, ...doors].join(" ")}`);
  assert.deepEqual(complaints, []);

  // Who does not ask for less motion has some, so the look for it above is one.
  const page = await (await person({ reducedMotion: "no-preference" })).newPage();
  await page.goto(`${url}/sign-in`);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll("body *")].some(window.moves)));
});

// The GET routes, with real things in the place of their names: those of members, and those before the door.
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
  const template = await api("POST", "/templates", { name: "Tonight", title: "{{product}} tonight", text: "Open {{fact.hours}}." });
  const learning = await api("POST", "/learnings", { statement: "End with the one thing to do next." });
  const [kept] = (await api("GET", "/memory")).items;
  await api("POST", "/channels/stage/slots", { weekday: 1, local_time: "09:30" });
  const invitation = await api("POST", "/invitations", { role: "approver" });
  const reset = await api("POST", "/password-resets", { email: "owner@rondo.example" });
  const path = (link) => new URL(link, url).pathname;
  const at = post.planned_local.slice(0, 10);
  const doors = ["/sign-in", path(invitation.link), path(reset.link), "/problems", "/stage/home"];
  const names = {
    "/calendar": ["month", "week", "list"].map((view) => `/calendar?view=${view}&at=${at}`),
    "/campaigns/new": ["/campaigns/new", "/campaigns/new?from=file"],
    "/campaigns/{id}": [`/campaigns/${played.id}`, `/campaigns/${waiting.id}`],
    "/posts/{id}": [`/posts/${post.id}`, `/posts/${done.id}`],
    "/agents/{id}": ["/agents/copywriter", "/agents/visual", "/agents/publisher"],
    "/problems/{slug}": ["/problems/not-found"],
    "/templates/{id}": [`/templates/${template.id}`],
    "/learnings/{id}": [`/learnings/${learning.id}`],
    "/memory/{id}": [`/memory/${encodeURIComponent(kept.id)}`],
    "/settings/channels/{id}/slots": ["/settings/channels/stage/slots"],
    "/rehearsal/{slug}": ["/rehearsal/home"],
    "/rehearsal/{slug}/{key}": [`/rehearsal/home/${done.ext_url?.split("/").at(-1)}`],
    "/stage/{slug}": ["/stage/home"],
    "/stage/{slug}/{key}": [], // as that of the rehearsal
    "/brand/readings/{id}": [], // there is none without a model; made of the wizard's parts
    "/invitations/{secret}": [path(invitation.link)],
    "/setup/{token}": [], // looked at above, before it was spent; the door pages below are looked at from outside
    "/password-resets/{secret}": [],
    "/sign-in": [],
    "/sign-in/code": [], // in second_factor.mjs
    "/sign-in/oidc/callback": [], // in provider.mjs
  };
  const routes = JSON.parse(process.env.RONDO_ROUTES).filter((path) => !NO_PAGE.test(path));
  const members = routes.flatMap((path) => {
    const known = names[path] ?? (path.includes("{") ? generic(path, { campaign: waiting.id, post: post.id }) : [path]);
    assert.ok(known, `say in pages.mjs which pages ${path} stands for`);
    return known;
  });
  return { members, doors };
}

// Pages below a campaign, a post or an agent need no line of their own.
function generic(path, { campaign, post }) {
  const filled = path.replace("/campaigns/{id}", `/campaigns/${campaign}`).replace("/posts/{id}", `/posts/${post}`)
    .replace("/agents/{id}", "/agents/copywriter");
  return filled.includes("{") ? null : [filled];
}
