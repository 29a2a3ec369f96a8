//! `/review`: who reviews what, in which order, and what a version must reach.

use domain::chain::{Chain, Risk, Rules, THRESHOLD_MAX, THRESHOLD_MIN};
use domain::review::REVISIONS_MAX;
use domain::rubric::REVIEWERS;
use domain::{Action, AgentRole, Dimension};
use maud::{Markup, html};
use serve::{Form, Problem, Reply, StatusCode};
use store::{channel, review_rule};

use crate::elements::agent as element;
use crate::elements::form::{Control, Field, Typed, choice, csrf};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, &Typed::default(), &notice::done(call.request)).await?))
}

/// Sets the rules.
pub async fn set(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let revision: i64 = form.required("revision")?.parse().map_err(|_| Problem::Stale)?;
    let done = change(&call, visit, &form, revision).await;
    match done {
        Ok(()) => Ok(Reply::see_other("/review?done=rules")),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let (typed, said) = (Typed::with(form, problem.complaints()), notice::failed(&problem.to_string()));
            let page = render(&call, visit, &typed, &said).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", page))
        }
    }
}

async fn change(call: &Call<'_>, visit: &Visit, form: &Form, revision: i64) -> Result<(), Problem> {
    let (db, workspace_id) = (call.app.ports.db, visit.workspace.id.as_str());
    let names = channel::names(db, workspace_id).await?;
    let now = review_rule::find(db, workspace_id).await?.rules;
    let rules = read(form, &now)?;
    let complaints = rules.complaints(&names);
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let at = (workspace_id, revision);
    let is_set = review_rule::set(db, call.app.ports.clock.pinned_ms(), at, &rules, &visit.caller.actor).await?;
    if is_set { Ok(()) } else { Err(Problem::Stale) }
}

/// What the form says. What it does not hold stays as it is, as chains of single channels do.
fn read(form: &Form, now: &Rules) -> Result<Rules, Problem> {
    let mut rules = now.clone();
    for risk in Risk::ALL {
        let asked = form.all(&format!("reviewers_{risk}"));
        let reviewers: Vec<AgentRole> = REVIEWERS.into_iter().filter(|role| asked.contains(&role.as_str())).collect();
        let combined = form.get(&format!("combined_{risk}")) == Some("1");
        let chain = Chain { channel: String::new(), risk: *risk, reviewers, combined };
        match rules.chains.iter_mut().find(|one| one.channel.is_empty() && one.risk == *risk) {
            Some(one) => *one = chain,
            None => rules.chains.push(chain),
        }
    }
    for dimension in Dimension::ALL {
        let Some(text) = form.get(dimension.as_str()) else { continue };
        let score = text.trim().parse();
        let score = score.map_err(|_| Problem::invalid(dimension.as_str(), "is no whole number"))?;
        rules.thresholds.insert(*dimension, score);
    }
    if let Some(text) = form.get("mean") {
        rules.mean_tenths_min = tenths(text).ok_or_else(|| Problem::invalid("mean", "is no number such as 7.0"))?;
    }
    Ok(rules)
}

/// `7.5` in tenths.
fn tenths(text: &str) -> Option<u32> {
    let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let tenth: u32 = tenth.parse().ok().filter(|_| tenth.len() == 1)?;
    whole.parse::<u32>().ok()?.checked_mul(10)?.checked_add(tenth)
}

async fn render(call: &Call<'_>, visit: &Visit, typed: &Typed, said: &Markup) -> Result<String, Problem> {
    let kept = review_rule::find(call.app.ports.db, &visit.workspace.id).await?;
    let rules = &kept.rules;
    let may = visit.may(Action::Administer);
    let body = html! {
        div.head { div {
            p.crumb { a href="/agents" { "Agents" } }
            h1 { "How posts are reviewed" }
            p.lead { "First the structural checks, which cost nothing. Then a chain of reviewers, each with a rubric of its own. Then a fixed rule decides; it can only be stricter than they were." }
        } }
        (said)
        section.notice aria-labelledby="rule-title" {
            h2.as-h3 #rule-title { "The verdict that counts" }
            ol {
                li { "One of them rejects: nobody else is asked, and the post goes to a person with the reasons." }
                li { "A blocker, a reviewer who says revise, a score under its threshold, or a mean under the one below: it goes back to the copywriter with all findings and with what earlier passes tried." }
                li { "One of the chain has not spoken: there is no verdict, and nothing passes." }
                li { "Otherwise it passes, and waits for the approval that its policy asks for." }
            }
            p { "After " (REVISIONS_MAX) " revisions, or two passes in a row that were no better, a person must look." }
        }
        @if may {
            form.fields.beside method="post" action="/review" {
                (csrf(&visit.caller))
                input type="hidden" name="revision" value=(kept.revision);
                @for risk in Risk::ALL { (chain(&rules.chain("", *risk), typed)) }
                (own_chains(rules))
                (thresholds(rules, typed))
                div.acts { button.button.main-act type="submit" { "Save" } a.button href="/agents" { "Cancel" } }
            }
        } @else {
            @for risk in Risk::ALL { @let one = rules.chain("", *risk); section.section { h2 { (name(*risk)) } p { (who(&one)) } } }
            (own_chains(rules))
            section.section { h2 { "Thresholds" } dl.facts.card.flat { @for one in Dimension::ALL { dt { (one.label()) } dd { (rules.threshold(*one)) } } } }
        }
    };
    Ok(layout::page(visit, Nav::Agents, "How posts are reviewed", &body))
}

fn name(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "Low risk",
        Risk::High => "High risk",
    }
}

fn who(chain: &Chain) -> String {
    let names: Vec<&str> = chain.reviewers.iter().map(|role| element::role(*role)).collect();
    let calls = match chain.calls() {
        1 => "one call".into(),
        many => format!("up to {many} calls"),
    };
    format!("{}: {calls} of a model for each version.", names.join(", "))
}

fn chain(now: &Chain, typed: &Typed) -> Markup {
    let field = format!("reviewers_{}", now.risk);
    let combined = format!("combined_{}", now.risk);
    html! {
        fieldset {
            legend { (name(now.risk)) }
            p.hint {
                @match now.risk {
                    Risk::Low => "Rehearsals about nothing delicate.",
                    Risk::High => "Performances, and whatever speaks of health, money, law or children.",
                }
                " Now: " (who(now))
            }
            div.choices {
                @for role in REVIEWERS {
                    (choice("checkbox", (&field, role.as_str()), (element::role(role), element::does(role)),
                        if typed.is_fresh() { now.reviewers.contains(&role) } else { typed.has(&field, role.as_str()) }))
                }
            }
            (choice("checkbox", (&combined, "1"), ("Ask them together", "One call for all of them costs least. Asked one by one each reads only for its own part, and nobody is asked after a reject."),
                if typed.is_fresh() { now.combined } else { typed.has(&combined, "1") }))
        }
    }
}

/// Chains of single channels; the API sets them.
fn own_chains(rules: &Rules) -> Markup {
    let own: Vec<&Chain> = rules.chains.iter().filter(|chain| !chain.channel.is_empty()).collect();
    html! {
        @if !own.is_empty() {
            section.section {
                h2 { "Channels with a chain of their own" }
                ul { @for chain in own { li { strong { (chain.channel) } ", " (name(chain.risk).to_lowercase()) ": " (who(chain)) } } }
            }
        }
    }
}

fn thresholds(rules: &Rules, typed: &Typed) -> Markup {
    let mean = format!("{}.{}", rules.mean_tenths_min / 10, rules.mean_tenths_min % 10);
    html! {
        fieldset {
            legend { "What a version must reach" }
            p.hint { "From " (THRESHOLD_MIN) " to " (THRESHOLD_MAX) " of 10, in each dimension that was asked for." }
            @for role in REVIEWERS {
                h3 { (element::role(role)) }
                div.fields.several {
                    @for dimension in role.rubric() {
                        @let initial = rules.threshold(*dimension).to_string();
                        (Field::new(dimension.as_str(), dimension.label()).control(Control::Number(THRESHOLD_MIN.into(), THRESHOLD_MAX.into())).initial(&initial).show(typed))
                    }
                }
            }
            (Field::new("mean", "Mean of the editor's six").hint("Such as 7.0.").initial(&mean).show(typed))
        }
    }
}
