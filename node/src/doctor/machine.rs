//! The machine under the node, from the kernel's files: disk, card, heat, power, clock, memory.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::Finding;

/// A value longer than this is none of the kernel's short ones, bytes.
const VALUE_MAX: u64 = 64 << 10;
/// Less free than this and writing stops soon, bytes.
const ROOM_WRONG: u64 = 100 << 20;
/// Less free than this is worth a look, parts of a hundred.
const ROOM_NOTE_PERCENT: u64 = 10;
/// From here on a Pi slows itself down, thousandths of a degree Celsius.
const HOT: i64 = 80_000;
/// From here on it is near that.
const WARM: i64 = 70_000;
/// Where the firmware of a Pi says what it held back, and why.
const THROTTLED: [&str; 2] = [
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
];
/// Of that value: too little voltage now, and since the start.
const LOW_VOLTAGE: (u32, u32) = (1, 1 << 16);
/// Of that value: the clock is capped, it is throttled, the soft limit of heat holds; now, and since the start.
const HELD_BACK: (u32, u32) = (0b1110, 0b1110 << 16);

/// A machine, by the root of its file system.
#[derive(Clone, Debug)]
pub struct Machine {
    root: PathBuf,
}

impl Default for Machine {
    fn default() -> Self {
        Self::at(Path::new("/"))
    }
}

impl Machine {
    /// The machine whose `/sys` and `/proc` lie under `root`.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// All looks, for a node that writes to `data`.
    pub fn look(&self, data: &Path) -> Vec<Finding> {
        let mut found = vec![self.board(), room(data)];
        found.extend(self.card(data));
        found.extend([self.heat(), self.power(), self.battery_clock(), self.memory()]);
        found
    }

    fn board(&self) -> Finding {
        match self.text("proc/device-tree/model") {
            Some(model) => Finding::fine("machine", model),
            None => Finding::fine("machine", "no device tree: this is no Raspberry Pi"),
        }
    }

    /// What the kernel tells of the device under the data folder.
    fn card(&self, data: &Path) -> Vec<Finding> {
        let Some(device) = fs::metadata(data).ok().and_then(|m| self.device(m.dev())) else {
            let said = "the data folder lies on no block device that the kernel describes";
            return vec![Finding::unknown("card", said)];
        };
        vec![self.errors(&device), self.wear(&device)]
    }

    /// Errors that the file system has met: a card that is about to die has them first.
    fn errors(&self, device: &Device) -> Finding {
        let count = self.number(&format!("sys/fs/ext4/{}/errors_count", device.name));
        match count {
            Some(0) => Finding::fine("card-errors", "the file system has met no errors"),
            Some(count) => Finding::wrong(
                "card-errors",
                format!("the file system on {} has met {count} errors", device.name),
                "save what is here now (vestibule backup FILE), then put in a new card and restore to it",
            ),
            None => Finding::unknown("card-errors", "this file system counts no errors"),
        }
    }

    /// eMMC modules and some industrial cards tell how worn they are; ordinary cards do not.
    fn wear(&self, device: &Device) -> Finding {
        let life = self.text(&format!("sys/block/{}/device/life_time", device.disk));
        let written = self
            .number(&format!("sys/fs/ext4/{}/lifetime_write_kbytes", device.name))
            .map_or_else(String::new, |kb| {
                format!("; {} GB were written to this file system", kb / 1_000_000)
            });
        // Two numbers in tenths of the life that is used; 0x0b is past its end.
        let tenths = life.as_deref().and_then(|text| {
            text.split_whitespace()
                .filter_map(|word| u8::from_str_radix(word.trim_start_matches("0x"), 16).ok())
                .max()
        });
        match tenths {
            None | Some(0) => Finding::unknown(
                "card-wear",
                format!("the card does not say how worn it is{written}"),
            ),
            Some(tenths @ 1..=7) => Finding::fine(
                "card-wear",
                format!("{} % of its life is used{written}", tenths * 10),
            ),
            Some(tenths @ 8..=10) => Finding::note(
                "card-wear",
                format!("{} % of the card's life is used{written}", u32::from(tenths) * 10),
                "have a new card ready, and a backup",
            ),
            Some(_) => Finding::wrong(
                "card-wear",
                format!("the card is past the life that its maker gives it{written}"),
                "make a backup today, put in a new card and restore to it",
            ),
        }
    }

    fn heat(&self) -> Finding {
        let Some(milli) = self.zones().into_iter().max() else {
            return Finding::unknown("temperature", "this machine tells no temperature");
        };
        let said = format!("{} °C", milli / 1000);
        match milli {
            HOT.. => Finding::wrong(
                "temperature",
                format!("{said}: the processor slows itself down, and codes are read late"),
                "take the Pi out of the sun or its case, or give it a heat sink or a fan",
            ),
            WARM.. => Finding::note(
                "temperature",
                format!("{said}, near the 80 °C at which it slows down"),
                "let air to it, or give it a heat sink",
            ),
            _ => Finding::fine("temperature", said),
        }
    }

    fn zones(&self) -> Vec<i64> {
        let Ok(entries) = fs::read_dir(self.root.join("sys/class/thermal")) else {
            return Vec::new();
        };
        let zones = entries
            .flatten()
            .filter(|e| e.file_name().as_encoded_bytes().starts_with(b"thermal_zone"));
        zones.filter_map(|zone| read(&zone.path().join("temp"))?.parse().ok()).collect()
    }

    fn power(&self) -> Finding {
        let words = THROTTLED.iter().find_map(|path| self.text(path));
        let bits = words.as_deref().and_then(|text| {
            u32::from_str_radix(text.trim_start_matches("throttled=").trim_start_matches("0x"), 16)
                .ok()
        });
        let supply = "use the Pi's own power supply (5 V 3 A for a Pi 4, 5 A for a Pi 5) and a short, thick cable; a camera or \
                      screen that draws much belongs on a powered hub";
        match bits {
            None => {
                Finding::unknown("power", "only a Raspberry Pi tells whether its power is enough")
            }
            Some(bits) if bits & LOW_VOLTAGE.0 != 0 => {
                Finding::wrong("power", "the voltage is too low right now", supply)
            }
            Some(bits) if bits & HELD_BACK.0 != 0 => Finding::wrong(
                "power",
                "the processor is held back right now",
                "see temperature and the power supply: it reads codes more slowly until then",
            ),
            Some(bits) if bits & LOW_VOLTAGE.1 != 0 => {
                Finding::note("power", "the voltage was too low at times since the start", supply)
            }
            Some(bits) if bits & HELD_BACK.1 != 0 => Finding::note(
                "power",
                "the processor was held back at times since the start",
                "see temperature: it was hot, or its power was short",
            ),
            Some(_) => Finding::fine("power", "enough since the start"),
        }
    }

    fn battery_clock(&self) -> Finding {
        match self.text("sys/class/rtc/rtc0/name") {
            Some(name) => Finding::fine("battery-clock", name),
            None => Finding::unknown(
                "battery-clock",
                "there is none: after a power cut the time is the last one saved, until a time server is heard",
            ),
        }
    }

    fn memory(&self) -> Finding {
        let text = self.text("proc/meminfo").unwrap_or_default();
        let kb = |name: &str| -> Option<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().ok()
        };
        match (kb("MemAvailable"), kb("MemTotal")) {
            (Some(free), Some(all)) if free < 48 << 10 => Finding::wrong(
                "memory",
                format!("{} of {} MB are free", free >> 10, all >> 10),
                "end other programs on this machine; a browser in kiosk mode needs a Pi with 2 GB",
            ),
            (Some(free), Some(all)) => {
                Finding::fine("memory", format!("{} of {} MB are free", free >> 10, all >> 10))
            }
            _ => Finding::unknown("memory", "the kernel does not say"),
        }
    }

    /// The device of a file system by its number, and the disk that it is a part of.
    fn device(&self, number: u64) -> Option<Device> {
        let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
        let link = fs::read_link(self.root.join(format!("sys/dev/block/{major}:{minor}"))).ok()?;
        let mut parts = link.iter().rev().filter_map(|part| part.to_str());
        let name = parts.next()?.to_owned();
        let parent = parts.next()?.to_owned();
        let disk = if parent == "block" { name.clone() } else { parent };
        Some(Device { name, disk })
    }

    fn text(&self, path: &str) -> Option<String> {
        read(&self.root.join(path))
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.text(path)?.parse().ok()
    }
}

/// A file system's device, such as `mmcblk0p2` of `mmcblk0`.
struct Device {
    name: String,
    disk: String,
}

/// How much room is left where the node writes.
fn room(data: &Path) -> Finding {
    let place = data.display();
    let Ok(stat) = rustix::fs::statvfs(data) else {
        return Finding::wrong(
            "disk",
            format!("{place} is not there"),
            "is the partition mounted? A node that never ran has no data yet: start it once",
        );
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let all = stat.f_blocks.saturating_mul(stat.f_frsize).max(1);
    let said = format!("{} of {} MB are free for {place}", free >> 20, all >> 20);
    if stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        return Finding::wrong(
            "disk",
            format!("{place} can only be read: no visit can be recorded"),
            "a card that fails is often set to read only by the kernel: make a backup, put in a new card; else mount it for writing",
        );
    }
    if free < ROOM_WRONG {
        return Finding::wrong(
            "disk",
            said,
            "make room: logs (journalctl --vacuum-size=50M), old packages (apt clean)",
        );
    }
    if free.saturating_mul(100) / all < ROOM_NOTE_PERCENT {
        return Finding::note("disk", said, "make room before it is full");
    }
    Finding::fine("disk", said)
}

fn read(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    fs::File::open(path).ok()?.take(VALUE_MAX).read_to_string(&mut text).ok()?;
    Some(text.trim_end_matches(['\n', '\0', ' ']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let machine = Machine::at(folder.path());
        (folder, machine)
    }

    #[test]
    fn power_and_heat_are_read_as_the_firmware_says_them() {
        for (value, state, word) in [
            ("0", State::Fine, "enough"),
            ("50005", State::Wrong, "voltage is too low right now"),
            ("50000", State::Note, "at times"),
            ("4", State::Wrong, "held back right now"),
            ("80000", State::Note, "held back at times"),
        ] {
            let (_folder, machine) = machine(&[(THROTTLED[0], &format!("{value}\n"))]);
            let found = machine.power();
            assert_eq!(found.state, state, "{value}: {found:?}");
            assert!(found.said.contains(word), "{found:?}");
            assert_eq!(
                found.remedy.is_some(),
                state > State::Unknown,
                "each trouble has its remedy"
            );
        }
        for (temp, state) in
            [("45123", State::Fine), ("71000", State::Note), ("85000", State::Wrong)]
        {
            let (_folder, machine) = machine(&[
                ("sys/class/thermal/thermal_zone0/temp", &format!("{temp}\n")),
                ("sys/class/thermal/thermal_zone1/temp", "20000\n"),
                ("sys/class/thermal/cooling_device0/temp", "99000\n"),
            ]);
            assert_eq!(machine.heat().state, state, "{temp}");
        }
        let (_folder, bare) = machine(&[]);
        assert_eq!((bare.power().state, bare.heat().state), (State::Unknown, State::Unknown));
    }

    #[test]
    fn a_worn_card_and_one_with_errors_are_named() {
        let device = Device { name: "mmcblk0p2".into(), disk: "mmcblk0".into() };
        for (life, state) in [
            ("0x01 0x02", State::Fine),
            ("0x09 0x01", State::Note),
            ("0x03 0x0b", State::Wrong),
            ("0x00 0x00", State::Unknown),
            ("soon", State::Unknown),
        ] {
            let (_folder, machine) = machine(&[("sys/block/mmcblk0/device/life_time", life)]);
            assert_eq!(machine.wear(&device).state, state, "{life}");
        }
        for (count, state) in [("0", State::Fine), ("3", State::Wrong)] {
            let (_folder, machine) = machine(&[("sys/fs/ext4/mmcblk0p2/errors_count", count)]);
            assert_eq!(machine.errors(&device).state, state);
        }
    }

    #[test]
    fn the_device_under_a_folder_is_found_by_its_number() {
        let (folder, machine) = machine(&[("sys/dev/block/none", "")]);
        let block = folder.path().join("sys/dev/block");
        std::os::unix::fs::symlink(
            "../../devices/platform/emmc2bus/mmc0:aaaa/block/mmcblk0/mmcblk0p2",
            block.join("179:2"),
        )
        .unwrap();
        std::os::unix::fs::symlink("../../devices/virtual/block/loop7", block.join("7:7")).unwrap();
        let found = machine.device(rustix::fs::makedev(179, 2)).unwrap();
        assert_eq!((found.name.as_str(), found.disk.as_str()), ("mmcblk0p2", "mmcblk0"));
        let found = machine.device(rustix::fs::makedev(7, 7)).unwrap();
        assert_eq!((found.name.as_str(), found.disk.as_str()), ("loop7", "loop7"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_wrong_and_one_that_is_has_room() {
        assert_eq!(room(Path::new("/no/such/folder")).state, State::Wrong);
        assert!(room(Path::new("/proc/self")).said.contains("/proc/self"));
    }
}
