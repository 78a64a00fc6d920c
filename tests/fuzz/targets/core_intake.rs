//! What laboratories and registrars bring: tables, FHIR resources, applications of venues.

#![no_main]

use node_core::authority::{application::Application, intake, table};
use sync::time::UnixMillis;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (_, row) in intake::rows(bytes).unwrap_or_default() {
        let _ = row.map(|line| intake::entry(&line, UnixMillis::from_secs(1_790_000_000)));
    }
    for row in table::read(bytes, &[]).unwrap_or_default() {
        let _ = Application::read(|name| row.field(name));
    }
});
