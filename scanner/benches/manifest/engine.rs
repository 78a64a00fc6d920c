//! The decoders that are compared, each on the same grey pixels.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rxing::helpers::detect_in_luma_filtered;
use scanner::{Budget, Effort, Luma, decode_within};

/// A decoder.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Engine {
    Ours,
    /// One look, as every frame of a stream gets.
    OursCheap,
    Rqrr,
    Rxing,
    /// The command-line tool, with its start and its reading of the file.
    ZxingCpp,
    Zbar,
}

impl Engine {
    pub(crate) fn available() -> Vec<Self> {
        let mut engines = vec![Self::Ours, Self::OursCheap, Self::Rqrr, Self::Rxing];
        for (engine, program) in [(Self::ZxingCpp, "ZXingReader"), (Self::Zbar, "zbarimg")] {
            if Command::new(program).arg("--help").output().is_ok() {
                engines.push(engine);
            } else {
                println!("{program} is not installed: {} is left out", engine.name());
            }
        }
        engines
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::OursCheap => "ours, one look",
            Self::Rqrr => "rqrr alone",
            Self::Rxing => "rxing alone",
            Self::ZxingCpp => "zxing-cpp",
            Self::Zbar => "zbar",
        }
    }

    /// The texts of a picture and the CPU time of this thread; of a tool, the time on the wall.
    pub(crate) fn read(self, luma: &Luma, path: &Path) -> (Vec<String>, Duration) {
        match self {
            Self::Ours => timed(|| ours(luma, Effort::TwoLooks)),
            Self::OursCheap => timed(|| ours(luma, Effort::OneLook)),
            Self::Rqrr => timed(|| rqrr_alone(luma)),
            Self::Rxing => timed(|| rxing_alone(luma)),
            Self::ZxingCpp => {
                tool(Command::new("ZXingReader").args(["-1", "-format", "QRCode"]).arg(path), zxing)
            }
            Self::Zbar => tool(Command::new("zbarimg").args(["-q", "--xml"]).arg(path), zbar),
        }
    }
}

fn timed(read: impl FnOnce() -> Vec<String>) -> (Vec<String>, Duration) {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let start = now();
    let texts = read();
    (texts, now() - start)
}

fn ours(luma: &Luma, effort: Effort) -> Vec<String> {
    let found = decode_within(luma, effort, &Budget::default()).unwrap_or_default();
    found.iter().filter_map(|found| found.payload.text().map(str::to_owned)).collect()
}

fn rqrr_alone(luma: &Luma) -> Vec<String> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let pixels = luma.pixels();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect()
}

fn rxing_alone(luma: &Luma) -> Vec<String> {
    let format = Some(rxing::BarcodeFormat::QR_CODE);
    let read = detect_in_luma_filtered(luma.pixels().to_vec(), luma.width(), luma.height(), format);
    read.into_iter().map(|result| result.getText().to_owned()).collect()
}

#[expect(clippy::disallowed_methods, reason = "another process has no CPU time of this thread")]
fn tool(command: &mut Command, read: impl Fn(&str) -> Vec<String>) -> (Vec<String>, Duration) {
    let start = std::time::Instant::now();
    let output = command.output().unwrap();
    let took = start.elapsed();
    (read(&String::from_utf8_lossy(&output.stdout)), took)
}

/// A line a code: the file, the format, and the text in quotation marks with control characters by name.
fn zxing(output: &str) -> Vec<String> {
    let text = |line: &str| {
        let quoted = line.split_once(" QRCode \"")?.1.strip_suffix('"')?;
        let names = ["<LF>", "<CR>", "<HT>", "<GS>", "<RS>", "<US>", "<FS>"];
        Some(names.iter().fold(quoted.to_owned(), |text, name| text.replace(name, " ")))
    };
    output.lines().filter_map(text).collect()
}

/// Each text in a CDATA section of its own.
fn zbar(output: &str) -> Vec<String> {
    let sections = output.split("<![CDATA[").skip(1);
    sections.filter_map(|rest| Some(rest.split_once("]]>")?.0.to_owned())).collect()
}
