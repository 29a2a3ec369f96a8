//! Who may do what: one table.

use crate::words::words;

words! {
    /// A member's role in a workspace.
    pub enum Role {
        /// Everything, and hands the workspace on.
        Owner = "owner",
        /// Everything but that.
        Admin = "admin",
        /// Writes campaigns and posts.
        Editor = "editor",
        /// Decides.
        Approver = "approver",
        /// Reads.
        Analyst = "analyst",
    }
}

words! {
    /// What a caller wants to do. API tokens are scoped by the same words.
    pub enum Action {
        /// Look at anything in the workspace.
        Read = "read",
        /// Create and change campaigns and posts.
        Write = "write",
        /// Decide on strategies and posts.
        Approve = "approve",
        /// Comment, and say whose turn it is.
        Discuss = "discuss",
        /// Change channels and the workspace; pause everything; switch to performance.
        Administer = "administer",
        /// Invite people, change what they are, take them out.
        ManageMembers = "manage_members",
        /// Make and revoke API tokens.
        ManageTokens = "manage_tokens",
        /// Make and unmake owners.
        Own = "own",
        /// Look after one's own account: password, second factor, sessions, which workspace is open.
        ManageAccount = "manage_account",
    }
}

/// Whether this role may do this: the one table. `Caller::may` is the one that asks it.
pub const fn permission(role: Role, action: Action) -> bool {
    use Role::{Admin, Approver, Editor, Owner};
    match action {
        Action::Read | Action::ManageAccount => true,
        Action::Write => matches!(role, Owner | Admin | Editor),
        Action::Approve => matches!(role, Owner | Admin | Approver),
        Action::Discuss => !matches!(role, Role::Analyst),
        Action::Administer | Action::ManageMembers | Action::ManageTokens => matches!(role, Owner | Admin),
        Action::Own => matches!(role, Owner),
    }
}

impl Role {
    /// Whether this role may do this.
    pub const fn may(self, action: Action) -> bool {
        permission(self, action)
    }

    /// What this role may do, in the table's order.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| permission(self, *action))
    }

    /// Whether this role may do all that the other may: nobody gives away more than they have.
    pub fn covers(self, other: Self) -> bool {
        other.actions().all(|action| permission(self, action))
    }
}

impl Action {
    /// Whether a program may be given it. An account is a person's.
    pub const fn is_for_tokens(self) -> bool {
        !matches!(self, Self::ManageAccount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_may_do_exactly_what_is_written_here() {
        let expect = [
            (Role::Owner, "read write approve discuss administer manage_members manage_tokens own manage_account"),
            (Role::Admin, "read write approve discuss administer manage_members manage_tokens manage_account"),
            (Role::Editor, "read write discuss manage_account"),
            (Role::Approver, "read approve discuss manage_account"),
            (Role::Analyst, "read manage_account"),
        ];
        assert_eq!(expect.map(|(role, _)| role), *Role::ALL);
        for (role, words) in expect {
            let found: Vec<&str> = role.actions().map(Action::as_str).collect();
            assert_eq!(found.join(" "), words, "{role}");
        }
    }

    #[test]
    fn a_role_covers_those_that_may_do_less_and_no_other() {
        assert!(Role::ALL.iter().all(|role| Role::Owner.covers(*role) && role.covers(*role)));
        assert!(!Role::Admin.covers(Role::Owner));
        assert!(Role::Editor.covers(Role::Analyst));
        assert!(!Role::Editor.covers(Role::Approver) && !Role::Approver.covers(Role::Editor));
    }
}
