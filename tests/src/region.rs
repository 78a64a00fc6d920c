//! A region in a temporary folder: an authority and a venue's doors on ports and links of their own.

use std::{net::SocketAddr, path::PathBuf};

use node::demo::{
    Pages,
    region::{DoorPlan, Founded, RegionPlan, found},
};
use tempfile::TempDir;

use crate::{free_ports, link::Link, process::Process, visitors::Visitors};

/// An authority and two doors, A (in, with the manager's key) and B (in and out), not yet running.
#[derive(Debug)]
pub struct Region {
    /// Where everything lives.
    pub folder: TempDir,
    /// Keys, papers and configurations.
    pub founded: Founded,
    /// A's link to the authority.
    pub a_to_authority: Link,
    /// B's link to the authority.
    pub b_to_authority: Link,
    /// B's link to A.
    pub b_to_a: Link,
    /// Who comes to the doors.
    pub visitors: Visitors,
}

impl Region {
    /// Founds a region whose doors hold their grants for a year.
    pub fn new() -> Self {
        Self::founded(&RegionPlan::default())
    }

    /// Founds a region whose venue may hold so many people.
    pub fn with_capacity(most: u32) -> Self {
        Self::founded(&RegionPlan { capacity: Some(most), ..RegionPlan::default() })
    }

    /// Founds a region whose doors' grants end after so many milliseconds.
    pub fn with_grants_of(door_grant_millis: i64) -> Self {
        Self::founded(&RegionPlan { door_grant_millis, ..RegionPlan::default() })
    }

    /// Founds a region whose venue and doors hold their grants for so many milliseconds.
    pub fn with_papers_of(millis: i64) -> Self {
        let (door_grant_millis, venue_grant_millis) = (millis, millis);
        Self::founded(&RegionPlan {
            door_grant_millis,
            venue_grant_millis,
            ..RegionPlan::default()
        })
    }

    fn founded(plan: &RegionPlan) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [authority, a, b] = free_ports();
        let (a_to_authority, b_to_authority) = (Link::to(authority), Link::to(authority));
        let b_to_a = Link::to(a);
        let door = |name: &str, direction, port, dial: Vec<String>| {
            let frames = folder.path().join(format!("frames-{}", name.to_lowercase()));
            std::fs::create_dir_all(&frames).expect("a folder for frames");
            DoorPlan {
                listen: SocketAddr::from(([127, 0, 0, 1], port)),
                dial,
                manager: name == "A",
                gate: format!(
                    "source = \"replay\"\npath = \"{}\"\nfps = 0\nrepeat = \"forever\"\naway = \"1h\"\n",
                    frames.display()
                ),
                ..DoorPlan::named(name, direction)
            }
        };
        let plan = RegionPlan {
            doors: vec![
                door("A", "in", a, vec![a_to_authority.address()]),
                door("B", "both", b, vec![b_to_authority.address(), b_to_a.address()]),
            ],
            pages: Pages::Served,
            authority_listen: SocketAddr::from(([127, 0, 0, 1], authority)),
            ..plan.clone()
        };
        let founded = found(folder.path(), &plan).expect("the region is founded");
        let visitors = Visitors::new(&founded.issuer);
        Self { founded, a_to_authority, b_to_authority, b_to_a, visitors, folder }
    }

    /// Where a door's frames lie; each is scanned when the door next looks.
    pub fn frames(&self, door: &str) -> PathBuf {
        self.folder.path().join(format!("frames-{}", door.to_lowercase()))
    }

    /// Starts the authority.
    pub fn authority(&self) -> Process {
        Process::start(&self.founded.authority.config)
    }

    /// Starts door A.
    pub fn door_a(&self) -> Process {
        Process::start(&self.founded.doors[0].config)
    }

    /// Starts door B.
    pub fn door_b(&self) -> Process {
        Process::start(&self.founded.doors[1].config)
    }

    /// Cuts the doors from each other and from the authority.
    pub fn cut_all(&self) {
        [&self.a_to_authority, &self.b_to_authority, &self.b_to_a].into_iter().for_each(Link::cut);
    }

    /// Heals every link.
    pub fn heal_all(&self) {
        [&self.a_to_authority, &self.b_to_authority, &self.b_to_a].into_iter().for_each(Link::heal);
    }
}

impl Default for Region {
    fn default() -> Self {
        Self::new()
    }
}
