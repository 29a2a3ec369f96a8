//! A form that was refused: its page once more, with all that was typed and what is wrong with it.

use maud::{Markup, html};
use serve::{Form, Problem, Reply, StatusCode};

use crate::elements::form::Typed;
use crate::notice;

/// What a form's page says when the form comes back.
pub struct Refused {
    /// What was typed, with its complaints.
    pub typed: Typed,
    /// What is wrong with all of it; what is wrong with a field stands there.
    pub said: Markup,
    problem: Problem,
}

impl Refused {
    /// Of what was sent. What is our fault cannot be mended by typing: that problem is given back.
    pub fn of(sent: Form, problem: Problem) -> Result<Self, Problem> {
        if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
            return Err(problem);
        }
        let said = if problem.complaints().is_empty() {
            notice::failed(&problem.to_string())
        } else {
            html! {}
        };
        Ok(Self { typed: Typed::of(sent, &problem), said, problem })
    }

    /// The answer, with the page as it was rendered with these.
    pub fn on(self, page: String) -> Reply {
        self.problem.into_reply_with("text/html; charset=utf-8", page)
    }
}
