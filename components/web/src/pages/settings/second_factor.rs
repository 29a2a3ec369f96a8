//! `/settings/security/second-factor`: enrolling an authenticator app, and turning it off again.

use maud::{Markup, html};
use serve::second_step::{self, Enrolment};
use serve::{Problem, Reply};

use super::{Section, frame, security};
use crate::elements::form::{Field, Secret, Typed, csrf, summary};
use crate::elements::qr;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Begins to enrol: shows the secret, to be typed or photographed.
pub async fn begin(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let enrolment = second_step::enrol(call.app, &visit.caller).await?;
    Ok(page(frame(visit, Section::Security, &html! {}, &enrol(visit, &enrolment, &Typed::default()))).with_secret())
}

fn enrol(visit: &Visit, enrolment: &Enrolment, typed: &Typed) -> Markup {
    // In groups of four it is easier to type.
    let groups: Vec<String> =
        enrolment.secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    html! {
        section.section {
            div.top { h2 { "Turn the second factor on" } }
            (summary(typed, &[("code", "Code")]))
            div.card.enrol {
                div.stack {
                    p { "1. Photograph this with your authenticator app, or type the secret into it." }
                    (qr::picture(&enrolment.uri, "The secret as a picture for your authenticator app"))
                    p { code { (groups.join(" ")) } }
                    p.soft.small { "SHA-1, six digits, every 30 seconds: what every app takes." }
                }
                form.stack method="post" action="/settings/security/second-factor/confirmation" {
                    p { "2. Type the code that the app shows now." }
                    (csrf(&visit.caller))
                    (Field::secret(Secret::Code).show(typed))
                    div.acts { button.button.main-act type="submit" { "Turn it on" } a.button href="/settings/security" { "Not now" } }
                }
            }
        }
    }
}

/// Turns it on and shows the recovery codes, once.
pub async fn confirm(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    match second_step::confirm(call.app, &visit.caller, sent.get("code").unwrap_or_default()).await {
        Ok(codes) => Ok(page(frame(visit, Section::Security, &html! {}, &recovery(&codes))).with_secret()),
        Err(problem @ (Problem::Invalid(_) | Problem::RateLimited { .. })) => {
            let Some(enrolment) = second_step::begun(call.app, &visit.caller).await? else { return Err(problem) };
            let complaints = match &problem {
                Problem::Invalid(complaints) => complaints.clone(),
                other => Problem::invalid("code", other.to_string()).complaints().to_vec(),
            };
            let again = enrol(visit, &enrolment, &Typed::with(sent, &complaints));
            let again = frame(visit, Section::Security, &html! {}, &again);
            Ok(problem.into_reply_with("text/html; charset=utf-8", again).with_secret())
        }
        Err(other) => Err(other),
    }
}

fn recovery(codes: &[String]) -> Markup {
    html! {
        section.section {
            div.notice.good role="status" { p { "The second factor is on." } }
            div.top { h2 { "Your recovery codes" } }
            div.card.stack {
                p { "Each stands in for a code once, when your device is lost. Print them or put them where you keep passwords: they are shown this once." }
                pre.codes #recovery-codes { (codes.join("\n")) }
                div.row { copy-button for="recovery-codes" {} a.button.main-act href="/settings/security" { "I have kept them" } }
            }
        }
    }
}

/// Turns it off.
pub async fn remove(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    match second_step::turn_off(call.app, &visit.caller, sent.get("off_password").unwrap_or_default()).await {
        Ok(()) => Ok(Reply::see_other("/settings/security?done=second-factor-off")),
        Err(problem @ Problem::Invalid(_)) => {
            let here = Problem::invalid("off_password", "is not your present password");
            let typed = Typed::with(sent, here.complaints());
            let again = security::render(call, visit, &html! {}, &typed).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}
