//! The forms that connect and change a provider.

use domain::ProviderKind;
use domain::provider::{AT_ONCE_DEFAULT, AT_ONCE_MAX, TURN_MAX};
use maud::{Markup, html};
use store::provider::Provider;

use crate::elements::form::{Control, Field, Typed, csrf, summary};
use crate::visit::Visit;

/// A new one. `hosts`: where the operator lets it be.
pub(super) fn connect(visit: &Visit, hosts: &[String], typed: &Typed) -> Markup {
    let labels = [
        ("name", "Name"),
        ("kind", "Kind"),
        ("base_url", "Address"),
        ("models", "Models"),
        ("key", "Key"),
        ("turn", "Turn"),
        ("at_once_max", "Calls at a time"),
    ];
    let at_once = AT_ONCE_DEFAULT.to_string();
    html! {
        section.section aria-labelledby="connect" {
            div.top { h2 #connect { "Connect a provider" } }
            (summary(typed, &labels))
            form.card.fields method="post" action=(super::HERE) {
                (csrf(&visit.caller))
                div.fields.pair {
                    (Field::new("name", "Name").hint("As you call it, such as “Our account”.").show(typed))
                    div.field {
                        label for="kind" { "Kind" }
                        @if let Some(error) = typed.complaint("kind") { p.error { span { "Kind " (error) "." } } }
                        select.control #kind name="kind" {
                            @for kind in ProviderKind::ALL { option value=(kind) selected[typed.has("kind", kind.as_str())] { (kind.label()) } }
                        }
                    }
                }
                (Field::new("base_url", "Address").hint("Empty: the provider’s own.").optional().show(typed))
                p.soft.small { (allowed(hosts)) }
                (Field::new("models", "Models").hint("One a line, as the provider names them. The first stands in for others. One whose name holds “embed” finds memory by its meaning.").control(Control::Text("")).show(typed))
                (Field::new("key", "Key").hint("Sealed at once; nobody is shown it again, you neither. Ollama wants none.").control(Control::Input("password")).complete("new-password").optional().show(typed))
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
fn allowed(hosts: &[String]) -> Markup {
    html! {
        @if hosts.is_empty() {
            "Whoever runs Rondo has allowed no host yet: the variables " code { "model_hosts" } ", " code { "model_hosts_second" } " and " code { "model_hosts_third" } " name them."
        } @else {
            "Whoever runs Rondo allows: "
            @for (at, host) in hosts.iter().enumerate() { @if at > 0 { ", " } code { (host) } }
            "."
        }
    }
}

/// One that is there.
pub(super) fn change(visit: &Visit, one: &Provider, here: &str) -> Markup {
    let field = |name: &str| format!("{name}-{}", one.id);
    let line = |name: &str, label: &str, kind: &str, value: &str, hint: &str| {
        let id = field(name);
        html! {
            div.field {
                label for=(id) { (label) }
                @if !hint.is_empty() { p.hint id={ (id) "-hint" } { (hint) } }
                input.control id=(id) name=(name) type=(kind) value=(value) required[kind != "password"]
                    autocomplete=(if kind == "password" { "new-password" } else { "off" })
                    aria-describedby=[(!hint.is_empty()).then(|| format!("{id}-hint"))];
            }
        }
    };
    html! {
        details.ask {
            summary.button.slim { "Change" }
            form method="post" action={ (here) "/" (one.id) } {
                (csrf(&visit.caller))
                input type="hidden" name="seen" value=(one.revision);
                (line("name", "Name", "text", &one.name, ""))
                (line("base_url", "Address", "text", &one.base_url, "Another address forgets the key, unless you give another one."))
                div.field {
                    label for=(field("models")) { "Models" }
                    textarea.control id=(field("models")) name="models" required { "\n" (one.models.join("\n")) }
                }
                (line("key", "Another key", "password", "", "Empty: the one it has stays."))
                (line("turn", "Turn", "number", &one.turn.to_string(), ""))
                (line("at_once_max", "Calls at a time", "number", &one.at_once_max.to_string(), ""))
                div.acts { button.button type="submit" { "Save" } }
            }
        }
    }
}
