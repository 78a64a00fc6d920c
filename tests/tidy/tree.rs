//! The source tree as the tidy tests read it: files with their text, and code without comments and tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold nothing written by hand.
const PASSED_OVER: [&str; 4] = ["target", ".git", "node_modules", "out"];

/// A file of the tree.
pub(crate) struct Source {
    /// Its path from the root of the tree, with forward slashes.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// Whether it is code that ships: in a `src` folder, and no test.
    pub(crate) fn ships(&self) -> bool {
        let parts: Vec<_> = self.path.split('/').collect();
        let test = parts.iter().any(|p| *p == "tests" || *p == "tests.rs");
        parts.contains(&"src") && !test
    }

    /// Its lines with their numbers, without comments and without what is compiled for tests only.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut lines = (1..).zip(self.text.lines());
        while let Some((number, line)) = lines.next() {
            if line.trim() != "#[cfg(test)]" {
                code.push((number, line.split("//").next().unwrap_or_default()));
                continue;
            }
            // The item ends at its own line, or at the brace that stands under its beginning, as rustfmt puts it.
            let Some((_, item)) = lines.find(|(_, l)| !l.trim_start().starts_with("#[")) else {
                break;
            };
            if !item.trim_end().ends_with([';', '}']) {
                let margin = &item[..item.len() - item.trim_start().len()];
                lines.find(|(_, l)| l.strip_prefix(margin) == Some("}"));
            }
        }
        code
    }
}

/// The root of the tree.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the package lies in the tree").to_owned()
}

/// Every text file of the tree, sorted by path; pictures and other bytes are passed over.
pub(crate) fn texts() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    gather(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 100, "only {} files: is this the tree?", found.len());
    found
}

/// Every Rust file of the tree.
pub(crate) fn rust() -> Vec<Source> {
    let mut all = texts();
    all.retain(|source| source.path.ends_with(".rs"));
    all
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the tree can be read") {
        let entry = entry.expect("the tree can be read");
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().expect("a file has a kind");
        if kind.is_dir() {
            if !PASSED_OVER.iter().any(|p| name == *p) {
                gather(root, &path, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root).expect("it lies in the tree");
            found.push(Source { path: path.to_string_lossy().into_owned(), text });
        }
    }
}

/// Fails with everything that was found, one to a line.
pub(crate) fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn what_is_for_tests_only_is_no_code() {
    let text = "a\n#[cfg(test)]\nmod tests;\nb // c\n#[cfg(test)]\n#[allow(x)]\nfn f() {\n    d\n}\ne\n\
                impl T {\n    #[cfg(test)]\n    fn g() {\n        h\n    }\n    i\n}\n\
                #[cfg(test)]\npub mod tests {\n    j\n}\n";
    let source = Source { path: "sync/src/x.rs".into(), text: text.into() };
    let code: Vec<_> = source.code().iter().map(|(_, line)| line.trim()).collect();
    assert_eq!(code, ["a", "b", "e", "impl T {", "i", "}"]);
    assert_eq!(source.code()[1].0, 4, "line numbers are the file's");
    for (path, ships) in
        [("a/src/b.rs", true), ("a/src/tests.rs", false), ("a/src/b/tests/c.rs", false)]
    {
        assert_eq!(Source { path: path.into(), text: String::new() }.ships(), ships, "{path}");
    }
}
