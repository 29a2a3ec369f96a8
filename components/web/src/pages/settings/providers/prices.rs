//! What a provider's models cost: as the workspace set it, else as it is known here, with its day and source.

use domain::price::{known, usd};
use domain::{Action, MicroUsd};
use maud::{Markup, html};
use store::price::Price;
use store::provider::Provider;

use super::HERE;
use crate::elements::form::csrf;
use crate::elements::time;
use crate::visit::Visit;

/// `set`: those that count now, of all providers.
pub(super) fn table(visit: &Visit, one: &Provider, set: &[Price]) -> Markup {
    if one.kind.is_free() {
        return html! { p { "Nothing: they run on a machine of your own, and every call counts as zero." } };
    }
    let amount = |micro_usd: i64| usd(MicroUsd(micro_usd));
    html! {
        dl.facts {
            @for model in &one.models {
                dt { (model) }
                @match set.iter().find(|price| price.provider_id == one.id && price.model == *model) {
                    Some(price) => dd {
                        (line(&amount(price.input_micro_usd), &amount(price.cached_micro_usd), &amount(price.output_micro_usd)))
                        " " span.soft.small { "since " (time::at(price.since, "UTC")) ", by “" (price.source) "”" }
                    }
                    None => @match known(one.kind, &one.base_url, model) {
                        Some(price) => dd {
                            (line(&usd(price.input), &usd(price.cached), &usd(price.output)))
                            " " span.soft.small { "as known here of " (price.as_of) ", from " (price.source) "; set yours if it has changed" }
                        }
                        None => dd { strong { "Not priced." } " Its calls count as nothing, and no budget can stop it. Set a price." }
                    }
                }
            }
        }
        @if visit.may(Action::Administer) { (form(visit, one)) }
    }
}

fn line(input: &str, cached: &str, output: &str) -> Markup {
    html! { "$" (input) " read, $" (cached) " from the cache, $" (output) " written, per million tokens" }
}

fn form(visit: &Visit, one: &Provider) -> Markup {
    let field = |name: &str| format!("{name}-{}", one.id);
    let amount = |name: &str, label: &str, required: bool| {
        html! {
            div.field {
                label for=(field(name)) { (label) }
                input.control id=(field(name)) name=(name) type="text" inputmode="decimal" required[required] autocomplete="off";
            }
        }
    };
    html! {
        details.ask {
            summary.button.slim { "Set a price" }
            form method="post" action={ (HERE) "/" (one.id) "/prices" } {
                (csrf(&visit.caller))
                p.hint { "US dollars per million tokens, from now on. What was counted before stays." }
                div.field {
                    label for=(field("model")) { "Model" }
                    select.control id=(field("model")) name="model" { @for model in &one.models { option value=(model) { (model) } } }
                }
                (amount("input_usd", "Read", true))
                (amount("cached_usd", "From the cache (empty: as read)", false))
                (amount("output_usd", "Written", true))
                div.field {
                    label for=(field("source")) { "Where you found it" }
                    input.control id=(field("source")) name="source" type="text" required maxlength="300" autocomplete="off";
                }
                div.acts { button.button type="submit" { "Set it" } }
            }
        }
    }
}
