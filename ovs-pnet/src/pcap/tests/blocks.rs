//! pcapng.

use super::*;

/// What `editcap -s 20 -F pcapng` 4.0.17 made of [`ARP`]: a section header with an option, an
/// interface, a packet cut to 20 bytes.
const CUT: &str = "0a0d0d0a 6c000000 4d3c2b1a 01000000 ffffffff ffffffff 04004500 45646974
    63617020 28576972 65736861 726b2920 342e302e 31372028 47697420 76342e30 2e313720 7061636b
    61676564 20617320 342e302e 31372d30 2b646562 31327533 29000000 00000000 6c000000 01000000
    14000000 01000000 00000400 14000000 06000000 34000000 00000000 f0600600 412cb7e8 14000000
    2a000000 02000000 00020200 00000001 08060001 08000604 34000000";

/// Builds files, in the byte order of choice.
struct Builder {
    order: ByteOrder,
    file: Vec<u8>,
}

impl Builder {
    fn new(order: ByteOrder) -> Self {
        Self { order, file: Vec::new() }.section()
    }

    fn number(&self, number: u32) -> [u8; 4] {
        match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    fn half(&self, number: u16) -> [u8; 2] {
        match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    fn block(mut self, kind: u32, numbers: &[u32], data: &[u8]) -> Self {
        let length =
            self.number(12 + 4 * numbers.len() as u32 + data.len().next_multiple_of(4) as u32);
        self.file.extend(self.number(kind));
        self.file.extend(length);
        for number in numbers {
            self.file.extend(self.number(*number));
        }
        self.file.extend(data);
        self.file.resize(self.file.len().next_multiple_of(4), 0xee);
        self.file.extend(length);
        self
    }

    fn section(self) -> Self {
        let version = [self.half(1), self.half(0)].concat();
        let length = [0xff; 8];
        self.block(0x0a0d_0d0a, &[0x1a2b_3c4d], &[version.as_slice(), &length].concat())
    }

    fn interface(self, link_type: u16, snap_len: u32, resolution: Option<u8>) -> Self {
        let mut data = [self.half(link_type), [0; 2]].concat();
        data.extend(self.number(snap_len));
        if let Some(resolution) = resolution {
            // if_name, if_tsresol, end of options.
            data.extend([self.half(2), self.half(3)].concat());
            data.extend(b"eth\0");
            data.extend([self.half(9), self.half(1)].concat());
            data.extend([resolution, 0, 0, 0]);
            data.extend([0; 4]);
        }
        self.block(1, &[], &data)
    }

    /// An enhanced packet, with a comment.
    fn packet(self, interface: u32, ticks: u64, frame: &[u8]) -> Self {
        let len = frame.len() as u32;
        let mut data = frame.to_vec();
        data.resize(data.len().next_multiple_of(4), 0);
        data.extend([self.half(1), self.half(2)].concat());
        data.extend(b"hi\0\0\0\0\0\0");
        self.block(6, &[interface, (ticks >> 32) as u32, ticks as u32, len, len], &data)
    }
}

/// A file with a block of each kind: four packets.
pub(super) fn every_kind(order: ByteOrder) -> Vec<u8> {
    let builder = Builder::new(order)
        .interface(1, 0, None)
        .interface(1, 65_536, Some(9))
        .block(5, &[0, 0, 0], &[])
        .block(0x0bad, &[], &[1; 5000])
        .packet(0, 2_500_000, &ARP)
        .packet(1, 2_500_000_000, &ARP)
        .block(3, &[42], &ARP);
    let interface_and_drops = [builder.half(0), builder.half(7)].concat();
    let fixed = [0, 2_500_000, 42, 42].map(|number| builder.number(number)).concat();
    builder.block(2, &[], &[interface_and_drops.as_slice(), &fixed, &ARP].concat()).file
}

#[test]
fn reads_what_wireshark_writes() {
    let records = read_all(&hex(CUT)).unwrap();
    let micros = 0x0006_60f0_e8b7_2c41;
    let timestamp = Some(Duration::from_micros(micros));
    let record = Record { timestamp, original_len: 42, is_cut: true };
    assert_eq!(records, [(record, ARP[..20].to_vec())]);
    assert_eq!(micros / 1_000_000, TIME.as_secs());
}

#[test]
fn reads_every_kind_of_packet_in_both_orders() {
    let time = Some(Duration::from_millis(2500));
    let expected = [arp_at(time), arp_at(time), arp_at(None), arp_at(time)].concat();
    for order in [ByteOrder::Little, ByteOrder::Big] {
        assert_eq!(read_all(&every_kind(order)).unwrap(), expected);
    }
    // A section after another forgets its interfaces and may have the other order.
    let both = [every_kind(ByteOrder::Little), every_kind(ByteOrder::Big)].concat();
    assert_eq!(read_all(&both).unwrap(), [expected.clone(), expected].concat());
    let none =
        [every_kind(ByteOrder::Little), Builder::new(ByteOrder::Big).block(3, &[0], &[]).file];
    assert!(refusal(&none.concat()).ends_with("does not describe its interface"));
}

#[test]
fn timestamps_are_in_the_units_of_the_interface() {
    let read = |resolution, ticks| {
        let file = Builder::new(ByteOrder::Little)
            .interface(1, 0, Some(resolution))
            .packet(0, ticks, &ARP)
            .file;
        read_all(&file).unwrap()[0].0.timestamp
    };
    let half = Some(Duration::from_millis(3500));
    assert_eq!(read(0, 3), Some(Duration::from_secs(3)));
    assert_eq!(read(1, 35), half);
    assert_eq!(read(12, 3_500_000_000_000), half);
    assert_eq!(read(0x80 | 1, 7), half);
    assert_eq!(read(0x80 | 32, 7 << 31), half);
    assert_eq!(read(38, u64::MAX), Some(Duration::ZERO));
    assert_eq!(read(39, u64::MAX), None);
    assert_eq!(read(0xff, u64::MAX), Some(Duration::ZERO));
    assert_eq!(read(0, u64::MAX), Some(Duration::from_secs(u64::MAX)));
}

#[test]
fn a_simple_packet_is_cut_by_the_snap_length() {
    let file = Builder::new(ByteOrder::Little).interface(1, 20, None).block(3, &[42], &ARP[..20]);
    let record = Record { timestamp: None, original_len: 42, is_cut: true };
    assert_eq!(read_all(&file.file).unwrap(), [(record, ARP[..20].to_vec())]);
}

#[test]
fn says_what_is_wrong_and_where() {
    let start = || Builder::new(ByteOrder::Little).interface(1, 0, None);
    // The section takes 28 bytes, the interface 20.
    let end = start().file.len();
    assert_eq!(end, 48);
    let linux_cooked = Builder::new(ByteOrder::Little).interface(113, 0, None).packet(0, 0, &ARP);
    let cooked = "offset 48: link type 113 is not that of Ethernet, 1";
    assert_eq!(refusal(&linux_cooked.file), cooked);
    let unknown = "offset 48: pcapng block: the section does not describe its interface";
    assert_eq!(refusal(&start().packet(1, 0, &ARP).file), unknown);

    let packet = || start().packet(0, 0, &ARP).file;
    let with = |at: usize, byte: u8| {
        let mut file = packet();
        file[at] = byte;
        refusal(&file)
    };
    let last = packet().len() - 4;
    assert_eq!(with(last, 0), "offset 48: pcapng block: the lengths at both ends differ");
    assert_eq!(with(52, 0x57), "offset 48: pcapng block: the length is no multiple of 4");
    assert_eq!(with(52, 8), "offset 48: pcapng block: the length is less than that of the header");
    let content = "offset 48: pcapng block: the length is less than that of its content";
    assert_eq!(with(52, 40), content);
    // The captured length: within the file, but not within the block; then beyond all limits.
    assert_eq!(with(68, 200), content);
    let mut huge = start().block(6, &[0, 0, 0, 1 << 20, 1 << 20], &[]).file;
    huge[52..56].copy_from_slice(&(2u32 << 20).to_le_bytes());
    let too_long = "offset 76: pcapng packet of 1048576 bytes, the limit is 262144";
    assert_eq!(refusal(&huge), too_long);
    // A block that claims 4 GiB is read over, not into memory.
    let mut endless = start().block(0x0bad, &[], &[]).file;
    endless[52..56].copy_from_slice(&[0xfc, 0xff, 0xff, 0xff]);
    let short = "offset 56: pcapng block needs 4294967280 bytes, there are 4";
    assert_eq!(refusal(&endless), short);

    let mut section = Builder::new(ByteOrder::Little).file;
    section[12] = 2;
    assert_eq!(refusal(&section), "offset 0: pcapng section header: the version is not 1.x");
    section[8] = 0;
    let no_magic = "offset 0: pcapng section header: there is no byte-order magic";
    assert_eq!(refusal(&section), no_magic);
}
