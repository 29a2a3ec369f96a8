//! The route table: every path with its methods, who may use them, what they take and what they answer. Requests
//! are routed by it and the OpenAPI document is built from it, so neither can know what the other does not.

use std::future::Future;
use std::pin::Pin;

use domain::Action;
use serve::{App, Problem, Reply, Request};

use crate::call::Call;
use crate::{
    account, agents, approvals, autonomy, brand, campaigns, channels, comments, conductor, consistency, costs, events,
    exports, health, imports, jobs, learnings, members, memory, openapi, pictures, policies, posts, providers,
    review_rules, runs, seals, setup, strategies, templates, tokens, versions, weekly_slots, workspace,
};

/// A path.
pub struct Resource {
    /// Under `/api/v1`; a `{name}` stands for one segment.
    pub path: &'static str,
    /// Its methods, as the header `Allow` lists them.
    pub allow: &'static str,
    /// One a method.
    pub operations: &'static [Operation],
}

/// What one method of a path does.
pub struct Operation {
    /// `GET` …; HEAD goes with GET.
    pub method: &'static str,
    /// In one sentence.
    pub summary: &'static str,
    /// What answers, and for whom.
    pub run: Run,
    /// What the query may hold.
    pub query: &'static [&'static str],
    /// The schema of the body, if it takes one.
    pub body: Option<&'static str>,
    /// Whether it must be told which revision it changes, by `If-Match`.
    pub if_match: bool,
    /// The status of success.
    pub status: u16,
    /// The schema of the answer; none where it has no JSON body.
    pub answer: Option<&'static str>,
}

/// Something that answers, later.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + 'a>>;

/// What answers, and for whom.
#[derive(Clone, Copy)]
pub enum Run {
    /// For everybody.
    Open(for<'a> fn(App<'a>, &'a Request) -> Answer<'a>),
    /// For members who may do this.
    Member(Action, for<'a> fn(Call<'a>) -> Answer<'a>),
}

const PAGE: &[&str] = &["cursor", "limit"];
/// What history can be searched by.
const HISTORY: &[&str] = &["actor", "campaign", "from", "jobs", "kind", "post", "to"];

impl Operation {
    const fn new(method: &'static str, summary: &'static str, answer: &'static str, run: Run) -> Self {
        Self { method, summary, run, query: &[], body: None, if_match: false, status: 200, answer: Some(answer) }
    }

    const fn taking(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    const fn query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    const fn paged(self) -> Self {
        self.query(PAGE)
    }

    const fn if_match(self) -> Self {
        Self { if_match: true, ..self }
    }

    const fn created(self) -> Self {
        Self { status: 201, ..self }
    }

    const fn accepted(self) -> Self {
        Self { status: 202, ..self }
    }

    const fn no_content(self) -> Self {
        Self { status: 204, answer: None, ..self }
    }

    const fn stream(self) -> Self {
        Self { answer: None, ..self }
    }
}

/// A member's operation, whose handler is an async function of a [`Call`].
macro_rules! member {
    ($method:literal $action:ident $handler:path, $summary:literal, $answer:literal) => {
        Operation::new($method, $summary, $answer, Run::Member(Action::$action, |call| Box::pin($handler(call))))
    };
}

/// Everybody's operation.
macro_rules! open {
    ($method:literal $handler:path, $summary:literal, $answer:literal) => {
        Operation::new($method, $summary, $answer, Run::Open(|app, request| Box::pin($handler(app, request))))
    };
}

/// All that the API can do.
pub static RESOURCES: &[Resource] = &[
    Resource { path: "/health", allow: "GET", operations: &[
        open!("GET" health::show, "How the install is", "Health"),
    ] },
    Resource { path: "/openapi.json", allow: "GET", operations: &[
        open!("GET" openapi::show, "This document", "OpenApi"),
    ] },
    Resource { path: "/setup", allow: "POST", operations: &[
        open!("POST" setup::claim, "Claim a fresh install, once", "Claimed").taking("Claim").created(),
    ] },
    Resource { path: "/me", allow: "GET", operations: &[
        member!("GET" Read workspace::me, "Who calls, and where", "Me"),
    ] },
    Resource { path: "/me/workspaces", allow: "GET, POST", operations: &[
        member!("GET" ManageAccount account::belongs_to, "Workspaces that the person belongs to, by name", "MembershipList"),
        member!("POST" Administer account::make_workspace, "Make another workspace, as its owner", "Membership")
            .taking("NewWorkspace").created(),
    ] },
    Resource { path: "/me/workspace", allow: "PUT", operations: &[
        member!("PUT" ManageAccount account::enter, "Move the session to another workspace", "Membership")
            .taking("Enter").no_content(),
    ] },
    Resource { path: "/me/membership", allow: "DELETE", operations: &[
        member!("DELETE" ManageAccount account::leave, "Leave the workspace", "Membership").no_content(),
    ] },
    Resource { path: "/me/memberships", allow: "POST", operations: &[
        member!("POST" ManageAccount account::accept, "Accept an invitation; the session moves to its workspace", "Membership")
            .taking("AcceptedInvitation").created(),
    ] },
    Resource { path: "/me/identity", allow: "DELETE", operations: &[
        member!("DELETE" ManageAccount account::disconnect, "No longer sign in by the OpenID Connect provider", "Membership").no_content(),
    ] },
    Resource { path: "/me/sessions", allow: "GET, DELETE", operations: &[
        member!("GET" ManageAccount account::sessions, "Where the person is signed in", "SessionList"),
        member!("DELETE" ManageAccount account::end_others, "Sign out everywhere else", "SessionList").no_content(),
    ] },
    Resource { path: "/me/sessions/{id}", allow: "DELETE", operations: &[
        member!("DELETE" ManageAccount account::end, "Sign one browser out", "SessionList").no_content(),
    ] },
    Resource { path: "/me/password", allow: "PUT", operations: &[
        member!("PUT" ManageAccount account::change_password, "Change the password, and sign out everywhere else", "SessionList")
            .taking("NewPassword").no_content(),
    ] },
    Resource { path: "/me/second-factor", allow: "POST, PUT, DELETE", operations: &[
        member!("POST" ManageAccount account::enrol, "Begin to enrol an authenticator app; its secret is shown once", "Enrolment").created(),
        member!("PUT" ManageAccount account::confirm, "Turn the second factor on by a code", "RecoveryCodes").taking("Code"),
        member!("DELETE" ManageAccount account::turn_off, "Turn the second factor off", "SessionList").taking("Password").no_content(),
    ] },
    Resource { path: "/workspace", allow: "GET, PATCH", operations: &[
        member!("GET" Read workspace::show, "The workspace", "Workspace"),
        member!("PATCH" Administer workspace::rename, "Give the workspace another name", "Workspace").taking("WorkspaceName").if_match(),
    ] },
    Resource { path: "/workspace/owner", allow: "PUT", operations: &[
        member!("PUT" Own members::hand_over, "Hand the workspace on, and become admin", "MemberList").taking("NewOwner"),
    ] },
    Resource { path: "/members", allow: "GET", operations: &[
        member!("GET" Read members::list, "Members, the longest-serving first", "MemberList").paged(),
    ] },
    Resource { path: "/members/{id}", allow: "GET, DELETE", operations: &[
        member!("GET" Read members::show, "A member", "Member"),
        member!("DELETE" ManageMembers members::remove, "Take a member out", "Member").no_content(),
    ] },
    Resource { path: "/members/{id}/role", allow: "PUT", operations: &[
        member!("PUT" ManageMembers members::set_role, "Give a member another role", "Member").taking("NewRole"),
    ] },
    Resource { path: "/invitations", allow: "GET, POST", operations: &[
        member!("GET" ManageMembers members::invitations, "Invitations, the newest first", "InvitationList").paged(),
        member!("POST" ManageMembers members::invite, "Invite somebody by a one-time link, which is shown once", "NewInvitationLink")
            .taking("NewInvitation").created(),
    ] },
    Resource { path: "/invitations/{id}", allow: "DELETE", operations: &[
        member!("DELETE" ManageMembers members::revoke_invitation, "Take an invitation back", "Invitation").no_content(),
    ] },
    Resource { path: "/password-resets", allow: "POST", operations: &[
        member!("POST" ManageMembers members::reset, "Make a one-time link to choose a new password, which is shown once", "PasswordResetLink")
            .taking("NewPasswordReset").created(),
    ] },
    Resource { path: "/workspace/mode", allow: "PUT", operations: &[
        member!("PUT" Administer workspace::switch, "Switch between rehearsal and performance", "Workspace").taking("WorkspaceMode"),
    ] },
    Resource { path: "/workspace/pause", allow: "PUT, DELETE", operations: &[
        member!("PUT" Administer workspace::pause, "Stop everything before it leaves", "Workspace"),
        member!("DELETE" Administer workspace::resume, "Let everything go on", "Workspace"),
    ] },
    Resource { path: "/workspace/timeline", allow: "GET", operations: &[
        member!("GET" Read conductor::timeline, "What was due last and what is due next, in all campaigns or in one", "Timeline").query(&["campaign"]),
    ] },
    Resource { path: "/workspace/figures", allow: "GET", operations: &[
        member!("GET" Read conductor::figures, "What came of it, over the last thirty days", "Figures"),
    ] },
    Resource { path: "/workspace/alerts", allow: "GET", operations: &[
        member!("GET" Read conductor::alerts, "All that needs a person", "AlertList"),
    ] },
    Resource { path: "/agents", allow: "GET", operations: &[
        member!("GET" Read agents::list, "The agents, and how they stand", "AgentList"),
    ] },
    Resource { path: "/agents/{id}", allow: "GET, PATCH", operations: &[
        member!("GET" Read agents::show, "An agent, and how it stands", "Agent"),
        member!("PATCH" Administer agents::change, "Change who an agent is and what it does without asking", "Agent")
            .taking("AgentChange").if_match(),
    ] },
    Resource { path: "/agents/{id}/pause", allow: "PUT, DELETE", operations: &[
        member!("PUT" Administer agents::pause, "Let an agent's step rest; its jobs wait", "Agent"),
        member!("DELETE" Administer agents::resume, "Let an agent go on", "Agent"),
    ] },
    Resource { path: "/agents/{id}/wake", allow: "POST", operations: &[
        member!("POST" Write agents::wake, "Let an agent's next attempt be now; what goes out keeps its time", "Agent"),
    ] },
    Resource { path: "/agents/{id}/queue", allow: "GET", operations: &[
        member!("GET" Read agents::queue, "What waits for an agent, the next first", "TaskQueue"),
    ] },
    Resource { path: "/agents/{id}/jobs", allow: "GET", operations: &[
        member!("GET" Read agents::jobs, "What an agent did, the newest first", "TaskList").paged(),
    ] },
    Resource { path: "/agents/{id}/commands", allow: "GET, POST", operations: &[
        member!("GET" Read agents::commands, "What an agent was told, the newest first", "CommandList").paged(),
        member!("POST" Approve agents::command, "Tell the copywriter to write a post again, or the strategist to plan again", "Command")
            .taking("NewCommand").created(),
    ] },
    Resource { path: "/tokens", allow: "GET, POST", operations: &[
        member!("GET" ManageTokens tokens::list, "API tokens, the newest first", "TokenList").paged(),
        member!("POST" ManageTokens tokens::create, "Make an API token; its secret is shown once", "NewTokenSecret")
            .taking("NewToken").created(),
    ] },
    Resource { path: "/tokens/{id}", allow: "DELETE", operations: &[
        member!("DELETE" ManageTokens tokens::revoke, "End an API token for good", "Token").no_content(),
    ] },
    Resource { path: "/channels", allow: "GET, POST", operations: &[
        member!("GET" Read channels::list, "Channels, by name", "ChannelList").paged(),
        member!("POST" Administer channels::create, "Connect a channel", "Channel").taking("NewChannel").created(),
    ] },
    Resource { path: "/channels/{id}", allow: "GET, PATCH", operations: &[
        member!("GET" Read channels::show, "A channel: whether it works, and what went wrong last", "Channel"),
        member!("PATCH" Administer channels::change, "Rename a channel, pause it, or let it go on", "Channel")
            .taking("ChannelChange").if_match(),
    ] },
    Resource { path: "/channels/{id}/slots", allow: "GET, POST", operations: &[
        member!("GET" Read weekly_slots::list, "A channel's weekly slots, through the week", "WeeklySlotList"),
        member!("POST" Write weekly_slots::create, "Add a weekly slot to a channel", "WeeklySlot").taking("NewWeeklySlot").created(),
    ] },
    Resource { path: "/channels/{id}/slots/{slot}", allow: "GET, PATCH, DELETE", operations: &[
        member!("GET" Read weekly_slots::show, "A weekly slot", "WeeklySlot"),
        member!("PATCH" Write weekly_slots::change, "Let a weekly slot rest, or count again", "WeeklySlot")
            .taking("WeeklySlotChange").if_match(),
        member!("DELETE" Write weekly_slots::remove, "Take a weekly slot away; posts that hold it keep their time", "WeeklySlot")
            .no_content(),
    ] },
    Resource { path: "/channels/{id}/free-slots", allow: "GET", operations: &[
        member!("GET" Read weekly_slots::free, "The slots of a channel in a window of time that no post holds, by time", "FreeSlotList")
            .query(&["from", "until"]),
    ] },
    Resource { path: "/channels/{id}/check", allow: "PUT", operations: &[
        member!("PUT" Administer channels::check, "Try whether a channel works; nothing is published", "Channel"),
    ] },
    Resource { path: "/providers", allow: "GET, POST", operations: &[
        member!("GET" Read providers::list, "Providers of models, in their turn", "ProviderList"),
        member!("POST" Administer providers::create, "Connect a provider of models; its key is sealed and never told again", "Provider")
            .taking("NewProvider").created(),
    ] },
    Resource { path: "/providers/{id}", allow: "GET, PATCH, DELETE", operations: &[
        member!("GET" Read providers::show, "A provider of models, without its key", "Provider"),
        member!("PATCH" Administer providers::change, "Change a provider, replace its key, pause it", "Provider")
            .taking("ProviderChange").if_match(),
        member!("DELETE" Administer providers::remove, "Disconnect a provider, and forget its key", "Provider").no_content(),
    ] },
    Resource { path: "/providers/{id}/check", allow: "PUT", operations: &[
        member!("PUT" Administer providers::check, "Try whether a provider answers, by the smallest question there is", "Provider"),
    ] },
    Resource { path: "/providers/{id}/prices", allow: "GET, POST", operations: &[
        member!("GET" Read providers::prices, "What a provider's models cost, by model, the newest first", "PriceList"),
        member!("POST" Administer providers::set_price, "Set what a model costs from a time on", "PriceList")
            .taking("NewPrice").created(),
    ] },
    Resource { path: "/campaigns", allow: "GET, POST", operations: &[
        member!("GET" Read campaigns::list, "Campaigns, the newest first", "CampaignList")
            .query(&["archived", "cursor", "limit"]),
        member!("POST" Write campaigns::create, "Begin a campaign", "Campaign").taking("NewCampaign").created(),
    ] },
    Resource { path: "/campaigns/{id}", allow: "GET, PATCH", operations: &[
        member!("GET" Read campaigns::show, "A campaign", "Campaign"),
        member!("PATCH" Write campaigns::change, "Rename, pause, resume, or give it another budget or mode", "Campaign")
            .taking("CampaignChange").if_match(),
    ] },
    Resource { path: "/campaigns/{id}/cancellation", allow: "PUT", operations: &[
        member!("PUT" Write campaigns::cancel, "Cancel a campaign and what has not left yet", "Campaign"),
    ] },
    Resource { path: "/campaigns/{id}/archive", allow: "PUT, DELETE", operations: &[
        member!("PUT" Write campaigns::archive, "Put a campaign away: lists leave it out, and nothing of it runs", "Campaign"),
        member!("DELETE" Write campaigns::unarchive, "Take a campaign back; it stays paused", "Campaign"),
    ] },
    Resource { path: "/campaigns/{id}/copies", allow: "POST", operations: &[
        member!("POST" Write campaigns::copy, "Begin another campaign with the same brief, from another day on", "Campaign")
            .taking("NewCopy").created(),
    ] },
    Resource { path: "/campaigns/{id}/strategies", allow: "GET", operations: &[
        member!("GET" Read strategies::list, "A campaign's strategies, the newest first", "StrategyList").paged(),
    ] },
    Resource { path: "/campaigns/{id}/strategies/{version}", allow: "GET", operations: &[
        member!("GET" Read strategies::show, "One version of a strategy", "Strategy"),
    ] },
    Resource { path: "/campaigns/{id}/strategies/{version}/decision", allow: "PUT", operations: &[
        member!("PUT" Approve strategies::decide, "Approve a strategy, or send it back", "Strategy").taking("StrategyDecision"),
    ] },
    Resource { path: "/campaigns/{id}/posts", allow: "GET, POST", operations: &[
        member!("GET" Read posts::list, "A campaign's posts, by slot", "PostList").paged(),
        member!("POST" Write posts::create, "Add a post: by hand, from a template, for the copywriter, or for another channel", "PostDetail")
            .taking("NewPost").created(),
    ] },
    Resource { path: "/campaigns/{id}/consistency", allow: "GET", operations: &[
        member!("GET" Read consistency::show, "In what a campaign's posts disagree, and which say the same", "Consistency"),
    ] },
    Resource { path: "/campaigns/{id}/runs", allow: "GET", operations: &[
        member!("GET" Read runs::list, "A campaign's runs, by round", "RunList").paged(),
    ] },
    Resource { path: "/campaigns/{id}/costs", allow: "GET", operations: &[
        member!("GET" Read costs::show, "What a campaign cost, by step and by post", "Costs"),
    ] },
    Resource { path: "/posts/{id}", allow: "GET, PATCH", operations: &[
        member!("GET" Read posts::show, "A post with its reviews and approvals", "PostDetail"),
        member!("PATCH" Write posts::change, "Give a post another time, hold it back, or let it go", "PostDetail")
            .taking("PostChange").if_match(),
    ] },
    Resource { path: "/posts/{id}/versions", allow: "GET, POST", operations: &[
        member!("GET" Read versions::list, "A post's versions, the newest first", "VersionList").paged(),
        member!("POST" Write versions::create, "Edit a post: write the next version", "Version").taking("NewVersion").created(),
    ] },
    Resource { path: "/posts/{id}/versions/{version}", allow: "GET", operations: &[
        member!("GET" Read versions::show, "One version of a post", "Version"),
    ] },
    Resource { path: "/posts/{id}/drawings", allow: "POST", operations: &[
        member!("POST" Write pictures::draw, "Have a version's idea drawn, or drawn again; the next version has the picture", "PostDetail")
            .taking("NewDrawing").accepted(),
    ] },
    Resource { path: "/pictures/{sha256}", allow: "GET", operations: &[
        member!("GET" Read pictures::show, "A picture's bytes: PNG, JPEG or WebP", "PostDetail").stream(),
    ] },
    Resource { path: "/posts/{id}/reviews", allow: "GET", operations: &[
        member!("GET" Read posts::reviews, "A post's reviews, the newest version first", "ReviewList").paged(),
    ] },
    Resource { path: "/posts/{id}/approvals", allow: "GET, POST", operations: &[
        member!("GET" Read approvals::list, "What was decided on a post, the newest first", "ApprovalList").paged(),
        member!("POST" Approve approvals::create, "Approve a version, send it back, or drop the post", "Approval")
            .taking("NewApproval").created(),
    ] },
    Resource { path: "/posts/{id}/comments", allow: "GET, POST", operations: &[
        member!("GET" Read comments::list, "What was said about a post, the oldest first", "CommentList").paged(),
        member!("POST" Discuss comments::create, "Comment on a post; `@` and a member's name tells them", "Comment")
            .taking("NewComment").created(),
    ] },
    Resource { path: "/posts/{id}/rejection", allow: "PUT", operations: &[
        member!("PUT" Write posts::drop_missed, "Drop a post that missed its time", "PostDetail"),
    ] },
    Resource { path: "/posts/{id}/assignment", allow: "PUT", operations: &[
        member!("PUT" Discuss comments::assign_post, "Say whose turn it is to decide on a post", "PostDetail").taking("Assignment"),
    ] },
    Resource { path: "/campaigns/{id}/strategies/{version}/assignment", allow: "PUT", operations: &[
        member!("PUT" Discuss comments::assign_strategy, "Say whose turn it is to decide on a strategy", "Strategy").taking("Assignment"),
    ] },
    Resource { path: "/approvals", allow: "GET, POST", operations: &[
        member!("GET" Read approvals::waiting, "What waits for a person, the longest wait first", "WaitingList")
            .query(&["cursor", "limit", "waiting_for"]),
        member!("POST" Approve approvals::create_several, "Decide on several posts at once, each on exactly what was seen", "SeveralDecided")
            .taking("NewApprovals"),
    ] },
    Resource { path: "/approval-policy", allow: "GET, PUT", operations: &[
        member!("GET" Read policies::show, "Who must approve in this workspace", "ApprovalPolicy"),
        member!("PUT" Administer policies::change, "Say who must approve; what was approved before waits again", "ApprovalPolicy")
            .taking("NewApprovalPolicy").if_match(),
    ] },
    Resource { path: "/campaigns/{id}/approval-policy", allow: "GET, PUT", operations: &[
        member!("GET" Read policies::show, "Who must approve in a campaign", "ApprovalPolicy"),
        member!("PUT" Administer policies::change, "Say who must approve in a campaign; what was approved before waits again", "ApprovalPolicy")
            .taking("NewApprovalPolicy").if_match(),
    ] },
    Resource { path: "/review-rules", allow: "GET, PUT", operations: &[
        member!("GET" Read review_rules::show, "Who reviews what, in which order, and what a version must reach", "ReviewRules"),
        member!("PUT" Administer review_rules::change, "Say who reviews what; it holds for every review that begins after", "ReviewRules")
            .taking("NewReviewRules").if_match(),
    ] },
    Resource { path: "/autonomy-policy", allow: "GET, PUT", operations: &[
        member!("GET" Read autonomy::policy, "What a rule needs that approves what people approved again and again", "AutonomyPolicy"),
        member!("PUT" Administer autonomy::set_policy, "Say what such a rule needs; turning it off ends every rule", "AutonomyPolicy")
            .taking("NewAutonomyPolicy").if_match(),
    ] },
    Resource { path: "/autonomy-offers", allow: "GET", operations: &[
        member!("GET" Read autonomy::offers, "Where a rule has been earned and none stands", "AutonomyOfferList"),
    ] },
    Resource { path: "/autonomy-rules", allow: "GET, POST", operations: &[
        member!("GET" Read autonomy::rules, "The rules that stand, then those that ended; the hundred newest", "AutonomyRuleList"),
        member!("POST" Administer autonomy::accept, "Let a rule stand that is offered", "AutonomyRule").taking("NewAutonomyRule").created(),
    ] },
    Resource { path: "/autonomy-rules/{id}", allow: "GET, DELETE", operations: &[
        member!("GET" Read autonomy::rule, "A rule", "AutonomyRule"),
        member!("DELETE" Approve autonomy::take_back, "Take a rule back; what it approved and has not gone out waits again", "AutonomyRule").no_content(),
    ] },
    Resource { path: "/learnings", allow: "GET, POST", operations: &[
        member!("GET" Read learnings::list, "Learnings with what their pairs came to, the newest first", "LearningList").paged(),
        member!("POST" Write learnings::create, "Write a learning down; it is tried before anybody is told it", "Learning")
            .taking("NewLearning").created(),
    ] },
    Resource { path: "/learnings/{id}", allow: "GET, PUT", operations: &[
        member!("GET" Read learnings::show, "A learning, and the interval of its effect", "Learning"),
        member!("PUT" Write learnings::change, "Say a learning in other words; its evidence begins anew", "Learning")
            .taking("NewLearning").if_match(),
    ] },
    Resource { path: "/learnings/{id}/state", allow: "PUT", operations: &[
        member!("PUT" Approve learnings::put, "Adopt a learning by hand, retire it, or let it be tried from the beginning", "Learning")
            .taking("NewLearningState"),
    ] },
    Resource { path: "/learnings/{id}/trials", allow: "GET", operations: &[
        member!("GET" Read learnings::trials, "A learning's pairs, the newest first", "TrialList").paged(),
    ] },
    Resource { path: "/learning-limits", allow: "GET, PUT", operations: &[
        member!("GET" Read learnings::limits, "How much may be tried in 24 hours, and how much was", "LearningLimits"),
        member!("PUT" Administer learnings::set_limits, "Say how much may be tried in 24 hours; no trial at all: 0", "LearningLimits")
            .taking("NewLearningLimits").if_match(),
    ] },
    Resource { path: "/calendar", allow: "GET", operations: &[
        member!("GET" Read posts::calendar, "Posts that are planned in a window of time, by time", "PostList")
            .query(&["archived", "cursor", "from", "limit", "until"]),
    ] },
    Resource { path: "/notifications", allow: "GET, DELETE", operations: &[
        member!("GET" Read comments::unread, "What the caller was told and has not read", "NotificationList").paged(),
        member!("DELETE" Read comments::read_all, "Mark as read all that the caller was told until a time", "NotificationList")
            .query(&["until"]).no_content(),
    ] },
    Resource { path: "/notifications/{id}", allow: "DELETE", operations: &[
        member!("DELETE" Read comments::read, "Mark as read", "Notification").no_content(),
    ] },
    Resource { path: "/brand", allow: "GET, PUT", operations: &[
        member!("GET" Read brand::show, "What new campaigns begin with; version 0 before anybody wrote it", "Brand"),
        member!("PUT" Write brand::save, "Write the next version of the brand", "Brand").taking("BrandBook").if_match(),
    ] },
    Resource { path: "/brand/versions", allow: "GET", operations: &[
        member!("GET" Read brand::versions, "The brand's versions, the newest first", "BrandVersionList").paged(),
    ] },
    Resource { path: "/brand/versions/{version}", allow: "GET", operations: &[
        member!("GET" Read brand::version, "One version of the brand", "BrandVersion"),
    ] },
    Resource { path: "/brand/proposals", allow: "POST", operations: &[
        member!("POST" Write brand::propose, "Read a pasted text into a brand; stores nothing", "BrandProposal").taking("PastedText"),
    ] },
    Resource { path: "/brand/readings", allow: "POST", operations: &[
        member!("POST" Write brand::read, "Have a model read somebody else's text for its facts; nothing is taken over", "Reading").taking("PastedText").created(),
    ] },
    Resource { path: "/brand/readings/{id}", allow: "GET", operations: &[
        member!("GET" Read brand::reading, "What a model's reading found, and how far it is", "Reading"),
    ] },
    Resource { path: "/memory", allow: "GET", operations: &[
        member!("GET" Read memory::list, "What agents may be reminded of: the newest first, or what words find, the best first", "MemoryList")
            .query(&["cursor", "kind", "limit", "q"]),
    ] },
    Resource { path: "/memory/{id}", allow: "GET, DELETE", operations: &[
        member!("GET" Read memory::show, "One entry of memory, and the jobs that were reminded of it", "MemoryDetail"),
        member!("DELETE" Approve memory::forget, "Forget an entry: its words are gone for good", "Memory").no_content(),
    ] },
    Resource { path: "/posts/{id}/reminders", allow: "GET", operations: &[
        member!("GET" Read memory::of_post, "What copywriter and reviewers were reminded of, the newest version first", "ReminderList"),
    ] },
    Resource { path: "/campaigns/{id}/reminders", allow: "GET", operations: &[
        member!("GET" Read memory::of_campaign, "What the strategist was reminded of, the newest plan first", "ReminderList"),
    ] },
    Resource { path: "/agents/{id}/reminders", allow: "GET", operations: &[
        member!("GET" Read memory::of_agent, "What an agent's last jobs were reminded of, the most often first", "MemoryListWhole"),
    ] },
    Resource { path: "/templates", allow: "GET, POST", operations: &[
        member!("GET" Read templates::list, "Post templates, by name", "TemplateList").paged(),
        member!("POST" Write templates::create, "Make a post template", "Template").taking("NewTemplate").created(),
    ] },
    Resource { path: "/templates/{id}", allow: "GET, PUT, DELETE", operations: &[
        member!("GET" Read templates::show, "A post template", "Template"),
        member!("PUT" Write templates::change, "Change a post template", "Template").taking("NewTemplate").if_match(),
        member!("DELETE" Write templates::delete, "Delete a post template; posts that were written with it stay", "Template").no_content(),
    ] },
    Resource { path: "/templates/{id}/fillings", allow: "POST", operations: &[
        member!("POST" Write templates::fill, "Fill a template in for a post of a campaign; stores nothing", "FilledTemplate")
            .taking("TemplateUse"),
    ] },
    Resource { path: "/imports", allow: "GET, POST", operations: &[
        member!("GET" Read imports::list, "Files of posts from elsewhere, the newest first", "ImportList").paged(),
        member!("POST" Write imports::create, "Import what is new in a CSV or JSON file; the rest is told row by row", "ImportReport")
            .taking("NewImport").created(),
    ] },
    Resource { path: "/imports/trials", allow: "POST", operations: &[
        member!("POST" Write imports::trial, "What importing a file would do, row by row; stores nothing", "ImportReport").taking("NewImport"),
    ] },
    Resource { path: "/imported-posts", allow: "GET", operations: &[
        member!("GET" Read imports::posts, "Posts from elsewhere, the newest first", "ImportedPostList").query(&["cursor", "limit", "q"]),
    ] },
    Resource { path: "/exports", allow: "GET", operations: &[
        member!("GET" Read exports::list, "Tables that can be taken away", "ExportTableList"),
    ] },
    Resource { path: "/exports/{file}", allow: "GET", operations: &[
        member!("GET" Read exports::download, "A table as `.csv` or `.json`, or `everything.json`", "ExportTableList")
            .query(&["after", "campaign"]).stream(),
    ] },
    Resource { path: "/jobs", allow: "GET", operations: &[
        member!("GET" Read jobs::list, "Jobs, the newest first", "JobList").query(&["campaign", "cursor", "limit", "state"]),
    ] },
    Resource { path: "/jobs/{id}", allow: "GET", operations: &[
        member!("GET" Read jobs::show, "A job", "Job"),
    ] },
    Resource { path: "/jobs/{id}/resolution", allow: "PUT", operations: &[
        member!("PUT" Approve jobs::resolve, "Say whether a post of unknown outcome is live", "Job").taking("Resolution"),
    ] },
    Resource { path: "/jobs/{id}/retries", allow: "POST", operations: &[
        member!("POST" Write jobs::retry, "Give a dead job another chance", "Job").created(),
    ] },
    Resource { path: "/events", allow: "GET", operations: &[
        member!("GET" Read events::list, "History: who did what, before and after", "EventList")
            .query(&["actor", "after", "before", "campaign", "from", "jobs", "kind", "limit", "order", "post", "to"]),
    ] },
    Resource { path: "/events/stream", allow: "GET", operations: &[
        member!("GET" Read events::stream, "History as it happens, as server-sent events", "Event")
            .query(&["after", "campaign"]).stream(),
    ] },
    Resource { path: "/events/export.csv", allow: "GET", operations: &[
        member!("GET" Read events::csv, "History as CSV, in order", "Event").query(HISTORY).stream(),
    ] },
    Resource { path: "/events/export.json", allow: "GET", operations: &[
        member!("GET" Read events::json, "History as a JSON file, in order", "Event").query(HISTORY).stream(),
    ] },
    Resource { path: "/seals", allow: "GET", operations: &[
        member!("GET" Read seals::list, "The seals over history, in order", "SealList").query(&["after", "limit"]),
    ] },
    Resource { path: "/seals/lines", allow: "GET", operations: &[
        member!("GET" Read seals::lines, "What is hashed of each event, in order", "SealLineList")
            .query(&["after", "limit"]),
    ] },
];

/// The resource at this path, and the segments that stand for its names.
pub fn find<'a>(segments: &[&'a str]) -> Option<(&'static Resource, Vec<&'a str>)> {
    RESOURCES.iter().find_map(|resource| names(resource.path, segments).map(|names| (resource, names)))
}

fn names<'a>(path: &str, segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (part, segment) in parts.into_iter().zip(segments) {
        if part.starts_with('{') && !segment.is_empty() {
            names.push(*segment);
        } else if part != *segment {
            return None;
        }
    }
    Some(names)
}
