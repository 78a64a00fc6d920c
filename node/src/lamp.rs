//! Lamp and buzzer at the door: plays on GPIO lines what the desk's events signal.
//!
//! What is shown is decided in `node_core::signal`; here it becomes times and lines. A lamp that fails is said and does
//! not keep the door from working: the screen shows the same.

use std::{io, time::Duration};

use gpiocdev::{
    Request,
    line::Value::{Active, Inactive},
};
use node_core::{
    event::DoorEvent,
    signal::{Colour, Lamp, Signal, Tone},
};
use tokio::{sync::broadcast, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::config::{Level, SignalSection};

/// Why a lamp was not opened.
#[derive(Debug, thiserror::Error)]
#[error("signal.chip: the lines of {chip} cannot be driven")]
pub struct LampError {
    chip: String,
    source: gpiocdev::Error,
}

/// Which lines are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    colour: Option<Colour>,
    white: bool,
    buzzer: bool,
}

/// From this moment of the signal on, this is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    at: u32,
    shown: Shown,
}

/// What drives lines.
trait Drive: Send {
    fn show(&mut self, shown: Shown) -> io::Result<()>;
}

/// The lines of a chip.
struct Lines {
    section: SignalSection,
    request: Request,
}

/// A lamp and a buzzer.
pub(crate) struct Lights(Box<dyn Drive>);

impl Lights {
    /// Takes the lines, all dark.
    ///
    /// # Errors
    /// [`LampError`] when the chip is not there, may not be opened, or another program has a line.
    pub(crate) fn open(section: &SignalSection) -> Result<Self, LampError> {
        let mut wanted = Request::builder();
        wanted.on_chip(&section.chip).with_consumer("vestibule").with_lines(&section.lines());
        wanted.as_output(Inactive);
        if section.active == Level::Low {
            wanted.as_active_low();
        }
        let chip = section.chip.display().to_string();
        let request = wanted.request().map_err(|source| LampError { chip, source })?;
        Ok(Self(Box::new(Lines { section: section.clone(), request })))
    }

    /// Shows each event until the next, and is dark in the end.
    pub(crate) async fn follow(
        mut self,
        mut events: broadcast::Receiver<DoorEvent>,
        stopped: CancellationToken,
    ) {
        let mut playing: Option<(Instant, Vec<Step>)> = None;
        loop {
            let next = playing.as_ref().and_then(|(begun, steps)| {
                steps.first().map(|step| *begun + Duration::from_millis(step.at.into()))
            });
            tokio::select! {
                () = stopped.cancelled() => break,
                heard = events.recv() => match heard {
                    Ok(event) => playing = Some((Instant::now(), score(event.signal()))),
                    // The latest is what counts; it is still to come.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                () = until(next), if next.is_some() => {
                    if let Some((_, steps)) = &mut playing {
                        self.show(steps.remove(0).shown);
                    }
                }
            }
        }
        self.show(Shown::default());
    }

    fn show(&mut self, shown: Shown) {
        if let Err(error) = self.0.show(shown) {
            tracing::warn!(%error, "lamp and buzzer do not follow");
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

impl Drive for Lines {
    fn show(&mut self, shown: Shown) -> io::Result<()> {
        for (line, on) in lines(&self.section, shown) {
            let value = if on { Active } else { Inactive };
            self.request.set_value(line, value).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Each line that is named, and whether it is on. Where there is no lamp of a colour, others stand in for it.
fn lines(section: &SignalSection, shown: Shown) -> Vec<(u32, bool)> {
    let is = |colour| shown.colour == Some(colour);
    // Blue lets in as green does; white beside it tells them apart. Grey is no colour: white alone.
    let stands_in = section.blue.is_none() && is(Colour::Blue);
    let all = [
        (section.green, is(Colour::Green) || stands_in),
        (section.blue, is(Colour::Blue)),
        (section.yellow, is(Colour::Yellow)),
        (section.red, is(Colour::Red)),
        (section.white, shown.white || is(Colour::Grey) || stands_in),
        (section.buzzer, shown.buzzer),
    ];
    all.into_iter().filter_map(|(line, on)| Some((line?, on))).collect()
}

/// What is shown when, in order; dark at the end.
fn score(signal: Signal) -> Vec<Step> {
    let lamp = lamp_times(signal);
    let buzzer = buzzer_times(signal.tone);
    let mut moments: Vec<u32> = lamp.iter().map(|(at, ..)| *at).collect();
    moments.extend(buzzer.iter().flat_map(|(from, until)| [*from, *until]));
    moments.sort_unstable();
    moments.dedup();
    let step = |at: u32| {
        let (colour, white) =
            lamp.iter().rev().find(|(from, ..)| *from <= at).map_or((None, false), |l| (l.1, l.2));
        let buzzer = buzzer.iter().any(|(from, until)| (*from..*until).contains(&at));
        Step { at, shown: Shown { colour, white, buzzer } }
    };
    moments.into_iter().map(step).collect()
}

/// From when on the lamp shows which colour, and whether white.
fn lamp_times(signal: Signal) -> Vec<(u32, Option<Colour>, bool)> {
    let on = Some(signal.colour);
    let (period, during, alternates) = match signal.lamp {
        Lamp::Steady(during) => return vec![(0, on, false), (during, None, false)],
        Lamp::Blink { period, during } => (period.max(2), during, false),
        Lamp::Alternate { period, during } => (period.max(2), during, true),
    };
    let mut times = Vec::new();
    for from in (0..during).step_by(period as usize) {
        times.push((from, on, false));
        times.push((from + period / 2, None, alternates && signal.colour != Colour::Grey));
    }
    times.push((during, None, false));
    times.sort_by_key(|(at, ..)| *at);
    times
}

/// From when until when a buzzer sounds. It has one pitch: rhythms tell the tones apart.
fn buzzer_times(tone: Tone) -> Vec<(u32, u32)> {
    match tone {
        Tone::Rising => vec![(0, 80), (140, 300)],
        Tone::Middle => vec![(0, 150)],
        Tone::TwoLow => vec![(0, 400), (600, 1_000)],
        Tone::LongLow => vec![(0, 1_500)],
        Tone::ThreeShort => vec![(0, 100), (200, 300), (400, 500)],
        Tone::Tick => vec![(0, 25)],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use node_core::reason::Reason;
    use sync::time::UnixMillis;

    use super::*;

    const TONES: [Tone; 6] =
        [Tone::Rising, Tone::Middle, Tone::TwoLow, Tone::LongLow, Tone::ThreeShort, Tone::Tick];

    fn section(text: &str) -> SignalSection {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_signal_ends_dark_and_quiet_and_no_two_tones_sound_alike() {
        let lamps = [
            Lamp::Steady(1_000),
            Lamp::Blink { period: 250, during: 3_000 },
            Lamp::Alternate { period: 500, during: 3_000 },
            Lamp::Blink { period: 0, during: 10 },
        ];
        for (lamp, tone) in lamps.iter().flat_map(|lamp| TONES.map(|tone| (*lamp, tone))) {
            let steps = score(Signal { colour: Colour::Red, lamp, tone });
            assert_eq!(steps.last().unwrap().shown, Shown::default(), "{lamp:?} {tone:?}");
            assert_eq!(
                steps[0].shown,
                Shown { colour: Some(Colour::Red), white: false, buzzer: true }
            );
            assert!(steps.windows(2).all(|pair| pair[0].at < pair[1].at));
        }
        for (n, tone) in TONES.iter().enumerate() {
            assert!(TONES[n + 1..].iter().all(|other| buzzer_times(*other) != buzzer_times(*tone)));
        }
    }

    #[test]
    fn blinking_red_is_on_for_half_of_each_period() {
        let lamp = Lamp::Blink { period: 250, during: 1_000 };
        let steps = score(Signal { colour: Colour::Red, lamp, tone: Tone::Tick });
        let on: Vec<_> = steps.iter().filter(|s| s.shown.colour.is_some()).map(|s| s.at).collect();
        assert_eq!(on, [0, 25, 250, 500, 750], "25: the tick ends");
    }

    #[test]
    fn a_lamp_that_is_missing_is_stood_in_for() {
        let all = section("green = 1\nblue = 2\nyellow = 3\nred = 4\nwhite = 5\nbuzzer = 6");
        let few = section("green = 1\nred = 4\nwhite = 5");
        let on = |section: &SignalSection, colour| -> Vec<u32> {
            let shown = Shown { colour, ..Shown::default() };
            lines(section, shown).into_iter().filter(|(_, on)| *on).map(|(line, _)| line).collect()
        };
        assert_eq!(
            (on(&all, Some(Colour::Blue)), on(&few, Some(Colour::Blue))),
            (vec![2], vec![1, 5])
        );
        assert_eq!((on(&all, Some(Colour::Grey)), on(&few, Some(Colour::Red))), (vec![5], vec![4]));
        assert_eq!(on(&all, None), Vec::<u32>::new());
    }

    struct Recorder(Arc<Mutex<Vec<Shown>>>);

    impl Drive for Recorder {
        fn show(&mut self, shown: Shown) -> io::Result<()> {
            self.0.lock().unwrap().push(shown);
            Ok(())
        }
    }

    #[tokio::test]
    async fn events_are_played_and_the_lamp_is_dark_when_the_door_stops() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (news, events) = broadcast::channel(4);
        let stopped = CancellationToken::new();
        let lights = Lights(Box::new(Recorder(Arc::clone(&shown))));
        let mut played = tokio::task::JoinSet::new();
        played.spawn(lights.follow(events, stopped.clone()));
        let event =
            || DoorEvent::Unrecorded { at: UnixMillis::new(0), reason: Reason::NotACredential };
        news.send(event()).unwrap();
        while !shown.lock().unwrap().iter().any(|s: &Shown| s.buzzer) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stopped.cancel();
        played.join_all().await;
        let shown = shown.lock().unwrap();
        assert_eq!(shown[0].colour, Some(Colour::Grey));
        assert_eq!(shown.last(), Some(&Shown::default()));
    }

    #[test]
    fn a_chip_that_is_not_there_is_named() {
        let error = Lights::open(&section("chip = \"/dev/no-such-chip\"\nred = 4")).err().unwrap();
        assert!(error.to_string().contains("/dev/no-such-chip"), "{error}");
    }
}
