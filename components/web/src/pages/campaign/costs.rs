//! What the campaign has cost so far, by step, against its budget.

use domain::{Action, Step};
use maud::{Markup, html};
use serve::Problem;
use store::cost as ledger;

use super::Sight;
use crate::elements::{cost, form};

/// The bar, the steps, and a way to change the budget.
pub async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let steps = ledger::by_step(sight.app.ports.db, &campaign.workspace_id, &campaign.id).await?;
    Ok(html! {
        section aria-labelledby="cost-title" {
            h2 #cost-title { "Cost" }
            div.card.flat {
                (cost::bar(campaign))
                @if !steps.is_empty() {
                    details.more id="cost-steps" {
                        summary { "By step" }
                        dl.facts.figures {
                            @for step in &steps {
                                dt { (step_word(step.step)) }
                                dd { (cost::dollars(step.spent_micro_usd)) " · " (calls(step.calls)) " · " (step.input_tokens + step.output_tokens) " tokens"
                                    @if step.uncounted_calls > 0 { " (" (step.uncounted_calls) " not counted)" } }
                            }
                        }
                    }
                }
                @if sight.may(Action::Write) { (budget(sight)) }
            }
        }
    })
}

fn calls(count: i64) -> String {
    if count == 1 { "1 call".into() } else { format!("{count} calls") }
}

fn step_word(step: Step) -> &'static str {
    match step {
        Step::Strategize => "Planning",
        Step::Generate => "Writing",
        Step::Review => "Reviewing",
        Step::Publish => "Publishing",
    }
}

fn budget(sight: &Sight<'_>) -> Markup {
    let dollars = sight.campaign.budget_micro_usd as f64 / 1e6;
    html! {
        details.more id="cost-budget" {
            summary { "Change the budget" }
            form.stack method="post" action={ (sight.path()) "/budget" } {
                (form::csrf(&sight.visit.caller))
                input type="hidden" name="revision" value=(sight.campaign.revision);
                div.field {
                    label for="budget-usd" { "Budget in US dollars" }
                    input.control #budget-usd name="budget_usd" inputmode="decimal" required autocomplete="off" value=(format!("{dollars:.2}"));
                }
                button.button.slim type="submit" { "Change" }
            }
        }
    }
}
