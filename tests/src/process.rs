//! A node as a process: started from its configuration, watched, asked, stopped or killed.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use crate::{binary, wait_until};

/// A running `vestibule run`. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    pages: String,
}

impl Process {
    /// Starts a node and waits until it is up.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(config: &Path) -> Self {
        Self::spawn(config).up()
    }

    /// Waits until the node is up.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn up(self) -> Self {
        let mut process = self;
        wait_until("the node is up", || {
            let ended = process.child.try_wait().expect("the process can be watched");
            assert!(ended.is_none(), "the node ended: {:#?}", process.log());
            process.log().iter().any(|line| line.starts_with("pages: "))
                && process.log().iter().any(|line| line.contains("node is up"))
        });
        let pages = process.log().iter().find_map(|l| l.strip_prefix("pages: ").map(str::to_owned));
        process.pages = pages.unwrap_or_default();
        process
    }

    /// Starts a node and does not wait.
    ///
    /// # Panics
    /// When the binary cannot be run.
    pub fn spawn(config: &Path) -> Self {
        Self::spawn_with([OsStr::new("run"), OsStr::new("--config"), config.as_os_str()])
    }

    /// Starts another command that becomes a node, and does not wait.
    ///
    /// # Panics
    /// When the binary cannot be run.
    pub fn spawn_with(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments);
        Self::watch(command)
    }

    /// Lets another program start the binary with these arguments: in a network of its own, for example.
    ///
    /// # Panics
    /// When the program cannot be run.
    pub fn spawn_by(
        program: &str,
        its: impl IntoIterator<Item = impl AsRef<OsStr>>,
        arguments: &[&OsStr],
    ) -> Self {
        let mut command = Command::new(program);
        command.args(its).arg(binary()).args(arguments);
        Self::watch(command)
    }

    fn watch(mut command: Command) -> Self {
        let mut child = command
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let log = Arc::new(Mutex::new(Vec::new()));
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            gather(out, Arc::clone(&log));
            gather(err, Arc::clone(&log));
        }
        Self { child, log, pages: String::new() }
    }

    /// What it has printed so far, both streams.
    ///
    /// # Panics
    /// Never in practice: only if a gathering thread panicked.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("no gatherer panics").clone()
    }

    /// How many lines hold all of these words.
    pub fn lines_with(&self, words: &[&str]) -> usize {
        self.log().iter().filter(|l| words.iter().all(|w| l.contains(w))).count()
    }

    /// The address of a page.
    pub fn page(&self, page: &str) -> String {
        format!("{}{page}", self.pages.trim_end_matches('/'))
    }

    /// A page behind the access key, as whoever can read the key's file sees it.
    ///
    /// # Panics
    /// When the key opens nothing.
    pub fn page_as_staff(&self, page: &str, config: &Path) -> String {
        let key = config.with_file_name("data").join("access.key");
        let key = std::fs::read_to_string(key).expect("the access key is on disk");
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        let entered = agent.get(self.page(&format!("/enter?key={}", key.trim()))).call();
        let entered = entered.expect("the node answers");
        let cookie = entered.headers().get("set-cookie").expect("the key opens a session");
        let cookie = cookie.to_str().expect("a cookie is text").split(';').next().unwrap_or("");
        let answer = agent.get(self.page(page)).header("cookie", cookie).call();
        let text = answer.expect("the node answers").body_mut().read_to_string();
        text.expect("a page is text")
    }

    /// One of its numbers from `/metrics`, summed over all labels that hold `label`.
    pub fn metric(&self, name: &str, label: &str) -> Option<u64> {
        let text =
            ureq::get(self.page("/metrics")).call().ok()?.body_mut().read_to_string().ok()?;
        let matching = text.lines().filter(|line| {
            let named = line.split(['{', ' ']).next();
            named.is_some_and(|n| n == name || n.strip_suffix("_total") == Some(name))
                && line.contains(label)
        });
        let values: Vec<f64> =
            matching.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() as u64)
    }

    /// Whether all four kinds of bulletins have arrived: before that a door confirms nobody.
    pub fn has_its_rules(&self) -> bool {
        ["policy", "trust", "tracing-keys", "revocations"].iter().all(|kind| self.knows_of(kind))
    }

    /// Whether a bulletin of this kind has arrived.
    pub fn knows_of(&self, kind: &str) -> bool {
        let health = ureq::get(self.page("/healthz")).call();
        let text = health.and_then(|mut answer| answer.body_mut().read_to_string());
        text.is_ok_and(|text| text.contains(&format!("\"kind\":\"{kind}\"")))
    }

    /// Visits of today that this door's ledger holds of a door.
    pub fn held(&self, door: &str) -> u64 {
        self.metric("vestibule_held_today", &format!("door=\"{door}\"")).unwrap_or(0)
    }

    /// `kill -9`: no chance to say goodbye.
    ///
    /// # Panics
    /// When the process cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// SIGTERM, and waits for the end; the exit code.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        let mut ended = None;
        wait_until("the node has stopped", || {
            ended = self.child.try_wait().expect("the process can be watched");
            ended.is_some()
        });
        ended.and_then(|status| status.code())
    }

    /// Waits for a process that ends by itself; its exit code.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn ended(&mut self) -> Option<i32> {
        let mut ended = None;
        wait_until("the process has ended", || {
            ended = self.child.try_wait().expect("the process can be watched");
            ended.is_some()
        });
        thread::sleep(Duration::from_millis(100)); // its last lines are still on the way
        ended.and_then(|status| status.code())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- the node's log\n{}", self.log().join("\n"));
            let page = self.page("/metrics");
            let numbers = ureq::get(&page).call().and_then(|mut a| a.body_mut().read_to_string());
            eprintln!("--- its numbers\n{}", numbers.unwrap_or_default());
        }
        let _ = self.child.kill(); // already gone is fine
        let _ = self.child.wait();
    }
}

fn gather(stream: impl Read + Send + 'static, log: Arc<Mutex<Vec<String>>>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().expect("no reader panics").push(line);
        }
    });
}
