use super::{Boundary, Circle, Crate, Hub, Levels, Place, check_boundaries, find, judge, levels};
use std::{collections::BTreeMap, path::Path};

/// Returns the circles of a crate with these files.
fn circles(files: &[(&str, &str)]) -> Vec<Circle> {
    without_hubs(files, &[])
}

fn without_hubs(files: &[(&str, &str)], hubs: &[Hub]) -> Vec<Circle> {
    find(read(files), hubs)
}

fn read(files: &[(&str, &str)]) -> Levels {
    let files: BTreeMap<&Path, &str> =
        files.iter().map(|(file, text)| (Path::new(*file), *text)).collect();
    let read = |file: &Path| files.get(file).map(|text| (*text).to_owned());
    levels("small", &Crate::read(Path::new("src/lib.rs"), &read).unwrap())
}

/// Returns the circles as `level: members`.
fn names(files: &[(&str, &str)]) -> Vec<String> {
    let circles = circles(files);
    let shown = circles.iter().map(|circle| {
        let members: Vec<&str> = circle.members.iter().map(String::as_str).collect();
        format!("{}: {}", circle.level, members.join(" "))
    });
    shown.collect()
}

#[test]
fn a_circle_is_found_with_its_places() {
    let files = [
        ("src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
        ("src/a.rs", "use std::fmt;\nuse crate::b::{self, B};\n"),
        ("src/b.rs", "fn f() -> crate::c::C { todo!() }\n"),
        ("src/c/mod.rs", "mod inner;\n"),
        ("src/c/inner.rs", "\nfn g() { println!(\"{}\", super::super::a::A::new()) }\n"),
    ];
    let found = circles(&files);
    assert_eq!(names(&files), ["small: a b c"]);
    let place = |file: &str, line| Place { file: file.into(), line };
    let uses: Vec<_> = found[0].uses.iter().collect();
    let edge = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(
        uses,
        [
            (&edge("a", "b"), &vec![place("src/a.rs", 2), place("src/a.rs", 2)]),
            (&edge("b", "c"), &vec![place("src/b.rs", 1)]),
            (&edge("c", "a"), &vec![place("src/c/inner.rs", 2)]),
        ]
    );
    let shown = found[0].to_string();
    assert!(shown.starts_with("small: a, b, c\n    a -> b  src/a.rs:2, src/a.rs:2\n"), "{shown}");
}

#[test]
fn a_hub_hides_its_own_circles_alone() {
    let files = [
        ("src/lib.rs", "mod a;\nmod b;\nmod hub;\n"),
        ("src/a.rs", "use crate::hub::H;\n"),
        ("src/b.rs", "use crate::{a::A, hub::H};\n"),
        ("src/hub.rs", "use crate::{a::A, b::B};\n"),
    ];
    let hub = [Hub { level: "small", module: "hub" }];
    assert_eq!(names(&files), ["small: a b hub"]);
    assert!(without_hubs(&files, &hub).is_empty());
    let mut files = files;
    files[1].1 = "use crate::{b::B, hub::H};\n";
    let found = without_hubs(&files, &hub);
    assert_eq!(found.len(), 1);
    assert!(found[0].members.iter().eq(["a", "b"]), "{}", found[0]);
}

#[test]
fn parents_and_children_are_no_circle() {
    let found = names(&[
        ("src/lib.rs", "mod a;\npub use a::A;\nfn f() { a::child::g() }"),
        ("src/a.rs", "mod child;\nmod other;\nuse child::C;\npub struct A;\n"),
        ("src/a/child.rs", "use super::A;\nuse crate::a::A as B;\nuse self::deep::D;\nmod deep;\n"),
        ("src/a/child/deep.rs", "use super::super::other;\nuse super::C;\n"),
        ("src/a/other.rs", "use super::A;\n"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn circles_are_told_apart_by_level() {
    let found = names(&[
        ("src/lib.rs", "mod a; mod b { use crate::a; }"),
        ("src/a.rs", "mod x { use super::y; } mod y { use super::x; } mod z { use super::x; }"),
    ]);
    assert_eq!(found, ["small::a: x y"]);
}

#[test]
fn a_re_export_hides_nothing() {
    let found = names(&[
        ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("src/a.rs", "use crate::B;"),
        ("src/b.rs", "use crate::A as Other;"),
    ]);
    assert_eq!(found, ["small: a b"]);
    let by_parent = names(&[
        ("src/lib.rs", "mod a { use one::One; use two::Two; mod one; mod two; }"),
        ("src/a/one.rs", "use super::Two;"),
        ("src/a/two.rs", "fn f(one: super::One) {}"),
    ]);
    assert_eq!(by_parent, ["small::a: one two"]);
}

#[test]
fn tests_and_visibilities_do_not_count() {
    let found = names(&[
        ("src/lib.rs", "mod a; mod b; #[cfg(test)] mod missing;"),
        ("src/a.rs", "use crate::b; #[cfg(test)] mod tests { use crate::b; }"),
        (
            "src/b.rs",
            "#[cfg(test)] use crate::a; #[cfg(test)] mod tests { use crate::a; } \
             pub(in crate::b) struct B; impl B { #[cfg(test)] fn f() { crate::a::f() } }",
        ),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_file_of_a_module_counts() {
    let found = names(&[
        (
            "src/lib.rs",
            "#[cfg_attr(x, path = \"on.rs\")] #[cfg_attr(not(x), path = \"off.rs\")] mod a; mod b;",
        ),
        ("src/on.rs", "pub fn f() {}"),
        ("src/off.rs", "use crate::b;"),
        ("src/b.rs", "use crate::a;"),
    ]);
    assert_eq!(found, ["small: a b"]);
}

#[test]
fn a_circle_is_named_with_its_places() {
    let circle = [("src/lib.rs", "mod a { use crate::b; } mod b { use crate::a; }")];
    let none = [("src/lib.rs", "mod a {} mod b { use crate::a; }")];
    judge(&circles(&none)).unwrap();
    let error = judge(&circles(&circle)).unwrap_err().to_string();
    assert!(error.contains("b -> a  src/lib.rs:1"), "{error}");
}

#[test]
fn a_boundary_may_not_be_crossed() {
    let crates = [read(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::c::C;"),
        ("src/c.rs", ""),
    ])];
    let boundary = |module, closed| [Boundary { level: "small", module, closed }];
    // An indirect use does not count.
    check_boundaries(&crates, &boundary("a", &["c"])).unwrap();
    check_boundaries(&crates, &boundary("b", &["a"])).unwrap();
    let crossed = check_boundaries(&crates, &boundary("a", &["c", "b"])).unwrap_err().to_string();
    assert_eq!(crossed, "small: a may not use this:\n    a -> b  src/a.rs:1\n");
    let gone = check_boundaries(&crates, &boundary("a", &["d"])).unwrap_err().to_string();
    assert!(gone.contains("there is no module d"), "{gone}");
}
