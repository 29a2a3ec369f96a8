// The first view is light: what a browser that has nothing yet is sent for a page, all together.
import assert from "node:assert/strict";
import { api, begin, owner, planned, play, reviewed, signedIn, url } from "./rondo.mjs";

const FIRST_VIEW_BYTES_MAX = 80_000;

await play(async ({ person }) => {
  const here = await owner(person);
  const { id } = await begin("Weighed", { posts: 5, weeks: 2 });
  await planned(id);
  const [post] = await reviewed(id);
  assert.ok((await api("GET", `/campaigns/${id}/posts?limit=200`)).items.length >= 10);
  for (const target of ["/", "/approvals", `/campaigns/${id}`, "/calendar", `/posts/${post.id}`, "/history"]) {
    const context = await signedIn(person, here.cookie);
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    let bytes = 0;
    wire.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await wire.send("Network.enable");
    await page.goto(url + target, { waitUntil: "load" });
    console.log(`${target}: ${bytes} bytes`);
    assert.ok(bytes > 5_000, "something was weighed");
    assert.ok(bytes <= FIRST_VIEW_BYTES_MAX, `${target} takes ${bytes} bytes`);
    await context.close();
  }
});
