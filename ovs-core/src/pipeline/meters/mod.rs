//! The meters of a bridge (OpenFlow 1.3.5 §5.7).

mod state;
#[cfg(test)]
mod tests;

pub use state::{MeterState, Verdict};

use crate::meter::{BandKind, Meter, MeterFlags, MeterId, MeterMod, MeterStats};
use crate::{Error, Instant};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How many bands a meter may have.
const MAX_BANDS: usize = 64;

/// All meters, by number.
#[derive(Debug)]
pub(crate) struct MeterTable {
    limit: usize,
    meters: BTreeMap<MeterId, Entry>,
}

/// A meter, how it measures, and since when it is there.
#[derive(Clone, Debug)]
struct Entry {
    meter: Meter,
    state: Arc<MeterState>,
    created: Instant,
}

/// What a change of the meters did, so that it can be taken back.
#[derive(Debug, Default)]
pub(crate) struct MeterChanges {
    before: Vec<(MeterId, Option<Entry>)>,
}

impl MeterChanges {
    /// The meters that are gone.
    pub(crate) fn removed<'a>(
        &'a self,
        table: &'a MeterTable,
    ) -> impl Iterator<Item = MeterId> + 'a {
        self.before.iter().map(|(id, _)| *id).filter(|id| table.get(*id).is_none())
    }
}

impl MeterTable {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, meters: BTreeMap::new() }
    }

    /// How packets go through a meter.
    pub(crate) fn get(&self, id: MeterId) -> Option<&Arc<MeterState>> {
        self.meters.get(&id).map(|entry| &entry.state)
    }

    /// Changes the meters, or nothing.
    ///
    /// # Errors
    ///
    /// If the change makes no sense, or there is no room.
    pub(crate) fn apply(&mut self, now: Instant, change: &MeterMod) -> Result<MeterChanges, Error> {
        let mut changes = MeterChanges::default();
        match change {
            MeterMod::Add(meter) => {
                check(meter)?;
                if self.meters.contains_key(&meter.id) {
                    return Err(Error::MeterExists(meter.id));
                }
                if self.meters.len() >= self.limit {
                    return Err(Error::TooManyMeters(self.meters.len()));
                }
                self.put(now, now, meter, &mut changes);
            }
            MeterMod::Modify(meter) => {
                check(meter)?;
                let before = self.meters.get(&meter.id);
                let created = before.ok_or(Error::UnknownMeter(meter.id))?.created;
                self.put(now, created, meter, &mut changes);
            }
            MeterMod::Delete(MeterId::ALL) => {
                let all = core::mem::take(&mut self.meters);
                changes.before = all.into_iter().map(|(id, entry)| (id, Some(entry))).collect();
            }
            // One that is not there is not missed (OpenFlow 1.3.5 §6.8).
            MeterMod::Delete(id) => {
                if let Some(entry) = self.meters.remove(id) {
                    changes.before.push((*id, Some(entry)));
                }
            }
        }
        Ok(changes)
    }

    fn put(&mut self, now: Instant, created: Instant, meter: &Meter, changes: &mut MeterChanges) {
        let state = Arc::new(MeterState::new(meter, now));
        let entry = Entry { meter: meter.clone(), state, created };
        changes.before.push((meter.id, self.meters.insert(meter.id, entry)));
    }

    /// Takes changes back, of which none after them is left.
    pub(crate) fn undo(&mut self, changes: MeterChanges) {
        for (id, entry) in changes.before.into_iter().rev() {
            match entry {
                Some(entry) => self.meters.insert(id, entry),
                None => self.meters.remove(&id),
            };
        }
    }

    /// All meters.
    pub(crate) fn list(&self) -> Vec<Meter> {
        self.meters.values().map(|entry| entry.meter.clone()).collect()
    }

    /// What went through each. How many rules use it, the flow tables know.
    pub(crate) fn stats(&self, now: Instant) -> Vec<MeterStats> {
        let stats =
            |(id, entry): (&MeterId, &Entry)| entry.state.stats(*id, now.since(entry.created));
        self.meters.iter().map(stats).collect()
    }
}

/// Refuses a meter that makes no sense (OpenFlow 1.3.5 §7.4.4, `enum ofp_meter_mod_failed_code`).
fn check(meter: &Meter) -> Result<(), Error> {
    let Meter { id, flags, bands } = meter;
    let special = [MeterId::SLOWPATH, MeterId::CONTROLLER].contains(id);
    if id.0 == 0 || *id > MeterId::MAX && !special {
        return Err(Error::InvalidMeter(*id));
    }
    let known = MeterFlags::KBPS | MeterFlags::PKTPS | MeterFlags::BURST | MeterFlags::STATS;
    let has_one_unit = flags.contains(MeterFlags::KBPS) != flags.contains(MeterFlags::PKTPS);
    if !has_one_unit || flags.intersects(!known) {
        return Err(Error::BadMeterFlags(flags.bits()));
    }
    if bands.len() > MAX_BANDS {
        return Err(Error::TooManyBands(MAX_BANDS));
    }
    for band in bands {
        if band.rate == 0 {
            return Err(Error::BadRate);
        }
        match &band.kind {
            BandKind::Drop => {}
            // AF classes have three drop precedences (RFC 2597 §6).
            BandKind::DscpRemark { precedence_level: 0..=2 } => {}
            BandKind::DscpRemark { precedence_level } => {
                return Err(Error::BadPrecedence(*precedence_level));
            }
            BandKind::Experimenter { .. } => return Err(Error::UnknownBand),
        }
    }
    Ok(())
}
