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
    "knobs",
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
const GATHERERS: &[&str] = &["error.rs", "mod.rs"];

/// Whether a file is compiled for tests only, by the module list beside it.
fn is_test_file(path: &str) -> bool {
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
        for used in names_after(&code(&text), "engine") {
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
            for used in names_after(&code(&text), "crate") {
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

#[test]
fn registries_list_every_file() {
    // (folder, files that are no entries)
    let registries: &[(&str, &[&str])] = &[
        ("src/engine/cleaning", &["mod"]),
        ("src/engine/features", &["mod"]),
        ("src/engine/report/export", &["mod"]),
        ("src/charts", &["mod", "format", "option", "points", "theme"]),
    ];
    for (folder, others) in registries {
        let list = fs::read_to_string(root().join(folder).join("mod.rs")).expect("a registry has a mod.rs");
        for (path, text) in files(folder, &[".rs"]) {
            let stem = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let own_folder = Path::new(&path).parent().is_some_and(|p| p == Path::new(folder));
            if others.contains(&stem.as_str()) || !own_folder || !text.contains("\nimpl ") {
                continue;
            }
            assert!(list.contains(&format!("mod {stem};")), "{path} has no mod line in {folder}/mod.rs");
            assert!(
                list.contains(&format!("&{stem}::")),
                "{path} is missing from the list in {folder}/mod.rs"
            );
        }
    }
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
