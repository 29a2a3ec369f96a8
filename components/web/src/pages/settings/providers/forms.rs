//! The forms that connect and change a provider.

use domain::ProviderKind;
use domain::provider::{AT_ONCE_DEFAULT, AT_ONCE_MAX, TURN_MAX};
use maud::{Markup, html};
use store::provider::Provider;

use super::{Back, Which};
use crate::elements::form::{Control, Field, Secret, Typed, csrf, summary, summary_within};
use crate::visit::Visit;

/// Of what can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("kind", "Kind"),
    ("base_url", "Address"),
    ("models", "Models"),
    ("image_model", "Model for pictures"),
    ("key", "Key"),
    ("turn", "Turn"),
    ("at_once_max", "Calls at a time"),
];

/// What the operator lets providers be.
pub(super) struct Allowed {
    /// Where, as patterns of hosts.
    pub(super) hosts: Vec<String>,
    /// Which of Spin's own models.
    pub(super) models: Vec<String>,
}

/// A new one.
pub(super) fn connect(visit: &Visit, allowed: &Allowed, typed: &Typed) -> Markup {
    let at_once = AT_ONCE_DEFAULT.to_string();
    // What could only be refused is not offered.
    let kinds = ProviderKind::ALL.iter().filter(|kind| !kind.is_the_host() || !allowed.models.is_empty());
    html! {
        section.section aria-labelledby="connect" {
            div.top { h2 #connect { "Connect a provider" } }
            (summary(typed, LABELS))
            form.card.fields method="post" action=(super::HERE) {
                (csrf(&visit.caller))
                div.fields.pair {
                    (Field::new("name", "Name").hint("As you call it, such as “Our account”.").show(typed))
                    div.field {
                        label for="kind" { "Kind" }
                        @if let Some(error) = typed.complaint("kind") { p.error { span { "Kind " (error) "." } } }
                        select.control #kind name="kind" {
                            @for kind in kinds { option value=(kind) selected[typed.has("kind", kind.as_str())] { (kind.label()) } }
                        }
                    }
                }
                (Field::new("base_url", "Address").hint("Empty: the provider’s own.").optional().show(typed))
                p.soft.small { (words(allowed)) }
                (Field::new("models", "Models").hint("One a line, as the provider names them. The first stands in for others. One whose name holds “embed” finds memory by its meaning.").control(Control::Text("")).show(typed))
                (Field::new("image_model", "Model for pictures").hint("Such as gpt-image-1: it draws the visual designer’s ideas, each for its price. Empty: nothing is drawn.").optional().show(typed))
                (Field::secret(Secret::Key).hint("Sealed at once; nobody is shown it again, you neither. Ollama wants none.").optional().show(typed))
                div.fields.pair {
                    (Field::new("turn", "Turn").hint("1 is asked first.").control(Control::Number(1, TURN_MAX)).initial("1").show(typed))
                    (Field::new("at_once_max", "Calls at a time").control(Control::Number(1, AT_ONCE_MAX)).initial(&at_once).show(typed))
                }
                div.acts { button.button.main-act type="submit" { "Connect" } }
            }
        }
    }
}

/// What the operator allows, in words.
fn words(Allowed { hosts, models }: &Allowed) -> Markup {
    html! {
        @if hosts.is_empty() {
            "Whoever runs Rondo has allowed no host yet: the variables " code { "model_hosts" } ", " code { "model_hosts_second" } " and " code { "model_hosts_third" } " name them."
        } @else {
            "Whoever runs Rondo allows: "
            @for (at, host) in hosts.iter().enumerate() { @if at > 0 { ", " } code { (host) } }
            "."
        }
        @if !models.is_empty() {
            " Of Spin’s own models, which have neither address nor key: "
            @for (at, model) in models.iter().enumerate() { @if at > 0 { ", " } code { (model) } }
            "."
        }
    }
}

/// One that is there. `back`: what was typed, where it was refused.
pub(super) fn change(visit: &Visit, one: &Provider, back: &Back) -> Markup {
    let typed = back.of(Which::Change, &one.id);
    let (turn, at_once_max) = (one.turn.to_string(), one.at_once_max.to_string());
    let models = one.models.join("\n");
    let field = |name, label| Field::new(name, label).within(&one.id);
    html! {
        details.ask open[!typed.is_fresh()] {
            summary.button.slim { "Change" }
            form method="post" action={ (super::HERE) "/" (one.id) } {
                (csrf(&visit.caller))
                (back.said(Which::Change, &one.id))
                (summary_within(typed, LABELS, &one.id))
                input type="hidden" name="seen" value=(one.revision);
                (field("name", "Name").initial(&one.name).show(typed))
                (field("base_url", "Address").hint("Another address forgets the key, unless you give another one.").initial(&one.base_url).show(typed))
                (field("models", "Models").control(Control::Text("")).initial(&models).show(typed))
                @if one.kind == ProviderKind::OpenAi {
                    (field("image_model", "Model for pictures").hint("Empty: nothing is drawn.").initial(one.image_model.as_deref().unwrap_or_default()).optional().show(typed))
                }
                (Field::secret(Secret::Key).label("Another key").within(&one.id).hint("Empty: the one it has stays.").optional().show(typed))
                div.fields.pair {
                    (field("turn", "Turn").control(Control::Number(1, TURN_MAX)).initial(&turn).show(typed))
                    (field("at_once_max", "Calls at a time").control(Control::Number(1, AT_ONCE_MAX)).initial(&at_once_max).show(typed))
                }
                div.acts { button.button type="submit" { "Save" } }
            }
        }
    }
}
