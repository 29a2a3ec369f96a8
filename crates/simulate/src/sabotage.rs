//! Takes a protection out of the real statements, so that the rules can show that they would notice.

use crate::world_ports::Sabotage;

/// A protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Protection {
    /// Results and arming count whoever holds the job.
    Fence,
    /// Nothing is written before the wire; an expired lease is simply run again.
    Arm,
    /// Unknown outcomes are looked up at once, and one look is enough.
    Quiet,
    /// Arming does not ask for an approval.
    Approval,
    /// Arming does not ask whether the workspace is in rehearsal.
    Mode,
    /// The first approval schedules a post, however many its policy asks for, and arming does not count them.
    Policy,
    /// A fault ends no rule that was earned: it goes on approving.
    Autonomy,
    /// A rule that was earned approves as many a day as there are.
    Cap,
}

impl Protection {
    /// What is cut out of the statements.
    pub fn cuts(self) -> &'static [Sabotage] {
        match self {
            Self::Fence => &[
                Sabotage { from: "and j.fence = f.value ->> 'fence' and j.state in", to: "and j.state in" },
                Sabotage { from: "and fence = ?4 and state = 'leased'", to: "and ?4 > 0 and state = 'leased'" },
            ],
            Self::Arm => &[Sabotage { from: "set state = 'armed', armed_at", to: "set state = 'leased', armed_at" }],
            Self::Quiet => &[
                Sabotage { from: "+ max(?5, ?6),", to: "+ min(?5, ?6, 0)," },
                Sabotage { from: "when 'unknown' then max(", to: "when 'unknown' then min(" },
            ],
            Self::Approval => {
                &[Sabotage { from: "a.decision = 'approve' and a.revoked_at is null", to: "1 = 1 or 1 = 1" }]
            }
            Self::Mode => &[Sabotage {
                from: "c.id = job.campaign_id and c.mode = 'performance' and w.mode = 'rehearsal')",
                to: "c.id = job.campaign_id and c.mode = 'performance' and w.mode = 'never')",
            }],
            Self::Policy => &[Sabotage { from: "from approved_post ok where", to: "from approval ok where" }],
            Self::Autonomy => &[],
            Self::Cap => &[Sabotage {
                from: "< r.cap_per_day\n        order by p.due_at",
                to: "< 99\n        order by p.due_at",
            }],
        }
    }

    /// What is cut out of triggers that hold the same rule; an empty text takes the whole trigger out.
    pub fn trigger_cuts(self) -> &'static [(&'static str, Sabotage)] {
        match self {
            Self::Fence => &[("outcome_is_fenced", Sabotage { from: "", to: "" })],
            // An edit takes the job away as well: the check at arming is the second lock on the same door.
            Self::Approval => {
                &[("version_goes_to_review", Sabotage { from: "step in ('publish', 'review')", to: "step = 'review'" })]
            }
            Self::Policy => &[(
                "approval_takes_effect",
                Sabotage { from: "from approved_post a where", to: "from approval a where" },
            )],
            Self::Autonomy => &[("fault_ends_the_rule", Sabotage { from: "", to: "" })],
            Self::Cap => {
                &[("rule_approves_within_its_bounds", Sabotage { from: "< r.cap_per_day", to: "< r.cap_per_day + 99" })]
            }
            Self::Arm | Self::Quiet | Self::Mode => &[],
        }
    }
}
