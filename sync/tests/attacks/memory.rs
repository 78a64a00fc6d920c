//! What an attack costs in memory: measured in a process of its own, by the kernel's own high-water mark.

use std::{
    fs,
    process::{Command, Stdio},
};

const ALONE: &str = "VESTIBULE_ALONE";

/// Runs a test's body in a process of its own, so that no other test's memory is counted. `name` is the test's path.
pub(crate) fn alone<F: Future<Output = ()>>(name: &str, body: impl FnOnce() -> F) {
    if std::env::var(ALONE).as_deref() == Ok(name) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(body());
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .env(ALONE, name)
        // One heap and no more: how many glibc opens hangs on the cores and on chance, and each keeps what was freed.
        .env("MALLOC_ARENA_MAX", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    println!("{said}");
    assert!(said.contains("1 passed"), "{name} is no test's path, or it failed: {complained}");
    assert!(child.status.success(), "{complained}");
}

/// The high-water mark of this process's memory, from now on.
pub(crate) struct Mark {
    before: u64,
}

impl Mark {
    pub(crate) fn set() -> Self {
        // 5: the peak is set back to what is resident now; see proc(5).
        fs::write("/proc/self/clear_refs", "5").unwrap();
        Self { before: kib("VmHWM:") }
    }

    /// By how much the peak has risen since, KiB.
    pub(crate) fn risen(&self) -> u64 {
        kib("VmHWM:") - self.before
    }
}

fn kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
