//! What the switch says of itself, as a table and as JSON.

use ovs_core::{
    Bridging, CacheStats, Drops, Instant, LearnedMac, PortNo, PortStats, SoftSwitch, Switch,
};
use serde_json::json;
use std::fmt;
use std::time::Duration;

/// A device that was attached.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) port: PortNo,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// "up", or what became of it.
    pub(crate) state: String,
}

/// All figures at one moment; all of them are the switch's own.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    ports: Vec<(Device, PortStats)>,
    macs: Vec<LearnedMac>,
    cache: CacheStats,
    elapsed: Duration,
}

/// Learned addresses that a table shows; the JSON has all.
const MACS_SHOWN: usize = 16;

impl Report {
    pub(crate) fn of(
        switch: &SoftSwitch,
        devices: &[Device],
        now: Instant,
        elapsed: Duration,
    ) -> Self {
        let with_stats =
            |device: &Device| (device.clone(), switch.port_stats(device.port).unwrap_or_default());
        Self {
            ports: devices.iter().map(with_stats).collect(),
            macs: switch.macs(now),
            cache: switch.cache_stats(),
            elapsed,
        }
    }

    /// The same for a program.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let drops = |drops: &Drops| -> serde_json::Value {
            drops.iter().map(|(reason, count)| (reason.name().to_string(), json!(count))).collect()
        };
        let ports = self.ports.iter().map(|(device, stats)| {
            json!({
                "port": device.port.0, "name": device.name, "kind": device.kind,
                "state": device.state,
                "rx_frames": stats.rx_frames, "rx_bytes": stats.rx_bytes,
                "tx_frames": stats.tx_frames, "tx_bytes": stats.tx_bytes,
                "rx_drops": drops(&stats.rx_drops), "tx_drops": drops(&stats.tx_drops),
            })
        });
        let macs = self.macs.iter().map(|learned| {
            json!({
                "vlan": learned.vlan, "mac": learned.mac.to_string(), "port": learned.port.0,
                "age": learned.age.as_secs(),
            })
        });
        json!({
            "seconds": self.elapsed.as_secs_f64(),
            "ports": ports.collect::<Vec<_>>(),
            "macs": macs.collect::<Vec<_>>(),
            "cache": {
                "hits": self.cache.hits, "misses": self.cache.misses,
                "installs": self.cache.installs, "evictions": self.cache.evictions,
            },
        })
    }

    fn port_rows(&self) -> Vec<Vec<String>> {
        let heading = ["port", "name", "kind", "frames in", "bytes in", "frames out", "bytes out"];
        let mut rows = vec![heading.map(String::from).to_vec()];
        for (device, stats) in &self.ports {
            let figures = [stats.rx_frames, stats.rx_bytes, stats.tx_frames, stats.tx_bytes];
            let mut row = vec![device.port.to_string(), device.name.clone(), device.kind.into()];
            row.extend(figures.map(thousands));
            let drops = drop_list(stats);
            let state = (device.state != "up").then(|| device.state.clone());
            row.push(state.into_iter().chain(drops).collect::<Vec<_>>().join(", "));
            rows.push(row);
        }
        if let Some(heading) = rows.first_mut() {
            heading.push("drops and reasons".into());
        }
        rows
    }

    fn mac_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![["vlan", "address", "port", "age"].map(String::from).to_vec()];
        for learned in self.macs.iter().take(MACS_SHOWN) {
            rows.push(vec![
                learned.vlan.to_string(),
                learned.mac.to_string(),
                learned.port.to_string(),
                format!("{} s", learned.age.as_secs()),
            ]);
        }
        rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, &self.port_rows(), &[0, 3, 4, 5, 6])?;
        writeln!(f)?;
        write_table(f, &self.mac_rows(), &[0, 2, 3])?;
        if self.macs.len() > MACS_SHOWN {
            writeln!(f, "  and {} more", self.macs.len() - MACS_SHOWN)?;
        }
        let CacheStats { hits, misses, .. } = self.cache;
        let share = 100.0 * hits as f64 / (hits + misses).max(1) as f64;
        writeln!(f)?;
        writeln!(
            f,
            "cache: {} hits, {} misses ({share:.0} % hits); {:.1} s",
            thousands(hits),
            thousands(misses),
            self.elapsed.as_secs_f64()
        )
    }
}

/// `3 too_long (out)` for each reason there is.
fn drop_list(stats: &PortStats) -> Vec<String> {
    let list = |drops: &Drops, way: &str| -> Vec<String> {
        drops.iter().map(|(why, n)| format!("{} {} ({way})", thousands(n), why.name())).collect()
    };
    [list(&stats.rx_drops, "in"), list(&stats.tx_drops, "out")].concat()
}

/// Writes rows in aligned columns, those in `right` to the right.
fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>], right: &[usize]) -> fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if right.contains(&column) {
                line.push_str(&format!("{cell:>width$}  "));
            } else {
                line.push_str(&format!("{cell:<width$}  "));
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// `1234567` as `1,234,567`.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
