//! `/approvals/policy` and `/campaigns/{id}/policy`: who must approve.

use domain::policy::{ESCALATE_AFTER_H_MAX, NEEDED_MAX, Policy, PolicyKind, REMIND_AFTER_H_MAX, Round};
use domain::{Action, Step};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::people::member::{self, Member};
use store::policy::{self, Kept};

use crate::elements::form::{Control, Field, Typed, choice, csrf, summary};
use crate::layout::{self, Nav};
use crate::notice;
use crate::refused::Refused;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The workspace's.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, None, &Typed::default(), &notice::done(call.request)).await?))
}

/// A campaign's own.
pub async fn show_for_campaign(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, Some(call.id()), &Typed::default(), &notice::done(call.request)).await?))
}

/// Sets the workspace's.
pub async fn set(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    set_of(&call, visit, None).await
}

/// Sets a campaign's own, or lets it have its workspace's again.
pub async fn set_for_campaign(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    set_of(&call, visit, Some(call.id())).await
}

fn path(campaign: Option<&str>) -> String {
    campaign.map_or_else(|| "/approvals/policy".into(), |id| format!("/campaigns/{id}/policy"))
}

async fn set_of(call: &Call<'_>, visit: &Visit, campaign: Option<&str>) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let revision: i64 = form.required("revision")?.parse().map_err(|_| Problem::Stale)?;
    if let Some(id) = campaign {
        let found = store::campaign::find(call.app.ports.db, &visit.workspace.id, id).await?;
        found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
    }
    match changed(call, visit, (campaign, revision), &form).await {
        Ok(()) => Ok(Reply::see_other(&format!("{}?done=policy", path(campaign))).waking(&[Step::Publish])),
        Err(problem) => {
            let back = Refused::of(form, problem)?;
            let again = render(call, visit, campaign, &back.typed, &back.said).await?;
            Ok(back.on(again))
        }
    }
}

/// Sets what the form says, if the policy is still as the form saw it.
async fn changed(
    call: &Call<'_>,
    visit: &Visit,
    (campaign, revision): (Option<&str>, i64),
    form: &Form,
) -> Result<(), Problem> {
    let policy = read(form)?;
    if campaign.is_none() && policy.kind == PolicyKind::Inherit {
        return Err(Problem::invalid("kind", "is only for campaigns"));
    }
    let members = member::list(call.app.ports.db, &visit.workspace.id).await?;
    let able: Vec<String> =
        members.iter().filter(|one| one.role.may(Action::Approve)).map(|one| one.user_id.clone()).collect();
    let complaints = policy.complaints(&able);
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let at = (visit.workspace.id.as_str(), campaign, revision);
    let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
    let done = policy::set(db, pinned_ms, at, &policy, &visit.caller.actor).await?;
    if done { Ok(()) } else { Err(Problem::Stale) }
}

fn read(form: &Form) -> Result<Policy, Problem> {
    let kind: PolicyKind = form.required("kind")?.parse().map_err(|_| Problem::invalid("kind", "is not known"))?;
    let number = |name: &str| -> Result<Option<u32>, Problem> {
        let text = form.get(name).map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| text.parse().map_err(|_| Problem::invalid(name, "is no whole number"))).transpose()
    };
    let needed = number("needed")?.unwrap_or(2);
    let people = |name: &str| form.all(name).into_iter().map(ToString::to_string).collect();
    let rounds = match kind {
        PolicyKind::Inherit | PolicyKind::None => vec![],
        PolicyKind::One => vec![Round { needed: 1, people: vec![] }],
        PolicyKind::Group => vec![Round { needed, people: people("people") }],
        PolicyKind::InternalThenClient => {
            vec![Round { needed: 1, people: people("internal") }, Round { needed: 1, people: people("client") }]
        }
    };
    Ok(Policy {
        kind,
        rounds,
        author_may_approve: form.get("author_may_approve") == Some("1"),
        remind_after_h: number("remind_after_h")?,
        escalate_after_h: number("escalate_after_h")?,
    })
}

async fn render(
    call: &Call<'_>,
    visit: &Visit,
    campaign: Option<&str>,
    typed: &Typed,
    said: &Markup,
) -> Result<String, Problem> {
    let (db, workspace_id) = (call.app.ports.db, visit.workspace.id.as_str());
    let name = match campaign {
        None => None,
        Some(id) => {
            let found = store::campaign::find(db, workspace_id, id).await?;
            Some(found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?.name)
        }
    };
    let kept = policy::find(db, workspace_id, campaign).await?;
    let revision = kept.as_ref().map_or(0, |kept| kept.revision);
    let policy = kept.map_or_else(policy::inherited, |Kept { policy, .. }| policy);
    let members = member::list(db, workspace_id).await?;
    let waiting = policy::waiting_under(db, workspace_id, campaign).await?;
    let body = html! {
        div.head { div {
            p.crumb { a href="/approvals" { "Approvals" } @if let (Some(id), Some(name)) = (campaign, &name) { " / " a href={ "/campaigns/" (id) } { (name) } } }
            h1 { "Who must approve" }
            p.lead { @match &name { Some(name) => { "In “" (name) "”." }, None => "In every campaign of this workspace that has no policy of its own." }
                " A post goes out only when everybody has approved exactly this version, for this channel and time. An edit or another time voids every approval." }
        } }
        (said)
        (summary(typed, &[("kind", "Policy"), ("needed", "How many"), ("remind_after_h", "Overdue after"), ("escalate_after_h", "Owners and admins are told after")]))
        form.fields.beside method="post" action=(path(campaign)) {
            (csrf(&visit.caller))
            input type="hidden" name="revision" value=(revision);
            (kinds(campaign.is_some(), &policy, typed, waiting))
            (people(&policy, typed, &members))
            fieldset {
                legend { "Their own words" }
                (choice("checkbox", ("author_may_approve", "1"), ("People may approve what they wrote themselves",
                    "Otherwise somebody else must, as long as there is somebody else who may approve. Whoever works alone may always approve."),
                    if typed.is_fresh() { policy.author_may_approve } else { typed.has("author_may_approve", "1") }))
            }
            fieldset {
                legend { "Reminders" }
                div.fields.pair {
                    (hours("remind_after_h", ("Overdue after (hours)", "Whoever may decide is told. Empty: nobody is."), policy.remind_after_h, REMIND_AFTER_H_MAX, typed))
                    (hours("escalate_after_h", ("Owners and admins are told after (hours)", "Empty: never."), policy.escalate_after_h, ESCALATE_AFTER_H_MAX, typed))
                }
            }
            p.soft { "Saving voids approvals that were given under the old policy, unless only the reminders change: those posts wait again." }
            div.acts { button.button.main-act type="submit" { "Save the policy" } a.button href="/approvals" { "Cancel" } }
        }
    };
    Ok(layout::page(visit, Nav::Approvals, "Who must approve", &body))
}

fn hours(name: &str, (label, hint): (&str, &str), now: Option<u32>, max: u32, typed: &Typed) -> Markup {
    let initial = now.map_or(String::new(), |hours| hours.to_string());
    Field::new(name, label).hint(hint).control(Control::Number(1, max)).initial(&initial).optional().show(typed)
}

fn kinds(is_campaign: bool, policy: &Policy, typed: &Typed, waiting: i64) -> Markup {
    let none = format!(
        "A standing rule approves whatever has passed review, in performances as well. {} that wait now would be approved at once.",
        if waiting == 1 { "1 post".into() } else { format!("{waiting} posts") }
    );
    let all = [
        (PolicyKind::Inherit, "As the workspace has it", "This campaign has no policy of its own."),
        (PolicyKind::One, "One person", "Anybody who may approve."),
        (PolicyKind::Group, "Several of a group", "So many different people, of those ticked below."),
        (
            PolicyKind::InternalThenClient,
            "Ours, then the client",
            "One of ours first; only then it is the client's turn.",
        ),
        (PolicyKind::None, "Nobody", none.as_str()),
    ];
    html! {
        fieldset {
            legend { "Policy" }
            div.choices {
                @for (kind, label, hint) in all.iter().filter(|(kind, ..)| is_campaign || *kind != PolicyKind::Inherit) {
                    (choice("radio", ("kind", kind.as_str()), (label, hint),
                        if typed.is_fresh() { policy.kind == *kind } else { typed.has("kind", kind.as_str()) }))
                    @if policy.kind == *kind { (typed.theirs("kind", (kind.as_str(), label))) }
                }
            }
        }
    }
}

fn people(policy: &Policy, typed: &Typed, members: &[Member]) -> Markup {
    let able: Vec<&Member> = members.iter().filter(|one| one.role.may(Action::Approve)).collect();
    let named = |kind: PolicyKind, at: usize| {
        policy.rounds.get(at).filter(|_| policy.kind == kind).map(|round| round.people.clone()).unwrap_or_default()
    };
    let boxes = |name: &str, kind: PolicyKind, at: usize| {
        let now = named(kind, at);
        html! {
            @for one in &able {
                (choice("checkbox", (name, &one.user_id), (&one.name, one.role.as_str()),
                    if typed.is_fresh() { now.contains(&one.user_id) } else { typed.has(name, &one.user_id) }))
            }
        }
    };
    let needed =
        policy.rounds.first().filter(|_| policy.kind == PolicyKind::Group).map_or(2, |round| round.needed).to_string();
    html! {
        // Shown with the policy that they belong to.
        div.fields.policy-part.of-group {
            (Field::new("needed", "How many").hint("So many different people must approve.").control(Control::Number(1, NEEDED_MAX))
                .initial(&needed).optional().show(typed))
            fieldset { legend.as-h3 { "Who (nobody ticked: everyone who may approve)" } (boxes("people", PolicyKind::Group, 0)) (wrong(typed, "people")) }
        }
        div.fields.policy-part.of-client {
            fieldset { legend.as-h3 { "Ours (nobody ticked: everyone who may approve)" } (boxes("internal", PolicyKind::InternalThenClient, 0)) }
            fieldset { legend.as-h3 { "The client's" } (boxes("client", PolicyKind::InternalThenClient, 1)) (wrong(typed, "client")) }
        }
    }
}

fn wrong(typed: &Typed, name: &str) -> Markup {
    html! { @if let Some(error) = typed.complaint(name) { p.error { span { "The list " (error) "." } } } }
}
