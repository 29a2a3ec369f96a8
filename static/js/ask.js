// The one way in which scripts ask the server: text back, or an error that says what the problem says.
export async function ask(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", redirect: "error", ...options });
  if (answer.ok) return answer.text();
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  const problem = isProblem ? await answer.json() : {};
  throw new Error(problem.detail ?? problem.title ?? `The server answered ${answer.status}.`);
}
