//! What a provider's models cost: as the workspace set it, else as it is known here, with its day and source.

use domain::price::{PicturePrice, known, known_picture, usd};
use domain::{Action, MicroUsd};
use maud::{Markup, html};
use store::price::Price;
use store::provider::Provider;

use super::{Back, HERE, Which};
use crate::elements::form::{Field, csrf, summary_within};
use crate::elements::time;
use crate::visit::Visit;

/// Of what can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("model", "Model"),
    ("input_usd", "Read"),
    ("cached_usd", "From the cache"),
    ("output_usd", "Written"),
    ("picture_usd", "A picture"),
    ("source", "Where you found it"),
];

/// `set`: those that count now, of all providers.
pub(super) fn table(visit: &Visit, one: &Provider, set: &[Price], back: &Back) -> Markup {
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
            @if let Some(model) = &one.image_model { (pictures(one, model, set)) }
        }
        @if visit.may(Action::Administer) { (form(visit, one, back)) }
    }
}

/// What the model for pictures costs; without a price it draws nothing.
fn pictures(one: &Provider, model: &str, set: &[Price]) -> Markup {
    let line = |price: PicturePrice| {
        html! {
            @if price.each.0 > 0 || price.output.0 == 0 { "$" (usd(price.each)) " a picture" }
            @if price.each.0 > 0 && price.output.0 > 0 { ", and " }
            @if price.output.0 > 0 { "$" (usd(price.input)) " read, $" (usd(price.output)) " drawn, per million tokens" }
        }
    };
    html! {
        dt { (model) span.soft.small { ", for pictures" } }
        @match set.iter().find(|price| price.provider_id == one.id && price.model == model) {
            Some(price) => dd {
                (line(PicturePrice { each: MicroUsd(price.picture_micro_usd.unwrap_or(0)), input: MicroUsd(price.input_micro_usd), output: MicroUsd(price.output_micro_usd) }))
                " " span.soft.small { "since " (time::at(price.since, "UTC")) ", by “" (price.source) "”" }
            }
            None => @match known_picture(one.kind, &one.base_url, model) {
                Some(known) => dd {
                    (line(known.price))
                    " " span.soft.small { "as known here of " (known.as_of) ", from " (known.source) "; set yours if it has changed" }
                }
                None => dd { strong { "Not priced." } " It draws nothing until you say what a picture costs." }
            }
        }
    }
}

fn line(input: &str, cached: &str, output: &str) -> Markup {
    html! { "$" (input) " read, $" (cached) " from the cache, $" (output) " written, per million tokens" }
}

fn form(visit: &Visit, one: &Provider, back: &Back) -> Markup {
    let typed = back.of(Which::Price, &one.id);
    let field = |name, label| Field::new(name, label).within(&one.id);
    let id = format!("model-{}", one.id);
    html! {
        details.ask open[!typed.is_fresh()] {
            summary.button.slim { "Set a price" }
            form method="post" action={ (HERE) "/" (one.id) "/prices" } {
                (csrf(&visit.caller))
                (back.said(Which::Price, &one.id))
                (summary_within(typed, LABELS, &one.id))
                p.hint { "US dollars per million tokens, from now on. What was counted before stays." }
                div.field {
                    label for=(id) { "Model" }
                    select.control id=(id) name="model" { @for model in one.models.iter().chain(&one.image_model) { option value=(model) selected[typed.has("model", model)] { (model) } } }
                }
                (field("input_usd", "Read").show(typed))
                (field("cached_usd", "From the cache").hint("Empty: as read.").optional().show(typed))
                (field("output_usd", "Written").show(typed))
                @if one.image_model.is_some() { (field("picture_usd", "A picture").hint("Of a model for pictures, for each, beside its tokens; one that counts no tokens costs 0 read and 0 written.").optional().show(typed)) }
                (field("source", "Where you found it").show(typed))
                div.acts { button.button type="submit" { "Set it" } }
            }
        }
    }
}
