//! What has just been done, told once after the form that did it. The address holds a word of ours, never a text.

use maud::{Markup, html};
use serve::Request;

/// The notice for `?done=…`, if it is a word that we know.
pub fn done(request: &Request) -> Markup {
    let number = |name| request.query(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let text = match request.query("done") {
        Some("created") => "Created. The strategist is at work; the plan appears here as soon as it is ready.".into(),
        Some("plan-approved") => "The plan is approved. The posts are being written.".into(),
        Some("plan-sent-back") => "The plan was sent back with your comment.".into(),
        Some("approved") => "Approved: exactly these words, for this channel and time.".into(),
        Some("approved-all") => match (number("count"), number("skipped")) {
            (1, 0) => "1 post is approved.".into(),
            (count, 0) => format!("{count} posts are approved."),
            (count, skipped) => {
                format!(
                    "{count} approved. {skipped} had changed since you looked, or can no longer be approved; they wait for you below."
                )
            }
        },
        Some("sent-back") => "Sent back with your comment. An approval that it had is void; a new version is written, reviewed, and waits for approval.".into(),
        Some("rejected") => "Rejected. It will not go out.".into(),
        Some("edited") => "Your version is in review. It waits for approval once it has passed.".into(),
        Some("held") => "Held: it stays here until somebody releases it.".into(),
        Some("released") => "Released.".into(),
        Some("rescheduled") => "Moved. Another time needs another approval.".into(),
        Some("next-slot") => "Moved to the next free slot of its channel. Another time needs another approval.".into(),
        Some("slots-added") => match (number("count"), number("skipped")) {
            (1, 0) => "The slot is added. Plans and posts find it from now on.".into(),
            (count, 0) => format!("{count} slots are added. Plans and posts find them from now on."),
            (count, skipped) => format!("{count} added; {skipped} were there already."),
        },
        Some("slot-rests") => "It rests: nothing more is put there. What is planned for it stays.".into(),
        Some("slot-counts") => "It counts again.".into(),
        Some("slot-removed") => "The slot is gone. What is planned for it stays.".into(),
        Some("paused") => "Paused: nothing of this campaign goes out.".into(),
        Some("resumed") => "It goes on.".into(),
        Some("cancelled") => "Cancelled. What was published stays published.".into(),
        Some("live") => "Noted: it is live.".into(),
        Some("again") => "It will be sent again at its time.".into(),
        Some("retried") => "It is being tried again.".into(),
        Some("post-added") => "Added. It is reviewed, and waits for approval, like any other.".into(),
        Some("archived") => "Put away. Nothing of it runs.".into(),
        Some("unarchived") => "It is back, and paused until you let it go on.".into(),
        Some("template-saved") => "The template is saved.".into(),
        Some("template-deleted") => "The template is deleted.".into(),
        Some("imported") => format!("Imported: {} posts.", number("count")),
        Some("imported-before") => "This file was imported before. Nothing was changed.".into(),
        Some("brand-saved") => "The brand is saved. New campaigns begin with it.".into(),
        Some("budget") => "The budget is changed.".into(),
        Some("rehearsal") => "In rehearsal: nothing of a performance goes out.".into(),
        Some("performance") => "The performance has begun: what you approved goes out at its time.".into(),
        Some("agent-paused") => "Paused: its jobs wait, and none is lost. What has a time may miss it.".into(),
        Some("agent-resumed") => "It goes on.".into(),
        Some("agent-changed") => "Saved. It holds from its next job on.".into(),
        Some("told-copywriter") => {
            "Told. The post goes back with your words and is written again; an approval that it had is void.".into()
        }
        Some("told-strategist") => "Told. The plan goes back with your words, and a new one is made.".into(),
        Some("agent-woken") => "Woken: what waited for another attempt has it now.".into(),
        Some("connected") => "Connected. Briefs can name it now; try it, to see whether it works.".into(),
        Some("channel-paused") => "Paused: nothing goes out on this channel.".into(),
        Some("channel-resumed") => "It goes on: what waited for this channel is sent when its time is right.".into(),
        Some("channel-renamed") => "Renamed.".into(),
        Some("channel-check") => "The publisher is asked to try it. Nothing is published by that.".into(),
        Some("provider-connected") => "Connected. Try it, to see whether it answers; from now on it is asked in its turn.".into(),
        Some("provider-changed") => "Saved. It holds from the next call on.".into(),
        Some("provider-paused") => "Paused: nobody asks it.".into(),
        Some("provider-resumed") => "It answers again, in its turn.".into(),
        Some("provider-check") => "The strategist is asked to try it, by the smallest question there is.".into(),
        Some("provider-removed") => "Disconnected, and its key is forgotten.".into(),
        Some("picture-wanted") => "The picture is being drawn. The post comes back to review with it.".into(),
        Some("picture-removed") => "The picture is out; its idea stays, in words. The new version is reviewed.".into(),
        Some("provider-priced") => "The price is set. It counts from now on.".into(),
        Some("revoked") => "The token is revoked, and those that were made with it.".into(),
        Some("renamed") => "The workspace has its new name.".into(),
        Some("workspace") => "Here is your new workspace. Nobody else is in it yet.".into(),
        Some("role") => "The role is changed. It holds at once.".into(),
        Some("removed") => "They are out: signed out here, their tokens and invitations ended.".into(),
        Some("owner") => "The workspace has its new owner. You are an admin now.".into(),
        Some("uninvited") => "The invitation is taken back. Its link no longer works.".into(),
        Some("password") => "The password is changed. You were signed out everywhere else.".into(),
        Some("session") => "That browser is signed out.".into(),
        Some("sessions") => "You are signed out everywhere else.".into(),
        Some("second-factor-off") => "The second factor is off.".into(),
        Some("sign-in-connected") => "Connected. You can sign in there from now on.".into(),
        Some("sign-in-disconnected") => "Disconnected.".into(),
        Some("commented") => "Said. Whoever you mentioned is told.".into(),
        Some("assigned") => "Noted whose turn it is.".into(),
        Some("dropped") => "Dropped. It will not go out.".into(),
        Some("forgotten") => "Forgotten, words and all. No agent is reminded of it again.".into(),
        Some("learning-made") => "Written down. It is tried before anybody is told it.".into(),
        Some("learning-changed") => "Saved. What was said of the old words does not hold for these: its evidence begins anew.".into(),
        Some("learning-adopted") => "Adopted by hand: the copywriter is told it from the next post on, and it is tried on.".into(),
        Some("learning-retired") => "Retired: nobody is told it, and it is not tried.".into(),
        Some("learning-again") => "It is tried from the beginning.".into(),
        Some("learning-limits") => "The limits are changed.".into(),
        Some("rules") => "The rules of review are changed. They hold for every review that begins now.".into(),
        Some("autonomy") => "Saved. It holds from now on.".into(),
        Some("rule-stands") => "The rule stands. The first fault ends it.".into(),
        Some("rule-ended") => "The rule has ended. What it approved and has not gone out waits for a person again.".into(),
        Some("policy") => "The policy is changed. What was approved under the old one waits again.".into(),
        _ => return html! {},
    };
    let text: String = text;
    html! { div.notice.good role="status" { p { (text) } } }
}

/// Something that could not be done.
pub fn failed(text: &str) -> Markup {
    html! { div.notice.bad role="alert" { p { (crate::pages::sign_in::sentence(text)) } } }
}
