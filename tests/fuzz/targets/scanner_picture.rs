//! A picture's file, of any format.

#![no_main]

use std::{cell::LazyCell, fs};

use tempfile::TempDir;

thread_local! {
    static FOLDER: LazyCell<TempDir> = LazyCell::new(|| tempfile::tempdir().expect("a folder"));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    FOLDER.with(|folder| {
        let path = folder.path().join("picture");
        fs::write(&path, bytes).expect("the folder is writable");
        let _ = scanner::open_picture(&path).map(|luma| luma.pixels().len());
    });
});
