//! A text that somebody else wrote: what it states is shown with the line that it stands in and where that comes from,
//! and a person takes over what is right, one by one. Nothing of it goes anywhere by itself.

use domain::BrandBook;
use domain::source::{FactKind, Source, TypedFact, by_rules};
use maud::{Markup, html};
use serve::{Form, Problem};

use crate::elements::form::csrf;
use crate::visit::Visit;

/// Whether the text is said to be somebody else's.
pub fn is_copied(sent: &Form) -> bool {
    sent.get("copied_from").is_some_and(|from| !from.trim().is_empty())
}

/// What the text states, and how much was left out for not standing in it or leading elsewhere.
pub fn read(sent: &Form) -> Result<(Vec<TypedFact>, usize), Problem> {
    let text = |field: &str| sent.get(field).unwrap_or_default();
    let source = Source::copied(text("copied_from"), text("pasted"))
        .map_err(|complaint| Problem::invalid("pasted", complaint))?;
    Ok(source.standing(by_rules(&source)))
}

/// The brand with what was ticked.
pub fn with_taken(mut book: BrandBook, facts: &[TypedFact], sent: &Form) -> BrandBook {
    let ticked = sent.all("take");
    for (at, fact) in facts.iter().enumerate() {
        if ticked.contains(&at.to_string().as_str()) {
            book.take_over(fact);
        }
    }
    book
}

/// What a kind is called.
fn kind(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Name => "Name",
        FactKind::Price => "Price",
        FactKind::Hours => "Hours",
        FactKind::Date => "Date",
        FactKind::Address => "Address",
        FactKind::Claim => "Claim",
        FactKind::Url => "Web address",
    }
}

/// What somebody chooses of.
pub struct Choice<'a> {
    /// What the form says of where the text is.
    pub hidden: Vec<(&'a str, &'a str)>,
    /// What the text states.
    pub facts: &'a [TypedFact],
    /// How much of it cannot be taken over.
    pub left_out: usize,
    /// Whether a model may read it as well.
    pub offered: bool,
}

/// The facts, each with a box that nobody has ticked.
pub fn choose(visit: &Visit, choice: &Choice<'_>) -> Markup {
    let Choice { hidden, facts, left_out, offered } = choice;
    html! {
        form.fields method="post" action="/brand/reading" enctype="multipart/form-data" {
            (csrf(&visit.caller))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            @if facts.is_empty() {
                p.card { "Plain rules find no name, price, hours, date or address in it." }
            } @else {
                fieldset.field {
                    legend { "What the text states" }
                    ul.stack role="list" {
                        @for (at, fact) in facts.iter().enumerate() {
                            li.card.flat {
                                label.check { input type="checkbox" name="take" value=(at); span { (kind(fact.kind)) ": " b { (fact.value) } } }
                                p.soft.small { (fact.source) ": " q { (fact.quote) } }
                            }
                        }
                    }
                }
            }
            @if *left_out > 0 {
                p.soft.small { (left_out) @if *left_out == 1 { " more leads" } @else { " more lead" } " elsewhere, or does not stand in it, and cannot be taken over." }
            }
            div.acts {
                button.button.main-act type="submit" name="act" value="take" { @if facts.is_empty() { "Go on without it" } @else { "Take over what is ticked" } }
                @if *offered { button.button type="submit" name="act" value="model" { "Read by a model" } }
                a.button href="/brand/edit?from=text" { "Another text" }
            }
            @if *offered { p.soft.small { "A model without tools reads the whole text and says what it states; only what stands in it, word for word, is shown, and still nothing is taken over but what you tick. The text goes to whoever runs the model." } }
        }
    }
}
