//! Holds the shape of the source: layers, module docs, registries, colours, a quiet root.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with one of the endings, as (path from the root with `/`, text).
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} is empty or cannot be read");
    found.sort();
    found
        .into_iter()
        .filter(|p| endings.iter().any(|e| p.to_string_lossy().ends_with(e)))
        .filter_map(|p| {
            let name = p.strip_prefix(root()).ok()?.to_string_lossy().replace('\\', "/");
            Some((name, fs::read_to_string(&p).ok()?))
        })
        .collect()
}

/// The source without its tests and comments: what layers and colours are about.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    body.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Places below which a file may look, from the bottom up. A layer sees itself and what stands before it.
const ENGINE: &[&str] = &[
    "context",
    "json",
    "order",
    "knobs",
    "disclosure",
    "words",
    "numeric",
    "data",
    "task",
    "step",
    "step_kit",
    "statistics",
    "cleaning",
    "features",
    "models",
    "segments",
    "decisions",
    "pipeline",
    "report",
];

/// Files that may see every layer: the one error that wraps all others, and the list of modules.
const GATHERERS: &[&str] = &["base.rs", "error.rs", "mod.rs"];

/// Whether a file is compiled for tests only, by the module list beside it.
fn is_test_file(path: &str) -> bool {
    if path.contains("/tests/") {
        return true;
    }
    let path = root().join(path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let list = path.with_file_name("mod.rs");
    let list = fs::read_to_string(list).unwrap_or_default();
    ["mod", "pub mod", "pub(crate) mod"]
        .iter()
        .any(|word| list.contains(&format!("#[cfg(test)]\n{word} {stem};")))
}

#[test]
fn engine_layers_point_one_way() {
    let rank = |layer: &str| ENGINE.iter().position(|l| *l == layer);
    let mut wrong = Vec::new();
    for (path, text) in files("src/engine", &[".rs"]) {
        let inside = path.trim_start_matches("src/engine/");
        if GATHERERS.contains(&inside) || is_test_file(&path) {
            continue;
        }
        let own = inside.split(['/', '.']).next().unwrap_or_default();
        let own_rank =
            rank(own).unwrap_or_else(|| panic!("{path}: layer {own} is not in the list of layers"));
        for used in names_after(&from_root(&path, &code(&text)), "engine") {
            // Seeds and cancellation come from below everything; random numbers are part of `numeric`.
            let allowed = own == "context" && used == "numeric";
            if rank(&used).is_some_and(|r| r > own_rank) && !allowed {
                wrong.push(format!("{path} ({own}) uses engine::{used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point upward:\n{}", wrong.join("\n"));
}

#[test]
fn outer_layers_point_one_way() {
    // (folder, what it may name of the crate)
    let rules: &[(&str, &[&str])] = &[
        ("src/engine", &["engine"]),
        ("src/charts", &["engine", "charts"]),
        ("src/protocol", &["engine", "charts", "protocol"]),
        ("src/host", &["engine", "charts", "protocol", "host"]),
        ("src/platform", &["engine", "charts", "protocol", "platform"]),
        ("src/ui", &["engine", "charts", "protocol", "platform", "ui"]),
    ];
    let mut wrong = Vec::new();
    for (folder, allowed) in rules {
        for (path, text) in files(folder, &[".rs"]) {
            for used in names_after(&from_root(&path, &code(&text)), "crate") {
                if ["engine", "charts", "protocol", "host", "platform", "ui"].contains(&used.as_str())
                    && !allowed.contains(&used.as_str())
                {
                    wrong.push(format!("{path} uses crate::{used}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point upward:\n{}", wrong.join("\n"));
}

/// The code of a file with every `super::` written from the root of the crate.
fn from_root(path: &str, text: &str) -> String {
    let module = path.trim_start_matches("src/").trim_end_matches(".rs");
    let module: Vec<&str> = module.split('/').filter(|part| *part != "mod").collect();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("super::") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if out.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            out.push_str("super::");
            rest = &rest["super::".len()..];
            continue;
        }
        let mut up = 0;
        while let Some(next) = rest.strip_prefix("super::") {
            (up, rest) = (up + 1, next);
        }
        out.push_str("crate::");
        for part in &module[..module.len().saturating_sub(up)] {
            out.push_str(part);
            out.push_str("::");
        }
    }
    out + rest
}

#[test]
fn imports_are_followed_however_they_are_written() {
    #[track_caller]
    fn check(path: &str, text: &str, prefix: &str, expected: &[&str]) {
        assert_eq!(names_after(&from_root(path, text), prefix), expected, "{text}");
    }
    check(
        "src/engine/data/reader.rs",
        "use super::super::{models::plan, report};",
        "engine",
        &["models", "report"],
    );
    check("src/engine/data/mod.rs", "use super::pipeline::run;", "engine", &["pipeline"]);
    check("src/engine/data/reader.rs", "use super::column::Column;", "engine", &["data"]);
    check("src/charts/theme.rs", "fn f() { super::super::ui::draw() }", "crate", &["ui"]);
    check("src/charts/mod.rs", "use crate::{engine::data, host};", "crate", &["engine", "host"]);
}

/// The names that directly follow `prefix::`, also inside braces.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    let marker = format!("{prefix}::");
    let mut rest = text;
    while let Some(at) = rest.find(&marker) {
        rest = &rest[at + marker.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word, mut fresh) = (0_i32, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.push(std::mem::take(&mut word));
                        fresh = true;
                        continue;
                    }
                    ':' if depth == 0 => fresh = false,
                    c if depth == 0 && fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {}
                }
            }
            names.push(word);
        } else {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names.retain(|n| !n.is_empty());
    names
}

#[test]
fn the_engine_knows_no_browser() {
    for (path, text) in files("src/engine", &[".rs"]) {
        if is_test_file(&path) {
            continue;
        }
        for banned in [
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "leptos",
            "std::fs",
            "std::thread",
            "SystemTime",
            "Instant::",
        ] {
            assert!(!code(&text).contains(banned), "{path} names {banned}");
        }
    }
}

#[test]
fn every_file_says_what_it_owns() {
    let silent: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "files without a one-line //! at the top:\n{}", silent.join("\n"));
}

/// What a folder has of a trait, as (path, name of the file, name): the constants of a type that has any, else the type.
fn implementors(folder: &str, of: &str) -> Vec<(String, String, String)> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (path, text) in files(folder, &[".rs"]) {
        let stem = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let body = code(&text);
        for name in body.lines().filter_map(|l| l.strip_prefix(&format!("impl {of} for "))).map(word) {
            let constants: Vec<String> = body
                .lines()
                .filter(|l| l.contains(&format!(": {name} =")))
                .filter_map(|l| l.strip_prefix("pub const ").map(word))
                .collect();
            let names = if constants.is_empty() { vec![name] } else { constants };
            found.extend(names.into_iter().map(|name| (path.clone(), stem.clone(), name)));
        }
    }
    assert!(!found.is_empty(), "nothing in {folder} is a {of}");
    found
}

#[test]
fn registries_list_every_entry() {
    // (folder, trait of its entries, the list's file, the list's name)
    let registries = [
        ("src/engine/cleaning", "Step", "src/engine/cleaning/mod.rs", "STEPS"),
        ("src/engine/features", "Step", "src/engine/features/mod.rs", "MAKERS"),
        ("src/engine/models", "Family", "src/engine/models/mod.rs", "FAMILIES"),
        ("src/engine/models/leaks", "Detector", "src/engine/models/leaks/mod.rs", "DETECTORS"),
        ("src/engine/report/export", "Exporter", "src/engine/report/export/mod.rs", "EXPORTERS"),
        ("src/charts", "ChartMaker", "src/charts/mod.rs", "CHARTS"),
        ("src/engine", "Work", "src/engine/pipeline/tasks.rs", "KINDS"),
    ];
    let mut missing = Vec::new();
    let mut n_listed = 0;
    for (folder, of, file, list) in registries {
        let text = fs::read_to_string(root().join(file)).expect("a registry has its list");
        let start =
            text.find(&format!("pub const {list}: ")).unwrap_or_else(|| panic!("{file} has no {list}"));
        let entries = text[start..].split("];").next().unwrap_or_default();
        for (path, stem, name) in implementors(folder, of) {
            let entry = if of == "Work" {
                format!("({name}::SLUG, task::run::<{name}>)")
            } else {
                format!("&{stem}::{name}")
            };
            n_listed += 1;
            let is_listed = entries.match_indices(&entry).any(|(at, _)| {
                !entries[at + entry.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            if !is_listed {
                missing.push(format!("{path}: {name} is not in {list} of {file}"));
            }
        }
    }
    assert!(missing.is_empty(), "missing from their lists:\n{}", missing.join("\n"));
    assert!(n_listed > 50, "only {n_listed} entries were found at all");
}

#[test]
fn every_file_belongs_to_the_crate() {
    let mut stray = Vec::new();
    for (path, _) in files("src", &[".rs"]) {
        let path = Path::new(&path);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let parent = path.parent().unwrap_or(Path::new("src"));
        // The roots of crates.
        let is_root = parent == Path::new("src") && (stem == "lib" || stem == "main")
            || parent == Path::new("src/engine") && stem == "base";
        if parent.ends_with("bin") || is_root {
            continue;
        }
        let (name, list) = match stem.as_str() {
            "mod" => (parent.file_name().unwrap_or_default().to_string_lossy().into_owned(), parent.parent()),
            _ => (stem, Some(parent)),
        };
        let list = list.unwrap_or(parent);
        let list = if list == Path::new("src") { list.join("lib.rs") } else { list.join("mod.rs") };
        // The parts of a file of tests are named in it.
        let beside = list.parent().map(|folder| root().join(folder.with_extension("rs")));
        // What the engine stands on is listed in a crate of its own.
        let base = (list == Path::new("src/engine/mod.rs")).then(|| root().join("src/engine/base.rs"));
        let text = [Some(root().join(&list)), beside, base].into_iter().flatten();
        let text: String = text.filter_map(|path| fs::read_to_string(path).ok()).collect();
        if !text.contains(&format!("mod {name};")) {
            stray.push(format!("{} has no mod line in {}", path.display(), list.display()));
        }
    }
    assert!(stray.is_empty(), "{}", stray.join("\n"));
}

#[test]
fn colours_come_from_tokens() {
    let mut raw = Vec::new();
    let hex = |line: &str| {
        line.match_indices('#').any(|(i, _)| {
            let digits = line[i + 1..].chars().take_while(char::is_ascii_hexdigit).count();
            let after = line[i + 1 + digits..].chars().next();
            matches!(digits, 3 | 4 | 6 | 8)
                && !after.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
    };
    for (path, text) in files("style/components", &[".css"]).into_iter().chain(files("src/ui", &[".rs"])) {
        for (i, line) in code(&text).lines().enumerate() {
            if hex(line) || line.contains("rgb(") || line.contains("hsl(") || line.contains("oklch(") {
                raw.push(format!("{path}: {}: {}", i + 1, line.trim()));
            }
        }
    }
    assert!(raw.is_empty(), "raw colours; use a token:\n{}", raw.join("\n"));
}

#[test]
fn every_stylesheet_is_linked() {
    let page = fs::read_to_string(root().join("index.html")).expect("the page");
    for (path, _) in files("style", &[".css"]) {
        let links = page.matches(&format!("href=\"{path}\"")).count();
        assert_eq!(links, 1, "{path} must be linked once from index.html");
    }
}

#[test]
fn nothing_is_left_half_done() {
    for (path, text) in files("src", &[".rs"]) {
        for mark in ["todo!(", "unimplemented!(", "TODO", "FIXME", "dbg!("] {
            assert!(!text.contains(mark), "{path} contains {mark}");
        }
    }
}

#[test]
fn the_root_is_quiet() {
    const KNOWN: &[&str] = &[
        ".cargo",
        ".ci",
        ".git",
        ".github",
        ".gitignore",
        ".tools",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "Makefile",
        "README.md",
        "Trunk.toml",
        "benches",
        "examples",
        "fuzz",
        "clippy.toml",
        "dist",
        "docs",
        "index.html",
        "node_modules",
        "package-lock.json",
        "package.json",
        "public",
        "rustfmt.toml",
        "scripts",
        "src",
        "style",
        "target",
        "test-results",
        "tests",
        "web",
        "webdriver.json",
    ];
    for entry in fs::read_dir(root()).expect("the root").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(KNOWN.contains(&name.as_str()), "{name} does not belong in the root");
    }
}
