use std::io::Read;
use std::path::PathBuf;

use super::{File, Haste, Path, io, open_beneath};
use crate::net::file::{state_of, status_of};

/// A folder of one test, removed at its end.
pub(crate) struct Tree(pub(crate) PathBuf);

impl Tree {
    pub(crate) fn new() -> Self {
        let path = crate::net::event_loop::tests::files::Temp::name();
        std::fs::create_dir_all(path.join("root/sub/deep")).unwrap();
        for (name, text) in [
            ("outside", "outside"),
            ("root/a", "a"),
            ("root/sub/b", "b"),
            ("root/sub/deep/c", "c"),
        ] {
            std::fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.0.join("root")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// What is in the file, or the status of not having it; by the ways that the system has of its own.
fn found(root: &Path, path: &str) -> Result<String, u16> {
    let patiently = text(open_beneath(root, Path::new(path), Haste::Patient));
    // What is said at once is the same.
    match open_beneath(root, Path::new(path), Haste::AtOnce) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => patiently,
        opened => {
            let at_once = text(opened);
            assert_eq!(at_once, patiently, "{path}");
            at_once
        }
    }
}

fn text(file: io::Result<File>) -> Result<String, u16> {
    let read = |mut file: File| {
        state_of(&file)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    };
    file.and_then(read).map_err(|error| status_of(&error))
}

#[test]
fn gives_what_lies_below_and_nothing_else() {
    let tree = Tree::new();
    let root = tree.root();
    let cases = [
        ("a", Ok("a")),
        ("sub/b", Ok("b")),
        ("sub/deep/c", Ok("c")),
        ("./sub/./b", Ok("b")),
        ("sub/../a", Ok("a")),
        ("sub/deep/../../sub/b", Ok("b")),
        ("missing", Err(404)),
        ("missing/b", Err(404)),
        ("a/b", Err(404)),
        ("sub", Err(404)),
        (".", Err(404)),
        ("..", Err(404)),
        ("../outside", Err(404)),
        ("../root/a", Err(404)),
        ("sub/../../outside", Err(404)),
        ("sub/../../root/a", Err(404)),
        ("/etc/passwd", Err(404)),
        ("/", Err(404)),
    ];
    for (path, expected) in cases {
        let expected = expected.map(str::to_owned);
        assert_eq!(found(&root, path), expected, "{path}");
        #[cfg(unix)]
        assert_eq!(unix::walked(&root, path), expected, "{path}, walked");
    }
    assert_eq!(found(&root.join("missing"), "a"), Err(404));
    assert_eq!(found(&root.join("a"), "a"), Err(404));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::net::file::beneath::walk::{open_folder, walk};

    pub(super) fn walked(root: &Path, path: &str) -> Result<String, u16> {
        text(open_folder(root).and_then(|folder| walk(folder, Path::new(path))))
    }

    #[test]
    fn follows_links_that_stay_below() {
        let tree = Tree::new();
        let root = tree.root();
        let absolute = root.join("a");
        let links = [
            ("to-a", "a", Ok("a")),
            ("to-b", "sub/b", Ok("b")),
            ("sub/up", "../a", Ok("a")),
            ("sub/round", "../sub/deep/../b", Ok("b")),
            ("twice", "to-b", Ok("b")),
            ("out", "../outside", Err(404)),
            ("far-out", "../../../../../etc/passwd", Err(404)),
            ("out-and-in", "../root/a", Err(404)),
            ("absolute", absolute.to_str().unwrap(), Err(404)),
            ("passwd", "/etc/passwd", Err(404)),
            ("self", "self", Err(404)),
            ("gone", "missing", Err(404)),
            ("here", ".", Err(404)),
        ];
        for (name, target, _) in &links {
            symlink(target, root.join(name)).unwrap();
        }
        symlink("sub", root.join("folder")).unwrap();
        symlink("..", root.join("parent")).unwrap();
        symlink("/etc", root.join("etc")).unwrap();
        symlink("deep/..", root.join("sub/again")).unwrap();
        let through = [
            ("folder/b", Ok("b")),
            ("folder/deep/c", Ok("c")),
            ("sub/again/again/b", Ok("b")),
            ("folder/up", Ok("a")),
            ("here/here/a", Ok("a")),
            ("parent/outside", Err(404)),
            ("parent/root/a", Err(404)),
            ("etc/passwd", Err(404)),
            ("self/a", Err(404)),
        ];
        let all = links.map(|(name, _, expected)| (name, expected));
        for (path, expected) in all.into_iter().chain(through) {
            let expected = expected.map(str::to_owned);
            assert_eq!(found(&root, path), expected, "{path}");
            assert_eq!(walked(&root, path), expected, "{path}, walked");
        }
        // The folder itself is reached through any link.
        symlink(&root, tree.0.join("link")).unwrap();
        assert_eq!(found(&tree.0.join("link"), "sub/b"), Ok("b".to_owned()));
    }

    #[test]
    fn follows_as_many_links_as_the_kernel() {
        let tree = Tree::new();
        let root = tree.root();
        symlink("a", root.join("l0")).unwrap();
        for i in 1..=40 {
            symlink(format!("l{}", i - 1), root.join(format!("l{i}"))).unwrap();
        }
        for (path, expected) in [("l39", Ok("a".to_owned())), ("l40", Err(404))] {
            assert_eq!(walked(&root, path), expected, "{path}");
            if cfg!(target_os = "linux") {
                assert_eq!(found(&root, path), expected, "{path}");
            }
        }
    }

    #[test]
    fn waits_for_nobody_at_a_fifo() {
        let tree = Tree::new();
        let root = tree.root();
        let made = std::process::Command::new("mkfifo")
            .arg(root.join("fifo"))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(found(&root, "fifo"), Err(404));
        assert_eq!(walked(&root, "fifo"), Err(404));
    }

    /// A folder inside is swapped for a link to the outside, and back, while it is read through.
    #[test]
    fn nothing_that_is_swapped_meanwhile_leads_out() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let tree = Tree::new();
        let root = tree.root();
        std::fs::create_dir(root.join("x")).unwrap();
        std::fs::write(root.join("x/outside"), "inside").unwrap();
        symlink("..", root.join("y")).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for (from, to) in [("x", "z"), ("y", "x"), ("x", "y"), ("z", "x")] {
                        std::fs::rename(root.join(from), root.join(to)).unwrap();
                    }
                }
            });
            let path = Path::new("x/outside");
            let mut seen = 0;
            for _ in 0..20_000 {
                let [at_once, patiently] = [Haste::AtOnce, Haste::Patient]
                    .map(|haste| text(open_beneath(&root, path, haste)));
                for got in [at_once, patiently, walked(&root, "x/outside")] {
                    match got {
                        Ok(text) => {
                            assert_eq!(text, "inside");
                            seen += 1;
                        }
                        // 503: it cannot be said at once.
                        Err(status) => assert!([404, 503].contains(&status)),
                    }
                }
                if seen > 300 {
                    break;
                }
            }
            done.store(true, Ordering::Relaxed);
            assert!(seen > 0);
        });
    }
}
