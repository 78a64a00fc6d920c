//! Until when a node's papers hold: its membership, and the certificate of its pages.

use std::path::Path;

use sync::time::UnixMillis;
use x509_parser::pem::Pem;

use super::Finding;
use crate::{command::in_words, config::Config, start::charter, wall};

const DAY_MILLIS: i64 = 86_400_000;
/// So long before their end papers are worth a look, days.
const SOON: i64 = 30;
/// A file of certificates is not longer than this, bytes.
const PEM_MAX: usize = 256 << 10;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut found = vec![membership(config)];
    if let Some(path) = config.web.as_ref().and_then(|web| web.certificate.as_deref()) {
        found.push(certificate(path));
    }
    found
}

fn membership(config: &Config) -> Finding {
    let renew = "they are renewed by themselves in their last month, while the authority is reached and a door of the venue has \
                 the manager's key; else ask the manager or the authority for new papers (vestibule enrol door, or a new venue \
                 grant), and put them in place of node.membership";
    match charter(config) {
        Ok((_, member)) => ends("membership", member.expires, renew),
        Err(error) => Finding::wrong("membership", in_words(&error), renew),
    }
}

fn certificate(path: &Path) -> Finding {
    let renew = "put a new certificate and its key in place; they are taken up while the node runs";
    match until(path) {
        Ok(until) => ends("certificate", until, renew),
        Err(why) => Finding::wrong("certificate", format!("{}: {why}", path.display()), renew),
    }
}

/// When the first certificate of a file ends.
fn until(path: &Path) -> Result<UnixMillis, String> {
    let bytes = crate::command::read_file(path, PEM_MAX).map_err(|e| in_words(&e))?;
    let pem = Pem::iter_from_buffer(&bytes).next();
    let pem = pem.ok_or("it holds no certificate")?.map_err(|e| e.to_string())?;
    let certificate = pem.parse_x509().map_err(|e| e.to_string())?;
    Ok(UnixMillis::from_secs(certificate.validity().not_after.timestamp()))
}

fn ends(about: &'static str, until: UnixMillis, renew: &str) -> Finding {
    let left = until.get().saturating_sub(wall::now().get());
    match left.div_euclid(DAY_MILLIS) {
        ..0 => Finding::wrong(about, format!("it ended at {until}"), renew),
        days @ 0..SOON => {
            Finding::note(about, format!("it ends at {until}, in {days} days"), renew)
        }
        _ => Finding::fine(about, format!("it holds until {until}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn what_ends_soon_is_told_before_it_has() {
        let now = wall::now();
        let state = |days: i64| ends("x", now.plus_millis(days * DAY_MILLIS + 1000), "renew").state;
        assert_eq!((state(-1), state(3), state(40)), (State::Wrong, State::Note, State::Fine));
    }

    #[test]
    fn a_file_that_holds_no_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("door.pem");
        std::fs::write(&path, "hello").unwrap();
        let found = certificate(&path);
        assert_eq!(found.state, State::Wrong);
        assert!(found.said.contains("door.pem"), "{found:?}");
    }
}
