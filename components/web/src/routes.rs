//! The route table: every path of the dashboard with its methods, and who may use them. Requests are routed by it,
//! permissions are asked by it, and the tests walk it: a page that is not here does not exist.

use std::future::Future;
use std::pin::Pin;

use domain::{Action, Mode};
use serve::{App, Problem, Reply, Request};

use crate::pages::stage::Form;
use crate::pages::{
    agents, approvals, autonomy, brand, calendar, campaign, campaigns, channels, conductor, elsewhere, export, gallery,
    history, import, invitation, learnings, memory, new_campaign, password_reset, post, problems, review, second_step,
    settings, setup, sign_in, stage, templates, workspace,
};
use crate::static_files;
use crate::visit::Visit;

/// One method of one path.
pub struct Route {
    /// `GET` or `POST`; HEAD goes with GET.
    pub method: &'static str,
    /// A `{name}` stands for one segment; `...` at the end for all that follow.
    pub path: &'static str,
    /// What answers, and for whom.
    pub run: Run,
}

/// Something that answers, later.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + 'a>>;

/// What answers, and for whom.
#[derive(Clone, Copy)]
pub enum Run {
    /// For everybody.
    Open(for<'a> fn(Call<'a>) -> Answer<'a>),
    /// For members who may do this.
    Member(Action, for<'a> fn(Call<'a>, &'a Visit) -> Answer<'a>),
}

/// A request on its route.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The world outside and the settings.
    pub app: App<'a>,
    /// What was sent.
    pub request: &'a Request,
    /// The segments that stand for the names in the path, in order.
    pub names: &'a [&'a str],
}

impl<'a> Call<'a> {
    /// The first name in the path: what the page is about.
    pub fn id(&self) -> &'a str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The second name in the path.
    pub fn second(&self) -> &'a str {
        self.names.get(1).copied().unwrap_or_default()
    }
}

/// Everybody's page: its handler is an async function of a [`Call`], and of what else the row names.
macro_rules! open {
    ($method:ident $path:literal $handler:path $(, $more:expr)*) => {
        Route {
            method: stringify!($method),
            path: $path,
            run: Run::Open(|call| Box::pin($handler(call $(, $more)*))),
        }
    };
}

/// A page of members who may do this: its handler is an async function of a [`Call`] and the [`Visit`].
macro_rules! member {
    ($action:ident $method:ident $path:literal $handler:path) => {
        Route {
            method: stringify!($method),
            path: $path,
            run: Run::Member(Action::$action, |call, visit| Box::pin($handler(call, visit))),
        }
    };
}

/// All pages and forms. The first row that fits counts, so a word stands above a name.
pub static ROUTES: &[Route] = &[
    open!(GET "/static/..." static_files::show),
    open!(GET "/setup/{token}" setup::show),
    open!(POST "/setup/{token}" setup::submit),
    open!(GET "/sign-in" sign_in::show),
    open!(POST "/sign-in" sign_in::submit),
    open!(GET "/sign-in/code" second_step::show),
    open!(POST "/sign-in/code" second_step::submit),
    open!(POST "/sign-in/elsewhere" elsewhere::start),
    open!(GET "/sign-in/oidc/callback" elsewhere::returned),
    open!(POST "/sign-in/oidc/callback" elsewhere::finish),
    open!(GET "/invitations/{secret}" invitation::show),
    open!(POST "/invitations/{secret}" invitation::join_as_new),
    member!(ManageAccount POST "/invitations/{secret}/acceptance" invitation::join),
    open!(GET "/password-resets/{secret}" password_reset::show),
    open!(POST "/password-resets/{secret}" password_reset::submit),
    member!(Read POST "/sign-out" sign_in::sign_out),
    member!(Read GET "/" conductor::show),
    member!(Read GET "/conductor/fragment/{part}" conductor::fragment),
    member!(Read GET "/events" conductor::events),
    member!(Administer POST "/workspace/mode" conductor::switch),
    member!(Read GET "/agents" agents::list),
    member!(Read GET "/agents/{id}" agents::show),
    member!(Read GET "/agents/{id}/fragment/{part}" agents::fragment),
    member!(Administer POST "/agents/{id}" agents::configure),
    member!(Approve POST "/agents/{id}/commands" agents::command),
    member!(Administer POST "/agents/{id}/pause" conductor::pause_agent),
    member!(Write POST "/agents/{id}/wake" conductor::wake_agent),
    member!(Read GET "/campaigns" campaigns::list),
    member!(Write POST "/campaigns" new_campaign::create),
    member!(Write GET "/campaigns/new" new_campaign::show),
    member!(Read GET "/campaigns/{id}" campaign::show),
    member!(Read GET "/campaigns/{id}/fragment/{part}" campaign::fragment),
    member!(Read GET "/campaigns/{id}/events" campaign::events),
    member!(Approve POST "/campaigns/{id}/strategy/{version}/decision" campaign::decide_plan),
    member!(Approve POST "/campaigns/{id}/approvals" campaign::approve_all),
    member!(Write GET "/campaigns/{id}/posts/new" campaign::new_post),
    member!(Write POST "/campaigns/{id}/posts" campaign::add_post),
    member!(Write POST "/campaigns/{id}/archive" campaign::archive),
    member!(Write POST "/campaigns/{id}/copies" campaign::duplicate),
    member!(Write POST "/campaigns/{id}/pause" campaign::pause),
    member!(Write POST "/campaigns/{id}/budget" campaign::budget),
    member!(Write POST "/campaigns/{id}/cancellation" campaign::cancel),
    member!(Administer GET "/campaigns/{id}/policy" approvals::show_for_campaign),
    member!(Administer POST "/campaigns/{id}/policy" approvals::set_for_campaign),
    member!(Discuss POST "/campaigns/{id}/strategy/{version}/assignment" approvals::assign_plan),
    member!(Read GET "/approvals" approvals::show),
    member!(Approve POST "/approvals" approvals::approve_several),
    member!(Administer GET "/approvals/policy" approvals::show_policy),
    member!(Administer POST "/approvals/policy" approvals::set),
    member!(Read GET "/autonomy" autonomy::show),
    member!(Administer POST "/autonomy" autonomy::set),
    member!(Administer POST "/autonomy/rules" autonomy::accept),
    member!(Approve POST "/autonomy/rules/{id}/end" autonomy::take_back),
    member!(Read POST "/notifications/read" approvals::read),
    member!(Read GET "/review" review::show),
    member!(Administer POST "/review" review::set),
    member!(Read GET "/learnings" learnings::list),
    member!(Write POST "/learnings" learnings::create),
    member!(Administer POST "/learnings/limits" learnings::set_limits),
    member!(Read GET "/learnings/{id}" learnings::show),
    member!(Write POST "/learnings/{id}" learnings::change),
    member!(Approve POST "/learnings/{id}/state" learnings::put),
    member!(Read GET "/calendar" calendar::show),
    member!(Read GET "/memory" memory::list),
    member!(Read GET "/memory/{id}" memory::show),
    member!(Approve POST "/memory/{id}/forgetting" memory::forget),
    member!(Read GET "/templates" templates::list),
    member!(Write POST "/templates" templates::create),
    member!(Write GET "/templates/{id}" templates::show),
    member!(Write POST "/templates/{id}" templates::change),
    member!(Write POST "/templates/{id}/deletion" templates::delete),
    member!(Read GET "/imports" import::list),
    member!(Write POST "/imports" import::create),
    member!(Write GET "/imports/new" import::show),
    member!(Write POST "/imports/trial" import::trial),
    member!(Read GET "/export" export::show),
    member!(Read GET "/export/{file}" export::download),
    member!(Read GET "/brand" brand::show),
    member!(Write POST "/brand" brand::save),
    member!(Write GET "/brand/edit" brand::edit),
    member!(Write POST "/brand/reading" brand::reading),
    member!(Write GET "/brand/readings/{id}" brand::by_model::show),
    member!(Write GET "/brand/readings/{id}/fragment" brand::by_model::fragment),
    member!(Write POST "/brand/steps" brand::step),
    member!(Read GET "/posts/{id}" post::show),
    member!(Discuss POST "/posts/{id}/comments" approvals::comment),
    member!(Discuss POST "/posts/{id}/assignment" approvals::assign),
    member!(Write POST "/posts/{id}/drop" calendar::drop_missed),
    member!(Write GET "/posts/{id}/edit" post::edit),
    member!(Write POST "/posts/{id}/versions" post::save),
    member!(Write POST "/posts/{id}/drawings" post::draw),
    member!(Write POST "/posts/{id}/picture/removal" post::remove_picture),
    member!(Read GET "/pictures/{sha256}" post::picture),
    member!(Approve POST "/posts/{id}/decision" post::decide),
    member!(Write POST "/posts/{id}/elsewhere" campaign::add_elsewhere),
    member!(Write POST "/posts/{id}/hold" post::hold),
    member!(Write POST "/posts/{id}/time" post::reschedule),
    member!(Approve POST "/jobs/{id}/resolution" post::resolve),
    member!(Write POST "/jobs/{id}/retry" campaign::retry),
    member!(Administer POST "/workspace/pause" workspace::pause),
    member!(Read GET "/history" history::show),
    member!(Read GET "/history/export.csv" history::csv),
    member!(Read GET "/history/export.json" history::json),
    member!(Read GET "/history/seal" history::seal::show),
    member!(Read GET "/settings/channels" channels::show),
    member!(Administer POST "/settings/channels" channels::connect),
    member!(Administer POST "/settings/channels/{id}/check" channels::check),
    member!(Administer POST "/settings/channels/{id}/name" channels::rename),
    member!(Administer POST "/settings/channels/{id}/pause" channels::pause),
    member!(Read GET "/settings/channels/{id}/slots" channels::slots::show),
    member!(Write POST "/settings/channels/{id}/slots" channels::slots::add),
    member!(Write POST "/settings/channels/{id}/slots/{slot}/rest" channels::slots::rest),
    member!(Write POST "/settings/channels/{id}/slots/{slot}/removal" channels::slots::remove),
    member!(Administer POST "/workspace/name" settings::workspace::rename),
    member!(Administer POST "/workspaces" settings::workspace::create),
    member!(ManageAccount POST "/workspaces/{id}/entry" settings::workspace::enter),
    member!(Read GET "/settings" settings::workspace::show),
    member!(Read GET "/settings/members" settings::members::show),
    member!(ManageMembers POST "/settings/members/{id}/role" settings::members::set_role),
    member!(ManageMembers POST "/settings/members/{id}/removal" settings::members::remove),
    member!(ManageMembers POST "/settings/members/{id}/password-reset" settings::members::reset),
    member!(Own POST "/settings/owner" settings::members::hand_over),
    member!(ManageAccount POST "/settings/departure" settings::members::leave),
    member!(ManageMembers POST "/settings/invitations" settings::invitations::create),
    member!(ManageMembers POST "/settings/invitations/{id}/revocation" settings::invitations::revoke),
    member!(Read GET "/settings/providers" settings::providers::show),
    member!(Administer POST "/settings/providers" settings::providers::connect),
    member!(Administer POST "/settings/providers/{id}" settings::providers::change),
    member!(Administer POST "/settings/providers/{id}/check" settings::providers::check),
    member!(Administer POST "/settings/providers/{id}/pause" settings::providers::pause),
    member!(Administer POST "/settings/providers/{id}/prices" settings::providers::set_price),
    member!(Administer POST "/settings/providers/{id}/removal" settings::providers::remove),
    member!(ManageTokens GET "/settings/tokens" settings::tokens::show),
    member!(ManageTokens POST "/settings/tokens" settings::tokens::create),
    member!(ManageTokens POST "/settings/tokens/{id}/revocation" settings::tokens::revoke),
    member!(ManageAccount GET "/settings/security" settings::security::show),
    member!(ManageAccount POST "/settings/security/password" settings::security::change_password),
    member!(ManageAccount POST "/settings/security/second-factor" settings::second_factor::begin),
    member!(ManageAccount POST "/settings/security/second-factor/confirmation" settings::second_factor::confirm),
    member!(ManageAccount POST "/settings/security/second-factor/removal" settings::second_factor::remove),
    member!(ManageAccount POST "/settings/security/elsewhere" settings::security::connect),
    member!(ManageAccount POST "/settings/security/elsewhere/removal" settings::security::disconnect),
    member!(ManageAccount POST "/settings/security/sessions/revocation" settings::security::revoke_others),
    member!(ManageAccount POST "/settings/security/sessions/{id}/revocation" settings::security::revoke),
    member!(Read GET "/gallery" gallery::show),
    open!(GET "/problems" problems::list),
    open!(GET "/problems/{slug}" problems::show),
    open!(GET "/stage/{slug}" stage::show, Mode::Performance),
    open!(GET "/stage/{slug}/atom.xml" stage::feed, Mode::Performance, Form::Atom),
    open!(GET "/stage/{slug}/feed.json" stage::feed, Mode::Performance, Form::Json),
    open!(GET "/stage/{slug}/{key}" stage::entry, Mode::Performance),
    // For members of that workspace; for everybody else there is no such page, so these ask for themselves.
    open!(GET "/rehearsal/{slug}" stage::show, Mode::Rehearsal),
    open!(GET "/rehearsal/{slug}/atom.xml" stage::feed, Mode::Rehearsal, Form::Atom),
    open!(GET "/rehearsal/{slug}/feed.json" stage::feed, Mode::Rehearsal, Form::Json),
    open!(GET "/rehearsal/{slug}/{key}" stage::entry, Mode::Rehearsal),
];

/// Finds the row and asks who looks and whether they may; then its handler answers.
pub async fn answer(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    let segments = request.segments();
    let Some((route, names)) = find(request.method.as_str(), &segments) else {
        return Err(allowed(&segments).map_or_else(|| request.no_route(), |allow| request.not_allowed(allow)));
    };
    let call = Call { app, request, names: &names };
    match route.run {
        Run::Open(answer) => answer(call).await,
        Run::Member(action, answer) => {
            let visit = Visit::begin(app, request).await?;
            visit.caller.may(action)?;
            answer(call, &visit).await
        }
    }
}

/// The row of this method and path, and the segments that stand for its names.
pub fn find<'a>(method: &str, segments: &[&'a str]) -> Option<(&'static Route, Vec<&'a str>)> {
    let rows = ROUTES.iter().filter(|route| route.method == method);
    rows.filter_map(|route| names(route.path, segments).map(|names| (route, names))).next()
}

/// Which methods a path has, for those who use another.
fn allowed(segments: &[&str]) -> Option<&'static str> {
    match (find("GET", segments), find("POST", segments)) {
        (Some(_), Some(_)) => Some("GET, POST"),
        (Some(_), None) => Some("GET"),
        (None, Some(_)) => Some("POST"),
        (None, None) => None,
    }
}

/// What stands for the names of this path; nothing where it is another path.
fn names<'a>(path: &str, segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut rest = segments.iter();
    let mut names = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if part == "..." {
            names.extend(rest.by_ref());
            return Some(names);
        }
        let segment = rest.next()?;
        if part.starts_with('{') && !segment.is_empty() {
            names.push(*segment);
        } else if part != *segment {
            return None;
        }
    }
    rest.next().is_none().then_some(names)
}

#[cfg(test)]
mod tests {
    use serve::Method;

    use super::*;

    fn check(method: &str, path: &str, expect: Option<(&str, &[&str])>) {
        let request = Request::new(Method::GET, path).unwrap();
        let segments = request.segments();
        let found = find(method, &segments).map(|(route, names)| (route.path, names));
        assert_eq!(found, expect.map(|(path, names)| (path, names.to_vec())), "{method} {path}");
    }

    #[test]
    fn a_path_finds_its_row_and_what_stands_for_its_names() {
        check("GET", "/", Some(("/", &[])));
        check("GET", "/campaigns/new", Some(("/campaigns/new", &[])));
        check("GET", "/campaigns/7", Some(("/campaigns/{id}", &["7"])));
        check(
            "POST",
            "/campaigns/7/strategy/2/decision",
            Some(("/campaigns/{id}/strategy/{version}/decision", &["7", "2"])),
        );
        check("GET", "/static/css/base.css", Some(("/static/...", &["css", "base.css"])));
        for path in ["/campaigns/", "/campaigns/7/", "/campaigns/7/nothing", "//", "/posts//edit"] {
            check("GET", path, None);
        }
    }

    #[test]
    fn no_row_stands_in_the_shadow_of_another() {
        for route in ROUTES {
            assert!(matches!(route.method, "GET" | "POST"), "{}: `allowed` knows no {}", route.path, route.method);
            let path = route.path.replace(['{', '}'], "").replace("/...", "/a/b");
            let request = Request::new(Method::GET, &path).unwrap();
            let (found, _) = find(route.method, &request.segments()).unwrap();
            assert_eq!(found.path, route.path, "move {} {} above it", route.method, route.path);
        }
    }

    #[test]
    fn what_changes_something_needs_more_than_reading() {
        for route in ROUTES {
            let by_readers = matches!(route.run, Run::Member(Action::Read, _)) && route.method == "POST";
            // What one was told oneself is read by having read it.
            assert!(!by_readers || ["/sign-out", "/notifications/read"].contains(&route.path), "{}", route.path);
        }
    }
}
