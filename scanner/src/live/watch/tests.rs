//! The watched reader under a fake camera that fails, comes back and hangs.

use std::sync::Mutex;
use std::sync::mpsc;

use super::*;
use crate::live::Device;
use crate::luma::Luma;
use crate::picture::Picture;
use crate::test_uptime;

/// What the camera does the next time it is opened.
enum Plan {
    Unplugged,
    /// So many frames, then unplugged.
    Frames(usize),
    /// So many frames, then silence until the other end is dropped.
    Hangs(usize, mpsc::Receiver<()>),
    HangsInOpen(mpsc::Receiver<()>),
    /// Waits in something that the leash ends.
    HangsOnTheLeash,
    /// Says for ever that what came is no frame.
    Garbage,
    Panics,
}

#[derive(Default)]
struct FakeCamera(Mutex<Vec<Plan>>);

struct FakeDevice {
    frames_left: usize,
    then: Option<mpsc::Receiver<()>>,
}

impl Backend for FakeCamera {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let plan = self.0.lock().unwrap().pop();
        let (frames_left, then) = match plan {
            None | Some(Plan::Unplugged) => return Err("not plugged in".to_owned()),
            Some(Plan::Frames(frames)) => (frames, None),
            Some(Plan::Hangs(frames, until)) => (frames, Some(until)),
            Some(Plan::HangsInOpen(until)) => {
                let _ = until.recv();
                return Err("woke up".to_owned());
            }
            Some(Plan::HangsOnTheLeash) => {
                let (sender, until) = mpsc::channel();
                leash.tie(move || drop::<mpsc::Sender<()>>(sender));
                (1, Some(until))
            }
            Some(Plan::Garbage) => return Ok((Box::new(Garbage), "fake".to_owned())),
            Some(Plan::Panics) => std::panic::resume_unwind(Box::new("a bug")),
        };
        let device = FakeDevice { frames_left, then };
        Ok((Box::new(device), "fake".to_owned()))
    }
}

impl Device for FakeDevice {
    fn next(&mut self) -> Result<Shot, String> {
        if self.frames_left == 0 {
            if let Some(until) = &self.then {
                let _ = until.recv();
            }
            return Err("unplugged".to_owned());
        }
        self.frames_left -= 1;
        Ok(Shot::Frame(Picture::Luma(Luma::new(1, 1, vec![0]).unwrap())))
    }
}

struct Garbage;

impl Device for Garbage {
    fn next(&mut self) -> Result<Shot, String> {
        sleep(Duration::from_millis(5));
        Ok(Shot::Broken("no frame".to_owned()))
    }
}

fn watched(mut plans: Vec<Plan>) -> Watched {
    plans.reverse();
    let pauses = Pauses {
        frame_deadline: Duration::from_millis(250),
        reopen_min: Duration::from_millis(5),
        reopen_max: Duration::from_millis(20),
    };
    let backend = Arc::new(FakeCamera(Mutex::new(plans)));
    Watched::new(backend, pauses, test_uptime())
}

/// `o` opened, `f` a frame, `l` lost, `h` hung; until `count` of them.
fn events(source: &mut Watched, count: usize) -> String {
    let mut seen = String::new();
    while seen.len() < count {
        match source.next(Duration::from_millis(10)) {
            Step::Opened(_) => seen.push('o'),
            Step::Frame(_) => seen.push('f'),
            Step::Lost(Loss::Failed, _) => seen.push('l'),
            Step::Lost(Loss::Hung, _) => seen.push('h'),
            Step::Broken(_) => seen.push('b'),
            Step::Alive | Step::Nothing => {}
            Step::Text(_) | Step::Ended => unreachable!("this camera has no such step"),
        }
    }
    seen
}

#[test]
fn a_lost_camera_is_opened_again() {
    let plans = vec![Plan::Frames(2), Plan::Unplugged, Plan::Panics, Plan::Frames(1)];
    let mut source = watched(plans);
    assert_eq!(events(&mut source, 9), "offlllofl");
    assert_eq!(source.delivery(), Delivery::NewestWins);
}

#[test]
fn a_hung_reader_is_abandoned_and_the_camera_comes_back() {
    let (waker, until) = mpsc::channel();
    let (open_waker, open_until) = mpsc::channel();
    let plans = vec![Plan::Hangs(1, until), Plan::HangsInOpen(open_until), Plan::Frames(3)];
    let mut source = watched(plans);
    assert_eq!(events(&mut source, 8), "ofhhofff");
    assert_eq!(source.hung.len(), 2);
    // A reader that wakes up late ends without a word into the new one's frames.
    drop((waker, open_waker));
    assert_eq!(events(&mut source, 2), "ll");
    while source.hung.iter().any(|reader| !reader.is_finished()) {
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn hung_readers_are_bounded() {
    let (wakers, untils): (Vec<_>, Vec<_>) = (0..6).map(|_| mpsc::channel::<()>()).unzip();
    let mut source = watched(untils.into_iter().map(Plan::HangsInOpen).collect());
    // Four hang; the fifth and sixth attempts start no reader.
    assert_eq!(events(&mut source, 6), "hhhhll");
    assert_eq!(source.hung.len(), HUNG_MAX);
    drop(wakers);
}

#[test]
fn the_pause_doubles_up_to_its_limit_and_a_frame_resets_it() {
    let mut source =
        watched(vec![Plan::Unplugged, Plan::Unplugged, Plan::Unplugged, Plan::Frames(1)]);
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert_eq!(events(&mut source, 1), "l");
        pauses.push(source.next_pause.as_millis());
    }
    assert_eq!(pauses, [10, 20, 20]);
    assert_eq!(events(&mut source, 2), "of");
    assert_eq!(source.next_pause.as_millis(), 5);
}

#[test]
fn a_reader_on_a_leash_ends_when_it_is_given_up() {
    let mut source = watched(vec![Plan::HangsOnTheLeash, Plan::Frames(1)]);
    assert_eq!(events(&mut source, 5), "ofhof");
    while source.hung.iter().any(|reader| !reader.is_finished()) {
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn garbage_is_told_and_does_not_pass_for_life() {
    let mut source = watched(vec![Plan::Garbage, Plan::Frames(1)]);
    let mut seen = events(&mut source, 10);
    while !seen.contains('f') {
        seen += &events(&mut source, 1);
    }
    let seen = seen.replace('b', "");
    assert_eq!(seen, "ohof");
}
