//! From a PORT of the command line to a device.

use crate::Result;
use ovs_pnet::pcap::{PcapReader, PcapWriter};
use ovs_pnet::{PacketSocket, PnetChannel, Port, Tap};
use std::path::Path;

/// A device that was opened.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) device: Box<dyn Port>,
}

/// Opens what `text` names.
pub(crate) fn open(text: &str) -> Result<Opened> {
    let opened = |name: &str, kind, device: Box<dyn Port>| {
        Ok(Opened { name: name.to_string(), kind, device })
    };
    match text.split_once(':') {
        Some(("tap", name)) => open_tap(name),
        Some(("packet", name)) => opened(name, "packet", Box::new(PacketSocket::open(name)?)),
        Some(("pnet", name)) => opened(name, "pnet", Box::new(PnetChannel::open(name)?)),
        Some(("pcap", file)) => opened(text, "pcap", Box::new(PcapReader::open(file)?)),
        Some(("pcap-out", file)) => opened(text, "pcap", Box::new(PcapWriter::create(file)?)),
        Some((kind, _)) => {
            let known = "tap:, packet:, pnet:, pcap: and pcap-out:";
            Err(format!("{text}: there is no kind of port {kind:?}; there are {known}").into())
        }
        None => {
            let interface = Path::new("/sys/class/net").join(text);
            let is_tap = interface.join("tun_flags").exists();
            if is_tap || (text.starts_with("tap") && !interface.exists()) {
                open_tap(text)
            } else {
                opened(text, "packet", Box::new(PacketSocket::open(text)?))
            }
        }
    }
}

fn open_tap(name: &str) -> Result<Opened> {
    let tap = Tap::open(name)?;
    Ok(Opened { name: tap.name().to_string(), kind: "tap", device: Box::new(tap) })
}
