//! Starting: what stops it, and what makes the second one quick.

use crate::support::{MANIFEST, Setup};

#[test]
fn a_second_start_compiles_nothing() {
    let mut setup = Setup::new(MANIFEST);
    setup.options.cache_dir = setup.folder.join("cache");
    assert_eq!(setup.cached(), [false, true]); // both are made from the same file
    assert_eq!(setup.cached(), [true, true]);
}

#[test]
fn a_damaged_cache_is_replaced() {
    let mut setup = Setup::new(MANIFEST);
    setup.options.cache_dir = setup.folder.join("cache");
    setup.cached();
    let compiled = std::fs::read_dir(setup.folder.join("cache")).expect("a cache").flatten().next().expect("an entry");
    let mut bytes = std::fs::read(compiled.path()).expect("it can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(compiled.path(), bytes).expect("it can be written");
    assert_eq!(setup.cached(), [false, true]);
    assert_eq!(setup.cached(), [true, true]);
}

#[test]
fn a_missing_variable_stops_the_start_and_is_named() {
    let manifest = format!("[variables]\napi_key = {{ required = true }}\n{MANIFEST}");
    let error = Setup::new(&manifest).refusal();
    assert!(error.contains("api_key") && error.contains("SPIN_VARIABLE_API_KEY"), "{error}");
    Setup::new(&manifest).variable("api_key", "k").run();
}

#[test]
fn a_missing_wasm_file_comes_with_the_command_that_builds_it() {
    let manifest = "
        [[trigger.http]]
        route = '/...'
        component = 'main'
        [component.main]
        source = 'target/main.wasm'
        [component.main.build]
        command = 'cargo build -p main'
    ";
    let error = Setup::new(manifest).refusal();
    assert!(error.contains("target/main.wasm") && error.contains("cargo build -p main"), "{error}");
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let manifest = "
        [[trigger.http]]
        route = '/...'
        component = 'main'
        [component.main]
        source = 'main.wasm'
    ";
    let error = Setup::new(manifest).file("main.wasm", "not wasm at all").refusal();
    assert!(error.contains("main") && error.contains("no WebAssembly"), "{error}");
    let empty_module = "\0asm\x01\0\0\0";
    let error = Setup::new(manifest).file("main.wasm", empty_module).refusal();
    assert!(error.contains("incoming-handler") && error.contains("#[http_component]"), "{error}");
}

#[test]
fn mistakes_in_the_manifest_are_named() {
    for (manifest, part) in [
        ("[[trigger.http]]\nroute = '/...'\ncomponent = 'ghost'", "ghost"),
        ("[[trigger.cron]]\ncomponent = 'main'", "trigger.cron"),
        ("[component.main]\nsource = 'x'\nsqlite_database = ['default']", "sqlite_database"),
        ("[[trigger.http]]\nroute = { private = false }\ncomponent = 'main'", "private"),
        ("[component.main]\nsource = 'x'\n[[trigger.redis]]\nchannel = 'c'\ncomponent = 'main'", "address"),
    ] {
        let error = Setup::new(manifest).refusal();
        assert!(error.contains(part), "{manifest}: {error}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut setup = Setup::new(MANIFEST);
    setup.options.listen = taken.local_addr().expect("an address");
    let error = setup.refusal();
    assert!(error.contains(&setup.options.listen.to_string()), "{error}");
}
