//! `files`, `environment`, variables, and what guests print.

use crate::support::{MANIFEST, Setup};

const MANIFEST_WITH_FILES: &str = r#"
    [variables]
    plain = { default = "p" }
    secret = { required = true, secret = true }
    [[trigger.http]]
    route = "/..."
    component = "main"
    [component.main]
    source = "GUEST"
    environment = { LANGUAGE = "en" }
    files = [{ source = "static", destination = "/assets" }, "notes/*.txt", { source = "one.txt", destination = "/single/1.txt" }]
    [component.main.variables]
    both = "{{ plain }}-{{ secret }}"
"#;

fn setup() -> Setup {
    Setup::new(MANIFEST_WITH_FILES)
        .file("static/deep/a.txt", "asset")
        .file("notes/n.txt", "note")
        .file("notes/n.md", "hidden")
        .file("one.txt", "single")
        .file("secret.txt", "hidden")
        .variable("secret", "s")
}

#[test]
fn a_component_reads_the_files_that_it_was_given() {
    let app = setup().run();
    for (path, text) in [("assets/deep/a.txt", "asset"), ("notes/n.txt", "note"), ("single/1.txt", "single")] {
        let reply = app.get(&format!("/do/file/{path}"));
        assert_eq!((reply.status, reply.body.as_str()), (200, text), "{path}");
    }
    for path in ["notes/n.md", "secret.txt", "assets/../../secret.txt", "etc/passwd"] {
        assert_eq!(app.get(&format!("/do/file/{path}")).status, 404, "{path}");
    }
}

#[test]
fn a_component_writes_no_file() {
    let app = setup().run();
    for path in ["assets/new.txt", "assets/deep/a.txt", "new.txt"] {
        assert_eq!(app.get(&format!("/do/write/{path}")).body, "false", "{path}");
    }
}

#[test]
fn a_component_sees_its_own_environment_and_nothing_else() {
    let app = setup().run();
    assert_eq!(app.get("/do/environment/LANGUAGE").body, "Some(\"en\")");
    assert_eq!(app.get("/do/environment/PATH").body, "None");
}

#[test]
fn a_component_sees_the_variables_that_it_maps() {
    let app = setup().run();
    assert_eq!(app.get("/do/variable/both").body, "Ok(\"p-s\")");
    for (name, error) in [("plain", "Undefined"), ("Bad-Name", "InvalidName")] {
        let reply = app.get(&format!("/do/variable/{name}")).body;
        assert!(reply.contains(error), "{name}: {reply}");
    }
}

#[test]
fn what_a_component_prints_is_in_its_log_files() {
    let app = Setup::new(MANIFEST).run();
    app.get("/do/print/word");
    let read = |file: &str| std::fs::read_to_string(app.state("logs").join(file)).expect("a log file");
    assert_eq!(read("main_stdout.txt"), "out word\n");
    assert_eq!(read("main_stderr.txt"), "err word\n");
}
