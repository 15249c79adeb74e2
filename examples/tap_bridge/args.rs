//! The command line.

use clap::{Parser, ValueEnum};
use std::time::Duration;

/// A learning switch in userspace between TAP devices, network interfaces and capture files.
#[derive(Parser, Debug)]
#[command(
    name = "tap_bridge",
    arg_required_else_help = true,
    after_help = "\
Examples:
  tap_bridge --demo                      two hosts, a switch, pings; leaves nothing behind
  tap_bridge tap0 tap1                   make two TAP devices, or open them if they are there
  tap_bridge tap0 eth1                   a virtual machine's TAP and a network interface
  tap_bridge eth1 pcap:in.pcap           replay a capture into a network
  tap_bridge eth1 eth2 pcap-out:all.pcap also record what is flooded
  tap_bridge --format json --duration 10 tap0 tap1

As a user other than root: setcap cap_net_admin,cap_net_raw+ep PROGRAM, or --demo."
)]
pub(crate) struct Args {
    /// TAP devices (made if they are not there), existing interfaces (by AF_PACKET, promiscuous
    /// while the program runs), capture files (replayed at full speed). `tap:NAME`, `packet:NAME`, `pnet:NAME`, `pcap:FILE` and
    /// `pcap-out:FILE` say which; a bare NAME is a TAP device if it is one or begins with "tap",
    /// else an interface that must exist
    #[arg(value_name = "PORT", required_unless_present = "demo", conflicts_with = "demo")]
    pub(crate) ports: Vec<String>,

    /// Make two hosts with a TAP device each, ping across, and clean up
    #[arg(long)]
    pub(crate) demo: bool,

    /// Pings in each direction of the demo
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) count: u16,

    /// Stop after this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) duration: Option<u64>,

    /// How often the table is shown; by default each second at a terminal, else only at the end
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) every: Option<u64>,

    /// How the summary at the end is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Only the summary at the end
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Seconds until an address that is not heard of is forgotten
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) mac_aging: u64,

    /// How many addresses are kept
    #[arg(long, value_name = "N", default_value_t = 8192)]
    pub(crate) mac_limit: usize,

    /// How many flows are cached; 0: none
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) megaflows: usize,
}

impl Args {
    pub(crate) fn every(&self) -> Option<Duration> {
        self.every.map(Duration::from_secs)
    }
}

/// For whom the summary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    Text,
    /// For a program: one JSON object on one line.
    Json,
}
