//! The rehearsal model plays whole campaigns: every rule that a stranger's post must keep, over many briefs.

mod support;

use domain::Verdict;
use support::{briefs, play};

#[test]
fn print_posts() {
    for (name, brief) in briefs() {
        println!("######## {name}");
        for post in play(&brief, "01JX") {
            println!("==== slot {} [{}] {} | {} | passes {}", post.entry.slot, post.content.language, post.entry.pillar, post.entry.angle, post.versions.len());
            for (content, review) in &post.versions {
                if review.verdict != Verdict::Approve { println!("   -- sent back: {:?} {:?}\n   {}\n{}\n   ---", review.scores, review.findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), content.title, content.text); }
            }
            println!("# {}\n{}\n   {:?}\n", post.content.title, post.content.text, post.versions.last().unwrap().1.scores);
        }
    }
}
