//! A signed-in person looks at a page: who they are, where, and how a page speaks of other people.

use std::collections::{BTreeMap, BTreeSet};

use domain::Action;
use serve::{App, Caller, Problem, Reply, Request, StatusCode};
use store::autonomy;
use store::inbox;
use store::people::workspace::Workspace;
use store::people::{member, workspace};

/// Who looks, and at which workspace.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who.
    pub caller: Caller,
    /// Where.
    pub workspace: Workspace,
    /// How much waits for somebody's decision there.
    pub waits: i64,
}

impl Visit {
    /// Finds out who it is. Nobody: the door.
    pub async fn begin(app: App<'_>, request: &Request) -> Result<Self, Problem> {
        let caller = serve::caller::of(app, request).await?;
        let workspace = workspace::find(app.ports.db, &caller.workspace_id).await?;
        let workspace =
            workspace.ok_or_else(|| Problem::NotFound { what: "workspace", id: caller.workspace_id.clone() })?;
        let waits = inbox::counts(app.ports.db, &workspace.id, &caller.actor).await?.all;
        Ok(Self { caller, workspace, waits })
    }

    /// Whether a button is worth showing.
    pub fn may(&self, action: Action) -> bool {
        self.caller.may(action).is_ok()
    }
}

/// The page.
pub fn html(page: String) -> Reply {
    Reply::html(StatusCode::OK, page)
}

/// Names of those who act.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of everyone who is or was in the workspace, without earned rules.
    pub async fn of(app: App<'_>, workspace_id: &str) -> Result<Self, Problem> {
        Ok(Self(member::names(app.ports.db, workspace_id).await?.into_iter().collect()))
    }

    /// And of the earned rules among these.
    pub async fn with_rules<'a>(
        mut self,
        app: App<'_>,
        workspace_id: &str,
        actors: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Problem> {
        let rules: BTreeSet<&str> = actors.filter(|actor| actor.starts_with("rule:")).collect();
        if !rules.is_empty() {
            let rules: Vec<&str> = rules.into_iter().collect();
            self.0.extend(autonomy::names(app.ports.db, workspace_id, &rules).await?);
        }
        Ok(self)
    }

    /// A person's name, an agent's, or what else it was.
    pub fn name<'a>(&'a self, actor: &'a str) -> &'a str {
        match actor {
            "worker" | "conductor" | "sweep" => "Rondo",
            "operator" => "the operator",
            "policy" => "the standing rule",
            token if token.starts_with("token:") => "a program",
            rule if rule.starts_with("rule:") => self.0.get(rule).map_or("an earned rule", String::as_str),
            "director" => "the director",
            "seo" => "search",
            agent @ ("copywriter" | "editor" | "strategist" | "publisher" | "structure" | "brand" | "compliance"
            | "conversion") => agent,
            other => self.0.get(other).map_or("a former member", String::as_str),
        }
    }
}
