//! The guard against a simulation on the wrong clock: without the patches of Cargo.toml this does not compile.

const _: () = assert!(futures_timer::ON_TOKIOS_CLOCK && web_time::ON_TOKIOS_CLOCK);

#[cfg(not(tokio_unstable))]
compile_error!(
    "start cargo in tests/net-sim, and without RUSTFLAGS: .cargo/config.toml there sets `--cfg tokio_unstable`, \
     without which one seed does not run the same way twice and panics in tasks go unseen"
);
