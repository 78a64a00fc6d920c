//! The binary `vestibule`: arguments, logging, panic hook, exit code; nothing else.

use std::{io::IsTerminal, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};
use node::command::{
    self, Answer, CommandError, abroad, backup, bench, bundle, cameras, casework, demo, doctor,
    enrol, init_store, keys, manual, pair, poster, publish, quarantine, register, registry, run,
    scan, tell, token, tokens, wipe,
};

/// Checks visitors at the door without a network, and shares the visits when there is one.
#[derive(Debug, Parser)]
#[command(
    name = "vestibule",
    version,
    after_help = "Examples:
  vestibule demo                       a whole region on this machine, with pages to look at
  vestibule run --config door.toml     run a node
  vestibule scan photos/ --json        decode images"
)]
struct Arguments {
    /// How the log is written on standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogForm::Text, value_name = "FORM")]
    log_format: LogForm,
    #[command(subcommand)]
    verb: Verb,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogForm {
    /// For people.
    Text,
    /// An object a line, for programs that gather logs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::DemoArgs),
    Run(run::RunArgs),
    CheckConfig(run::CheckConfigArgs),
    Scan(scan::ScanArgs),
    Cameras(cameras::CamerasArgs),
    Token(token::TokenArgs),
    Keys(keys::KeysArgs),
    Enrol(enrol::EnrolArgs),
    Pair(pair::PairArgs),
    Poster(poster::PosterArgs),
    Wipe(wipe::WipeArgs),
    /// The authority's work without a browser.
    #[command(after_help = "Examples:
  vestibule authority publish --root root.key --region 1 --policy policy.json --out bulletins")]
    Authority {
        #[command(subcommand)]
        verb: AuthorityVerb,
    },
    Bundle(bundle::BundleArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    Doctor(doctor::DoctorArgs),
    Manual(manual::ManualArgs),
    Bench(bench::BenchArgs),
}

#[derive(Debug, Subcommand)]
enum AuthorityVerb {
    Publish(publish::PublishArgs),
    Tell(tell::TellArgs),
    Registry(registry::RegistryArgs),
    InitStore(init_store::InitStoreArgs),
    Quarantine(quarantine::QuarantineArgs),
    Trace(casework::TraceArgs),
    Stats(casework::StatsArgs),
    Export(casework::ExportArgs),
    Enrol(register::RegisterArgs),
    Tokens(tokens::TokensArgs),
    Abroad(abroad::AbroadArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse(); // wrong use ends here with exit code 2
    start_log(arguments.log_format);
    end_loudly_on_panic();
    match answer(arguments.verb) {
        Ok(answer) => ExitCode::from(answer.exit_code()),
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn answer(verb: Verb) -> Result<Answer, CommandError> {
    match verb {
        Verb::Demo(args) => demo::run(args),
        Verb::Run(args) => run::run(args),
        Verb::CheckConfig(args) => run::check(args),
        Verb::Scan(args) => scan::run(args),
        Verb::Cameras(args) => cameras::run(args),
        Verb::Token(args) => token::run(args),
        Verb::Keys(args) => keys::run(args),
        Verb::Enrol(args) => enrol::run(args),
        Verb::Pair(args) => pair::run(args),
        Verb::Poster(args) => poster::run(args),
        Verb::Wipe(args) => wipe::run(args),
        Verb::Authority { verb: AuthorityVerb::Publish(args) } => publish::run(args),
        Verb::Authority { verb: AuthorityVerb::Tell(args) } => tell::run(args),
        Verb::Authority { verb: AuthorityVerb::Registry(args) } => registry::run(args),
        Verb::Authority { verb: AuthorityVerb::InitStore(args) } => init_store::run(args),
        Verb::Authority { verb: AuthorityVerb::Quarantine(args) } => quarantine::run(args),
        Verb::Authority { verb: AuthorityVerb::Trace(args) } => casework::trace(args),
        Verb::Authority { verb: AuthorityVerb::Stats(args) } => casework::stats(args),
        Verb::Authority { verb: AuthorityVerb::Export(args) } => casework::export(args),
        Verb::Authority { verb: AuthorityVerb::Enrol(args) } => register::run(args),
        Verb::Authority { verb: AuthorityVerb::Tokens(args) } => tokens::run(args),
        Verb::Authority { verb: AuthorityVerb::Abroad(args) } => abroad::run(args),
        Verb::Bundle(args) => bundle::run(args),
        Verb::Backup(args) => backup::run(args),
        Verb::Restore(args) => backup::restore(args),
        Verb::Doctor(args) => doctor::run(args),
        Verb::Manual(args) => manual::run(&args, Arguments::command()),
        Verb::Bench(args) => bench::run(args),
    }
}

/// The error and its causes, on standard error.
fn complain(error: &CommandError) {
    command::warn(format!("vestibule: {}", command::in_words(error)));
}

/// Logs go to standard error; `RUST_LOG` chooses what.
fn start_log(form: LogForm) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new(
            "warn,node=info,node_core=info,sync=info,web=info,scanner=info",
        )
    });
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match form {
        LogForm::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogForm::Json => log.json().flatten_event(true).with_current_span(false).init(),
    }
}

/// A panic ends the process: the supervisor starts it clean. Only those of decoders are caught where they
/// happen.
fn end_loudly_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        if !scanner::contained() {
            std::process::exit(101);
        }
    }));
}
