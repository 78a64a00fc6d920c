//! A PostgreSQL of a story's own: a cluster in a temporary folder, on a socket there, ended with it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::wait_until;

/// A running cluster. Ended when dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    server: Option<Child>,
    /// The port on loopback where it shows a certificate; none: it listens on its socket alone.
    port: Option<u16>,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Self {
        let mut cluster = Self::make();
        cluster.start_again();
        cluster
    }

    /// Makes a cluster that also listens on loopback, where it asks for TLS and a password, and starts it.
    ///
    /// # Panics
    /// As for [`Cluster::start`].
    pub fn start_with_certificate(certificate: &str, key: &str) -> Self {
        let mut cluster = Self::make();
        let data = cluster.folder.path().join("data");
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        for (name, text) in
            [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", rules)]
        {
            let file = data.join(name);
            let _ = std::fs::remove_file(&file); // two of them are new
            std::fs::write(&file, text).expect("a file is written");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&file, mode).expect("the owner may say who reads");
            if is_root() {
                let given = Command::new("chown").arg("postgres:").arg(&file).status();
                assert!(given.is_ok_and(|s| s.success()), "the file cannot be given away");
            }
        }
        let [port] = crate::free_ports();
        cluster.port = Some(port);
        cluster.start_again();
        cluster
    }

    /// The port on loopback, where there is one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    fn make() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let programs = programs();
        // The server does not run as root: the folder is its own user's.
        if is_root() {
            let given = Command::new("chown").arg("postgres:").arg(folder.path()).status();
            assert!(
                given.is_ok_and(|s| s.success()),
                "the folder cannot be given to user postgres"
            );
        }
        let made = as_its_user(&programs.join("initdb"))
            .args(["--auth=trust", "--no-sync", "--username=vestibule", "--encoding=UTF8"])
            .args(["--locale=C", "--pgdata"])
            .arg(folder.path().join("data"))
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { folder, programs, server: None, port: None }
    }

    /// Starts it after [`Cluster::stop`].
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start_again(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("log")).expect("a log file");
        let server = as_its_user(&self.programs.join("postgres"))
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .arg("-k")
            .arg(self.folder.path())
            .args(["-c", "shared_buffers=64MB", "-c", "logging_collector=off"])
            .args(match self.port {
                None => vec!["-c".to_owned(), "listen_addresses=".to_owned()],
                Some(port) => ["listen_addresses=127.0.0.1", &format!("port={port}"), "ssl=on"]
                    .iter()
                    .flat_map(|said| ["-c".to_owned(), (*said).to_owned()])
                    .collect(),
            })
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres runs");
        self.server = Some(server);
        wait_until("PostgreSQL answers", || {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-U", "vestibule", "-d", "postgres", "-h"])
                .arg(self.folder.path())
                .env("PGPORT", self.port.unwrap_or(5432).to_string())
                .status();
            ready.is_ok_and(|status| status.success())
        });
    }

    /// Ends it at once, as a power cut would end it for its callers.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let pid = server.id().to_string();
        let told = Command::new("kill").args(["-QUIT", &pid]).status().expect("kill runs");
        assert!(told.success(), "the server is gone already");
        server.wait().expect("the server ends");
    }

    /// Makes a database; the address by which nodes reach it.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database(&self, name: &str) -> String {
        self.sql("postgres", &format!("create database {name}"));
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://vestibule@{socket}/{name}")
    }

    /// Runs a statement with `psql`; what it prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let done = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "vestibule",
                "-d",
                database,
                "-h",
            ])
            .arg(self.folder.path())
            .args(["-c", statement])
            .env("PGPORT", self.port.unwrap_or(5432).to_string())
            .output()
            .expect("psql runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// Writes a database to a file with `pg_dump`, while others use it.
    ///
    /// # Panics
    /// When it fails.
    pub fn dump(&self, database: &str, to: &Path) {
        let mut pg_dump = self.program("pg_dump", database);
        let done = pg_dump.args(["--format=custom", "--file"]).arg(to).output().expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Reads such a file into a database with `pg_restore`, all of it or nothing.
    ///
    /// # Errors
    /// What it says when it does not.
    pub fn restore(&self, database: &str, from: &Path) -> Result<(), String> {
        let mut pg_restore = self.program("pg_restore", database);
        let done = pg_restore.args(["--single-transaction", "--exit-on-error"]).arg(from).output();
        let done = done.expect("it runs");
        done.status.success().then_some(()).ok_or(String::from_utf8_lossy(&done.stderr).into())
    }

    fn program(&self, name: &str, database: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["-U", "vestibule", "-d", database, "-h"]).arg(self.folder.path());
        command.env("PGPORT", self.port.unwrap_or(5432).to_string());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = server.id().to_string();
            let _ = Command::new("kill").args(["-QUIT", &pid]).status(); // gone already is fine
            let _ = server.wait();
        }
    }
}

/// Where the server's programs lie: Debian keeps them out of the path.
fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folder| folder.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let in_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut all = versions.into_iter().rev().chain(in_path);
    all.find(|folder| folder.join("initdb").exists()).expect(
        "these tests need a real PostgreSQL: apt-get install postgresql (tests/all system does it)",
    )
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

fn as_its_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}
