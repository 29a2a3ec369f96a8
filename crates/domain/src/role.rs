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
    /// What a caller wants to do.
    pub enum Action {
        /// Look at anything in the workspace.
        Read = "read",
        /// Create and change campaigns and posts.
        Write = "write",
        /// Decide on strategies and posts.
        Approve = "approve",
        /// Comment, and say whose turn it is.
        Discuss = "discuss",
        /// Change channels, members, tokens; pause everything; switch to performance.
        Administer = "administer",
    }
}

impl Role {
    /// Whether this role may do this.
    pub fn may(self, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::Write => matches!(self, Self::Owner | Self::Admin | Self::Editor),
            Action::Approve => matches!(self, Self::Owner | Self::Admin | Self::Approver),
            Action::Discuss => !matches!(self, Self::Analyst),
            Action::Administer => matches!(self, Self::Owner | Self::Admin),
        }
    }
}
