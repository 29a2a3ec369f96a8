//! The picture beside a text: an idea, by the visual designer, in a call of its own after the copywriter's, and, where
//! somebody draws, a picture of it. A text is never lost with its picture: where there is none, the version goes on
//! without one and says why.

use domain::{AgentRole, Content, Drawn, Finding, Image, Severity};
use engine::Outcome;
use models::{Picturing, PreviousImage, tasks};
use ports::Ports;
use store::job::Claimed;
use store::step_input::{GenerateInput, Persona};

use crate::asking::{heeding, put_to};
use crate::choosing::Models;
use crate::drawing::Drawing;

/// A job that has its text waits for a designer whose provider has no room until it was claimed so often.
pub(crate) const CLAIMS_MAX: i64 = 4;
/// Longest reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 300;

/// What becomes of a version's picture.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// It has this one, or none.
    Is(Option<Image>),
    /// It had one that cannot stay, and nobody thinks of another.
    Dropped,
    /// It has this one, which is to be drawn, or drawn again.
    Redrawn(Image),
    /// Its designer is asked. Whoever has the same idea again has the picture that was drawn of it.
    Asked(Persona, Option<PreviousImage>, Option<Drawn>),
}

/// Whether nothing but the picture came back, so that the text stays as it is.
pub(crate) fn text_stands(input: &GenerateInput) -> bool {
    if input.draws_alone {
        return true;
    }
    let Some(previous) = input.previous.as_ref().filter(|_| said(input).is_empty()) else { return false };
    let (picture, text): (Vec<&Finding>, Vec<&Finding>) =
        previous.findings.iter().partition(|finding| finding.is_about_the_picture());
    picture.iter().any(|finding| finding.severity == Severity::Blocker)
        && text.iter().all(|finding| finding.severity == Severity::Minor)
}

fn said(input: &GenerateInput) -> &str {
    input.comment.as_deref().unwrap_or_default().trim()
}

impl Wanted {
    /// What a person wrote without a picture stays without one; a picture in which nobody found anything stays.
    pub(crate) fn of(input: &GenerateInput) -> Self {
        let ask = |previous, drawn| input.designer.clone().map(|designer| Self::Asked(designer, previous, drawn));
        if input.draws_alone {
            let image = input.previous.as_ref().and_then(|previous| previous.content.image.clone());
            return image.map_or(Self::Is(None), Self::Redrawn);
        }
        let Some(previous) = &input.previous else { return ask(None, None).unwrap_or(Self::Is(None)) };
        let Some(image) = &previous.content.image else {
            return if previous.by_a_person { Self::Is(None) } else { ask(None, None).unwrap_or(Self::Is(None)) };
        };
        let is_of_it = |finding: &&Finding| finding.is_about_the_picture() && finding.severity != Severity::Minor;
        let findings: Vec<Finding> = previous.findings.iter().filter(is_of_it).cloned().collect();
        let stays = findings.is_empty() && (said(input).is_empty() || input.designer.is_none());
        if stays {
            return Self::Is(Some(image.clone()));
        }
        let previous = PreviousImage { image: image.undrawn(), findings, comment: said(input).into() };
        ask(Some(previous), image.drawn.clone()).unwrap_or(Self::Dropped)
    }
}

/// Whoever asks for a picture.
pub(crate) struct Asking<'a> {
    pub(crate) models: &'a Models<'a>,
    pub(crate) ports: &'a Ports<'a>,
    pub(crate) job: &'a Claimed,
    pub(crate) lease_ms: i64,
    /// The job must have ended by then, on the monotonic clock.
    pub(crate) deadline_ms: i64,
}

impl Asking<'_> {
    /// The picture, or why there is none. An error: the job comes back, and finds its text in the books.
    pub(crate) async fn picture(
        &self,
        wanted: Wanted,
        picturing: Picturing,
    ) -> Result<(Option<Image>, Option<String>), Outcome> {
        let (designer, previous, drawn) = match wanted {
            Wanted::Is(image) => return Ok((image, None)),
            Wanted::Redrawn(image) => {
                let nobody = "no model for pictures is set up".into();
                return Ok(match self.drawn(&image).await? {
                    Drawing::Is(drawn) => (Some(Image { drawn: Some(drawn), ..image }), None),
                    Drawing::Nobody => (Some(image), Some(nobody)),
                    Drawing::Failed(reason) => (Some(image), Some(cut(&reason))),
                });
            }
            Wanted::Dropped => {
                return Ok((None, Some("the one it had cannot stay, and nobody thinks of another here".into())));
            }
            Wanted::Asked(designer, previous, drawn) => (designer, previous, drawn),
        };
        if self.ports.clock.monotonic_ms() >= self.deadline_ms {
            let reason = "the text is written; its picture comes next".into();
            return Err(Outcome::Wait { reason, after_ms: 0, blocked_until: None });
        }
        let before = previous.as_ref().map(|previous| previous.image.prompt.clone());
        let task = heeding(tasks::picture(Picturing { previous, ..picturing }), &designer);
        let of = (self.job, AgentRole::Visual);
        match put_to::<Image>(self.models, self.ports, of, self.lease_ms, &task).await {
            Ok(told) if drawn.is_some() && before.as_ref() == Some(&told.answer.prompt) => {
                Ok((Some(Image { drawn, ..told.answer }), None))
            }
            Ok(told) => Ok(match self.drawn(&told.answer).await? {
                Drawing::Is(drawn) => (Some(Image { drawn: Some(drawn), ..told.answer }), None),
                Drawing::Nobody => (Some(told.answer), None),
                Drawing::Failed(reason) => (Some(told.answer), Some(cut(&reason))),
            }),
            Err(wait @ Outcome::Wait { .. }) if self.job.fence < CLAIMS_MAX => Err(wait),
            Err(Outcome::Retry { reason, .. } | Outcome::Wait { reason, .. } | Outcome::GiveUp { reason }) => {
                Ok((None, Some(cut(&reason))))
            }
            Err(other) => Err(other),
        }
    }
}

fn cut(reason: &str) -> String {
    reason.chars().take(REASON_CHARS_MAX).collect()
}

/// What the designer is told of the post, the text being written.
pub(crate) fn picturing(writing: &models::Writing, content: &Content) -> Picturing {
    Picturing {
        brief: writing.brief.clone(),
        entry: writing.entry.clone(),
        limits: writing.limits,
        pass: writing.pass,
        content: content.clone(),
        previous: None,
    }
}
