//! `/campaigns/{id}/posts/new`: a post by hand in a running campaign, perhaps from a template. It is reviewed and
//! approved like any other.

use domain::{Stage, Step};
use maud::{Markup, html};
use serve::by_hand::{self, Wanted};
use serve::{Form, Problem, Reply, StatusCode};
use store::channel::Channel;
use store::strategy;
use store::template::{self, TEMPLATES_MAX, Template};

use super::{Sight, rewrite};
use crate::elements::form::{Control, Field, Typed, csrf, summary};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("template", "Template"),
    ("channel", "Channel"),
    ("local", "Date and time"),
    ("next_free_slot", "The next free slot"),
    ("language", "Language"),
    ("angle", "About"),
    ("title", "Title"),
    ("text", "Text"),
];

struct Offer {
    channels: Vec<Channel>,
    templates: Vec<Template>,
    pillars: Vec<String>,
}

async fn offer(sight: &Sight<'_>) -> Result<Offer, Problem> {
    let (db, workspace_id) = (sight.app.ports.db, sight.visit.workspace.id.as_str());
    let plans = strategy::list(db, workspace_id, &sight.campaign.id, None, 1).await?;
    let pillars = plans.into_iter().flat_map(|plan| plan.document.pillars).map(|pillar| pillar.name).collect();
    Ok(Offer {
        channels: rewrite::channels(sight.app, sight.visit).await?,
        templates: template::list(db, workspace_id, None, TEMPLATES_MAX).await?,
        pillars,
    })
}

/// The form, empty.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sight = Sight::of(call.app, visit, call.id()).await?;
    let offer = offer(&sight).await?;
    Ok(page(render(&sight, &offer, &Typed::default(), &html! {})))
}

/// Fills in a template, or adds the post. What was typed comes back if that cannot be.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sight = Sight::of(call.app, visit, call.id()).await?;
    let offer = offer(&sight).await?;
    let mut sent = call.request.form().await?;
    if sent.get("act") == Some("fill") {
        return match fill(&sight, &offer, &mut sent) {
            Ok(()) => Ok(page(render(&sight, &offer, &Typed::with(sent, &[]), &html! {}))),
            Err(problem) => Ok(again(&sight, &offer, sent, problem)),
        };
    }
    match add(&sight, &sent).await {
        Ok((id, by_hand)) => {
            let step = if by_hand { Step::Review } else { Step::Generate };
            Ok(Reply::see_other(&format!("/posts/{id}?done=post-added")).waking(&[step]))
        }
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => Ok(again(&sight, &offer, sent, problem)),
    }
}

fn again(sight: &Sight<'_>, offer: &Offer, sent: Form, problem: Problem) -> Reply {
    let said = match problem {
        Problem::Invalid(_) => html! {},
        _ => notice::failed(&format!("{problem}. What you typed is still here")),
    };
    let typed = Typed::with(sent, problem.complaints());
    let page = render(sight, offer, &typed, &said);
    problem.into_reply_with("text/html; charset=utf-8", page)
}

/// Puts a template's words, with their variables filled in, in place of title and text.
fn fill(sight: &Sight<'_>, offer: &Offer, sent: &mut Form) -> Result<(), Problem> {
    let wanted = sent.get("template").unwrap_or_default();
    let template = offer.templates.iter().find(|one| one.id == wanted);
    let template = template.ok_or_else(|| Problem::invalid("template", "is not chosen"))?;
    let (channel, local) = (sent.get("channel").unwrap_or_default(), sent.get("local").unwrap_or_default());
    let (title, text) = by_hand::filled(template, (&sight.campaign, &sight.brief), channel, local)?;
    sent.fields.retain(|(name, _)| name != "title" && name != "text");
    sent.fields.extend([("title".into(), title), ("text".into(), text)]);
    Ok(())
}

/// The post's id, and whether a person wrote it.
async fn add(sight: &Sight<'_>, sent: &Form) -> Result<(String, bool), Problem> {
    let text = |field: &str| sent.get(field).unwrap_or_default().replace("\r\n", "\n").trim().to_string();
    let channel = sent.required("channel")?;
    let time = rewrite::time(sight.app, sight.visit, sent, channel, &sight.campaign.timezone).await?;
    let wanted = Wanted {
        channel,
        when: time.when(),
        language: &text("language"),
        pillar: &text("pillar"),
        angle: &text("angle"),
        title: &text("title").replace('\n', " "),
        text: &text("text"),
    };
    by_hand::add(sight.app, &sight.visit.caller, (&sight.campaign, &sight.brief), wanted).await
}

fn render(sight: &Sight<'_>, offer: &Offer, typed: &Typed, said: &Markup) -> String {
    let campaign = &sight.campaign;
    let with_slots: Vec<&str> =
        offer.channels.iter().filter(|one| one.has_slots).map(|one| one.name.as_str()).collect();
    let with_slots = (!with_slots.is_empty()).then(|| with_slots.join(", "));
    let zone = match &with_slots {
        Some(names) => format!("In {}. Not needed for the next free slot, which {names} can have.", campaign.timezone),
        None => format!("In {}.", campaign.timezone),
    };
    let body = html! {
        div.head { div {
            p.crumb { a href="/campaigns" { "Campaigns" } " / " a href={ (sight.path()) "#posts" } { (campaign.name) } }
            h1 { "Add a post" }
            p.lead { "It goes through review and approval like any other. Leave title and text empty, and the copywriter writes it." }
        } }
        (said)
        (summary(typed, LABELS))
        @if campaign.stage != Stage::Producing || campaign.archived_at.is_some() {
            p.notice.wait { "Posts can be added once the plan is approved, and until the campaign is over or put away." }
        }
        form.fields.beside method="post" action={ (sight.path()) "/posts" } {
            (csrf(&sight.visit.caller))
            fieldset {
            legend { "Where and when" }
            div.fields.pair {
                (select("channel", "Channel", typed, offer.channels.iter().map(|one| (one.name.as_str(), one.name.as_str())), None))
                (Field::new("local", "Date and time").hint(&zone).control(Control::Input("datetime-local")).show(typed))
            }
            }
            fieldset {
            legend { "What it is about" }
            (Field::new("angle", "About").hint("What it is about, in a few words. Left empty, it is the title.").optional().show(typed))
            div.fields.pair {
                (select("pillar", "Pillar", typed, offer.pillars.iter().map(|one| (one.as_str(), one.as_str())), Some("none of them")))
                (Field::new("language", "Language").hint("A tag such as en or de.").initial(&sight.brief.brand.language).optional().show(typed))
            }
            }
            fieldset {
            legend { "Its words" }
            @if offer.templates.is_empty() { p.soft.small { "What you write often can be a " a href="/templates" { "template" } "." } }
            @else {
                div.field-act {
                    (select("template", "Template", typed, offer.templates.iter().map(|one| (one.id.as_str(), one.name.as_str())), Some("none")))
                    button.button type="submit" name="act" value="fill" formnovalidate { "Fill it in" }
                }
            }
            (Field::new("title", "Title").optional().show(typed))
            (Field::new("text", "Text").hint("Plain text. An empty line begins a paragraph.").control(Control::Text("tall")).optional().show(typed))
            }
            div.acts { button.button.main-act type="submit" name="act" value="add" { "Add the post" } @if with_slots.is_some() { button.button type="submit" name="slot" value="next" formnovalidate { "Add it to the next free slot" } } a.button href=(sight.path()) { "Cancel" } }
        }
    };
    layout::page(sight.visit, Nav::Campaigns, "Add a post", &body)
}

/// One of several, in a list; `nothing`: what leaving it open is called.
fn select<'a>(
    name: &str,
    label: &str,
    typed: &Typed,
    options: impl Iterator<Item = (&'a str, &'a str)>,
    nothing: Option<&str>,
) -> Markup {
    let error = typed.complaint(name);
    html! {
        div.field {
            label for=(name) { (label) }
            select.control id=(name) name=(name) aria-invalid=[error.map(|_| "true")] aria-describedby={ (name) "-error" } {
                @if let Some(nothing) = nothing { option value="" { "(" (nothing) ")" } }
                @for (value, shown) in options { option value=(value) selected[typed.value(name) == value] { (shown) } }
            }
            p id={ (name) "-error" } .error[error.is_some()] { @if let Some(error) = error { span { (label) " " (error) "." } } }
        }
    }
}
