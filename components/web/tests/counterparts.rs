//! What a page can do, a program can: every form of the dashboard names its operation of the API, or why it has none.

use web::routes::ROUTES;

/// What a program does instead of sending this form.
enum Instead {
    /// One of these operations.
    Ask(&'static [&'static str]),
    /// Nothing; and why.
    Nothing(&'static str),
}
use Instead::{Ask, Nothing};

const AT_A_BROWSER: &str = "a session is a browser's; a program has a token, which a signed-in person makes";
const ASKS_AS_IT_GOES: &str = "it only shows the form again; a program sends all of it at once";

/// A row for each form: its path, and what a program does. A new form needs its row here, and most often a new
/// operation in `components/api/src/routes.rs`.
const COUNTERPARTS: &[(&str, Instead)] = &[
    ("/setup/{token}", Ask(&["POST /setup"])),
    ("/sign-in", Nothing(AT_A_BROWSER)),
    ("/sign-in/code", Nothing(AT_A_BROWSER)),
    ("/sign-in/elsewhere", Nothing(AT_A_BROWSER)),
    ("/sign-in/oidc/callback", Nothing(AT_A_BROWSER)),
    ("/sign-out", Ask(&["DELETE /me/sessions/{id}"])),
    ("/invitations/{secret}", Nothing("an account is a person's, who chooses its password at a browser")),
    ("/invitations/{secret}/acceptance", Ask(&["POST /me/memberships"])),
    ("/password-resets/{secret}", Nothing("a password is chosen by its person, at a browser")),
    ("/workspace/mode", Ask(&["PUT /workspace/mode"])),
    ("/workspace/pause", Ask(&["PUT /workspace/pause", "DELETE /workspace/pause"])),
    ("/workspace/name", Ask(&["PATCH /workspace"])),
    ("/workspaces", Ask(&["POST /me/workspaces"])),
    ("/workspaces/{id}/entry", Ask(&["PUT /me/workspace"])),
    ("/agents/{id}", Ask(&["PATCH /agents/{id}"])),
    ("/agents/{id}/commands", Ask(&["POST /agents/{id}/commands"])),
    ("/agents/{id}/pause", Ask(&["PUT /agents/{id}/pause", "DELETE /agents/{id}/pause"])),
    ("/agents/{id}/wake", Ask(&["POST /agents/{id}/wake"])),
    ("/campaigns", Ask(&["POST /campaigns"])),
    ("/campaigns/{id}/strategy/{version}/decision", Ask(&["PUT /campaigns/{id}/strategies/{version}/decision"])),
    ("/campaigns/{id}/strategy/{version}/assignment", Ask(&["PUT /campaigns/{id}/strategies/{version}/assignment"])),
    ("/campaigns/{id}/approvals", Ask(&["POST /approvals"])),
    ("/campaigns/{id}/posts", Ask(&["POST /campaigns/{id}/posts", "POST /templates/{id}/fillings"])),
    ("/campaigns/{id}/archive", Ask(&["PUT /campaigns/{id}/archive", "DELETE /campaigns/{id}/archive"])),
    ("/campaigns/{id}/copies", Ask(&["POST /campaigns/{id}/copies"])),
    ("/campaigns/{id}/pause", Ask(&["PATCH /campaigns/{id}"])),
    ("/campaigns/{id}/budget", Ask(&["PATCH /campaigns/{id}"])),
    ("/campaigns/{id}/cancellation", Ask(&["PUT /campaigns/{id}/cancellation"])),
    ("/campaigns/{id}/policy", Ask(&["PUT /campaigns/{id}/approval-policy"])),
    ("/approvals", Ask(&["POST /approvals"])),
    ("/approvals/policy", Ask(&["PUT /approval-policy"])),
    ("/autonomy", Ask(&["PUT /autonomy-policy"])),
    ("/autonomy/rules", Ask(&["POST /autonomy-rules"])),
    ("/autonomy/rules/{id}/end", Ask(&["DELETE /autonomy-rules/{id}"])),
    ("/review", Ask(&["PUT /review-rules"])),
    ("/learnings", Ask(&["POST /learnings"])),
    ("/learnings/limits", Ask(&["PUT /learning-limits"])),
    ("/learnings/{id}", Ask(&["PUT /learnings/{id}"])),
    ("/learnings/{id}/state", Ask(&["PUT /learnings/{id}/state"])),
    ("/notifications/read", Ask(&["DELETE /notifications", "DELETE /notifications/{id}"])),
    ("/memory/{id}/forgetting", Ask(&["DELETE /memory/{id}"])),
    ("/templates", Ask(&["POST /templates"])),
    ("/templates/{id}", Ask(&["PUT /templates/{id}"])),
    ("/templates/{id}/deletion", Ask(&["DELETE /templates/{id}"])),
    ("/imports", Ask(&["POST /imports"])),
    ("/imports/trial", Ask(&["POST /imports/trials"])),
    ("/brand", Ask(&["PUT /brand"])),
    ("/brand/reading", Ask(&["POST /brand/proposals", "POST /brand/readings"])),
    ("/brand/steps", Nothing(ASKS_AS_IT_GOES)),
    ("/posts/{id}/comments", Ask(&["POST /posts/{id}/comments"])),
    ("/posts/{id}/assignment", Ask(&["PUT /posts/{id}/assignment"])),
    ("/posts/{id}/drop", Ask(&["PUT /posts/{id}/rejection"])),
    ("/posts/{id}/versions", Ask(&["POST /posts/{id}/versions"])),
    ("/posts/{id}/picture/removal", Ask(&["POST /posts/{id}/versions"])),
    ("/posts/{id}/drawings", Ask(&["POST /posts/{id}/drawings"])),
    ("/posts/{id}/decision", Ask(&["POST /posts/{id}/approvals"])),
    ("/posts/{id}/elsewhere", Ask(&["POST /campaigns/{id}/posts"])),
    ("/posts/{id}/hold", Ask(&["PATCH /posts/{id}"])),
    ("/posts/{id}/time", Ask(&["PATCH /posts/{id}"])),
    ("/jobs/{id}/resolution", Ask(&["PUT /jobs/{id}/resolution"])),
    ("/jobs/{id}/retry", Ask(&["POST /jobs/{id}/retries"])),
    ("/settings/channels", Ask(&["POST /channels"])),
    ("/settings/channels/{id}/check", Ask(&["PUT /channels/{id}/check"])),
    ("/settings/channels/{id}/name", Ask(&["PATCH /channels/{id}"])),
    ("/settings/channels/{id}/pause", Ask(&["PATCH /channels/{id}"])),
    ("/settings/channels/{id}/slots", Ask(&["POST /channels/{id}/slots"])),
    ("/settings/channels/{id}/slots/{slot}/rest", Ask(&["PATCH /channels/{id}/slots/{slot}"])),
    ("/settings/channels/{id}/slots/{slot}/removal", Ask(&["DELETE /channels/{id}/slots/{slot}"])),
    ("/settings/providers", Ask(&["POST /providers"])),
    ("/settings/providers/{id}", Ask(&["PATCH /providers/{id}"])),
    ("/settings/providers/{id}/check", Ask(&["PUT /providers/{id}/check"])),
    ("/settings/providers/{id}/pause", Ask(&["PATCH /providers/{id}"])),
    ("/settings/providers/{id}/prices", Ask(&["POST /providers/{id}/prices"])),
    ("/settings/providers/{id}/removal", Ask(&["DELETE /providers/{id}"])),
    ("/settings/members/{id}/role", Ask(&["PUT /members/{id}/role"])),
    ("/settings/members/{id}/removal", Ask(&["DELETE /members/{id}"])),
    ("/settings/members/{id}/password-reset", Ask(&["POST /password-resets"])),
    ("/settings/owner", Ask(&["PUT /workspace/owner"])),
    ("/settings/departure", Ask(&["DELETE /me/membership"])),
    ("/settings/invitations", Ask(&["POST /invitations"])),
    ("/settings/invitations/{id}/revocation", Ask(&["DELETE /invitations/{id}"])),
    ("/settings/tokens", Ask(&["POST /tokens"])),
    ("/settings/tokens/{id}/revocation", Ask(&["DELETE /tokens/{id}"])),
    ("/settings/security/password", Ask(&["PUT /me/password"])),
    ("/settings/security/second-factor", Ask(&["POST /me/second-factor"])),
    ("/settings/security/second-factor/confirmation", Ask(&["PUT /me/second-factor"])),
    ("/settings/security/second-factor/removal", Ask(&["DELETE /me/second-factor"])),
    ("/settings/security/elsewhere", Nothing(AT_A_BROWSER)),
    ("/settings/security/elsewhere/removal", Ask(&["DELETE /me/identity"])),
    ("/settings/security/sessions/revocation", Ask(&["DELETE /me/sessions"])),
    ("/settings/security/sessions/{id}/revocation", Ask(&["DELETE /me/sessions/{id}"])),
];

/// Every operation of the API, as its own tests wrote them down.
fn operations() -> Vec<String> {
    let lines = include_str!("../../api/src/tests/matrix.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_form_names_what_a_program_does_instead() {
    let forms = ROUTES.iter().filter(|route| route.method == "POST").map(|route| route.path);
    for path in forms {
        let rows = COUNTERPARTS.iter().filter(|(form, _)| *form == path).count();
        assert_eq!(rows, 1, "POST {path}: give it an operation of the API, and a row in COUNTERPARTS of {}", file!());
    }
}

#[test]
fn what_a_program_is_told_to_ask_for_is_there() {
    let operations = operations();
    assert!(operations.len() > 100, "the API's matrix is read");
    for (form, instead) in COUNTERPARTS {
        assert!(ROUTES.iter().any(|route| route.path == *form && route.method == "POST"), "{form} is no form any more");
        match instead {
            Ask(asks) => {
                for ask in *asks {
                    assert!(operations.iter().any(|one| one == ask), "POST {form}: the API has no {ask}");
                }
            }
            Nothing(why) => assert!(why.len() > 20, "{form}: say why"),
        }
    }
}
