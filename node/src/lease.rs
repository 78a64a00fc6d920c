//! The lease: which start of this node ran last in this folder. In no backup: what comes back from one has no lease,
//! and does not go on with rights to admit that may have been used since.

use std::{fs, io, path::Path};

use data_encoding::HEXLOWER;
use sync::id::Epoch;

const FILE: &str = "lease";

/// The start that ran last here, if its lease is whole.
pub(crate) fn last(data: &Path) -> Option<Epoch> {
    let text = fs::read_to_string(data.join(FILE)).ok()?;
    Epoch::from_hex(text.trim())
}

/// Puts this start in its place, so that it survives a power cut. After what the last start left was taken over, not
/// before: between the two the older lease holds, and is worth nothing once this start has written.
///
/// # Errors
/// The disk's.
pub(crate) fn take(data: &Path, epoch: Epoch) -> io::Result<()> {
    let (path, fresh) = (data.join(FILE), data.join("lease.new"));
    let mut file = fs::File::create(&fresh)?;
    io::Write::write_all(&mut file, HEXLOWER.encode(epoch.as_bytes()).as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, &path)?;
    fs::File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_last_start_and_a_torn_one_names_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(last(dir.path()), None);
        take(dir.path(), Epoch::new([1; 8])).unwrap();
        take(dir.path(), Epoch::new([2; 8])).unwrap();
        assert_eq!(last(dir.path()), Some(Epoch::new([2; 8])));
        fs::write(dir.path().join(FILE), "0202").unwrap();
        assert_eq!(last(dir.path()), None);
    }
}
