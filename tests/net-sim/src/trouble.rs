//! What befalls the machines and the lines between them, and how it ends.

use std::{collections::BTreeSet, time::Duration};

use crate::{site::name, world::World};

/// For turmoil, by name.
fn named(machine: usize) -> String {
    name(u16::try_from(machine).expect("a machine of this world"))
}

impl World {
    /// Nothing passes between two machines, in neither direction, and nobody is told.
    pub fn cut(&self, a: usize, b: usize) {
        if a != b {
            self.sim.partition(named(a), named(b));
        }
    }

    /// Nothing passes from one machine to another; the way back stays open.
    pub fn cut_one_way(&self, from: usize, to: usize) {
        if from != to {
            self.sim.partition_oneway(named(from), named(to));
        }
    }

    /// Cuts a machine off from all others.
    pub fn isolate(&self, machine: usize) {
        (0..self.machines()).for_each(|other| self.cut(machine, other));
    }

    /// What is sent between two machines waits until the line is mended, and then arrives all at once.
    pub fn hold(&self, a: usize, b: usize) {
        if a != b {
            self.sim.hold(named(a), named(b));
        }
    }

    /// Ends every cut and hold; what was held arrives.
    pub fn mend(&self) {
        for b in 0..self.machines() {
            (0..b).for_each(|a| self.sim.release(named(a), named(b)));
        }
    }

    /// The chance, for each message between two machines, that the line breaks until a later message.
    pub fn lose(&mut self, a: usize, b: usize, rate: f64) {
        if a != b {
            self.sim.set_link_fail_rate(named(a), named(b), rate);
        }
    }

    /// The longest that a message between two machines is under way from now on.
    pub fn slow_down(&self, a: usize, b: usize, longest: Duration) {
        if a != b {
            self.sim.set_link_max_message_latency(named(a), named(b), longest);
        }
    }

    /// The connections of two machines are reset at the first one's end, as by a router that lost its table.
    pub fn reset(&self, machine: usize, other: usize) {
        self.sites[machine].wires.reset(self.sim.lookup(named(other)));
    }

    /// A program is killed. Its connections are closed by the system, so that the others know.
    pub fn kill(&mut self, machine: usize) {
        if self.sites[machine].is_running() {
            self.sim.crash(named(machine));
            self.sites[machine].crashed();
        }
    }

    /// A plug is pulled: nobody is told.
    pub fn pull_the_plug(&mut self, machine: usize) {
        self.isolate(machine);
        self.kill(machine);
    }

    /// Starts every machine that is down.
    pub fn start_all(&mut self) {
        for machine in 0..self.machines() {
            if !self.sites[machine].is_running() {
                self.sim.bounce(named(machine));
            }
        }
    }

    /// A machine's clock is wrong from now on, by so many milliseconds.
    pub fn set_skew(&self, machine: usize, millis: i64) {
        self.sites[machine].set_skew(millis);
    }

    /// Copies a machine's disk; the machine is killed for it and stays down.
    ///
    /// # Panics
    /// When the disk is full.
    pub fn back_up(&mut self, machine: usize) {
        self.kill(machine);
        self.sites[machine].back_up().expect("there is room for a copy");
    }

    /// Puts the copy of a machine's disk back, if there is one; the machine is killed for it and stays down.
    ///
    /// # Panics
    /// When the disk is full.
    pub fn restore(&mut self, machine: usize) {
        self.kill(machine);
        let gone = self.sites[machine].restore().expect("there is room for a copy");
        let of = |held: &dyn Fn(usize) -> bool| -> BTreeSet<_> {
            (0..self.machines()).filter(|m| held(*m)).flat_map(|m| self.sites[m].held()).collect()
        };
        let (anywhere, at_doors) = (of(&|_| true), of(&|m| m < self.authority()));
        self.forgone.extend(gone.difference(&anywhere));
        // The authority gives records to nobody.
        self.left_to_authority.extend(gone.difference(&at_doors).map(|record| record.chain));
    }

    /// Ends every trouble but wrong clocks and slow lines.
    pub fn calm(&mut self) {
        for b in 0..self.machines() {
            (0..b).for_each(|a| self.lose(a, b, 0.0));
        }
        self.mend();
        self.start_all();
    }
}
