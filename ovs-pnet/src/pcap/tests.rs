use super::*;
use ovs_core::frame::Offload;
use proptest::prelude::*;

mod blocks;

/// An ARP request, as all files of these tests have it.
const ARP: [u8; 42] = [
    0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x01,
    0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x02,
];

/// Header and record header of the file that `editcap -F nsecpcap` 4.0.17 made of [`ARP`].
const NANOSECONDS: &str = "4d3cb2a1 02000400 00000000 00000000 00000400 01000000
    6934046b e8030000 2a000000 2a000000";

/// The same from `text2pcap -F pcap` 4.0.17.
const MICROSECONDS: &str = "d4c3b2a1 02000400 00000000 00000000 00000400 01000000
    6934046b 01000000 2a000000 2a000000";

/// When both were captured.
const TIME: Duration = Duration::new(0x6b04_3469, 1000);

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn file(headers: &str) -> Vec<u8> {
    [hex(headers).as_slice(), &ARP].concat()
}

fn read_all(bytes: &[u8]) -> Result<Vec<(Record, Vec<u8>)>, CaptureError> {
    let mut reader = PcapReader::new(bytes)?;
    let mut records = Vec::new();
    let mut frame = Frame::default();
    while let Some(record) = reader.read(&mut frame)? {
        records.push((record, frame.as_slice().to_vec()));
    }
    Ok(records)
}

fn refusal(bytes: &[u8]) -> String {
    read_all(bytes).expect_err("the file is wrong").to_string()
}

fn arp_at(timestamp: Option<Duration>) -> Vec<(Record, Vec<u8>)> {
    vec![(Record { timestamp, original_len: 42, is_cut: false }, ARP.to_vec())]
}

#[test]
fn reads_what_wireshark_writes() {
    assert_eq!(read_all(&file(NANOSECONDS)).unwrap(), arp_at(Some(TIME)));
    assert_eq!(read_all(&file(MICROSECONDS)).unwrap(), arp_at(Some(TIME)));
}

#[test]
fn writes_what_wireshark_writes() {
    let mut written = Vec::new();
    PcapWriter::new(&mut written).unwrap().write(TIME, &ARP).unwrap();
    assert_eq!(written, file(NANOSECONDS));
}

#[test]
fn reads_the_other_byte_order() {
    for headers in [NANOSECONDS, MICROSECONDS] {
        let mut bytes = hex(headers);
        for number in bytes.chunks_mut(4) {
            number.reverse();
        }
        bytes[4..8].copy_from_slice(&[0, 2, 0, 4]);
        bytes.extend(ARP);
        assert_eq!(read_all(&bytes).unwrap(), arp_at(Some(TIME)));
    }
}

#[test]
fn strips_a_frame_check_sequence_that_the_header_announces() {
    let headers = NANOSECONDS.replace("01000000\n", "01000024\n").replace("2a000000", "2e000000");
    let bytes = [file(&headers).as_slice(), &[1, 2, 3, 4]].concat();
    assert_eq!(read_all(&bytes).unwrap()[0].1, ARP);
}

#[test]
fn cut_records_are_lost() {
    let cut = hex("6934046b e8030000 14000000 2a000000");
    let bytes = [file(NANOSECONDS).as_slice(), &cut, &ARP[..20], &file(NANOSECONDS)[24..]].concat();
    assert!(read_all(&bytes).unwrap()[1].0.is_cut);

    let mut reader = PcapReader::new(bytes.as_slice()).unwrap();
    let (mut batch, mut losses) = (Batch::new(), Losses::default());
    let result = reader.receive(&mut batch, &mut FramePool::default(), &mut losses);
    assert_eq!(result, Err(DeviceError::Ended));
    assert_eq!(batch.frames(), [Frame::from(ARP), Frame::from(ARP)]);
    assert_eq!(losses.take().collect::<Vec<_>>(), [(DropReason::Truncated, 1, 42)]);
}

#[test]
fn says_what_is_wrong_and_where() {
    let good = file(MICROSECONDS);
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        refusal(&file)
    };
    assert_eq!(refusal(&[]), "offset 0: magic number needs 4 bytes, there are 0");
    assert_eq!(refusal(&good[..10]), "offset 4: pcap file header needs 20 bytes, there are 6");
    assert_eq!(refusal(&good[..30]), "offset 24: pcap record header needs 16 bytes, there are 6");
    assert_eq!(refusal(&good[..50]), "offset 40: pcap record needs 42 bytes, there are 10");
    let other_format = "neither a pcap nor a pcapng file: it begins with [50, 4b, 03, 04]";
    assert_eq!(with(0, b"PK\x03\x04"), other_format);
    assert_eq!(with(4, &[1, 0]), "offset 0: pcap file header: the version is not 2.x");
    assert_eq!(with(20, &[113]), "offset 0: link type 113 is not that of Ethernet, 1");
    let too_long = "offset 40: pcap record of 262145 bytes, the limit is 262144";
    assert_eq!(with(32, &[1, 0, 4, 0]), too_long);
    assert_eq!(with(32, &[43]), "offset 40: pcap record needs 43 bytes, there are 42");
}

#[test]
fn a_device_that_fails_says_so_once() {
    let mut bytes = file(MICROSECONDS);
    bytes.extend([0; 5]);
    let mut reader = PcapReader::new(bytes.as_slice()).unwrap();
    let (mut batch, mut losses) = (Batch::new(), Losses::default());
    let mut receive =
        |batch: &mut Batch| reader.receive(batch, &mut FramePool::default(), &mut losses);
    let problem = "offset 82: pcap record header needs 16 bytes, there are 5";
    assert_eq!(receive(&mut batch), Err(DeviceError::Other(problem.into())));
    assert_eq!(batch.len(), 1);
    assert_eq!(receive(&mut batch), Err(DeviceError::Ended));
}

#[test]
fn fills_batches_until_the_end() {
    let mut bytes = hex(NANOSECONDS)[..24].to_vec();
    for _ in 0..70 {
        bytes.extend(&file(NANOSECONDS)[24..]);
    }
    let mut reader = PcapReader::new(bytes.as_slice()).unwrap();
    let (mut pool, mut losses) = (FramePool::default(), Losses::default());
    for (frames, result) in
        [(32, Ok(())), (32, Ok(())), (6, Err(DeviceError::Ended)), (0, Err(DeviceError::Ended))]
    {
        let mut batch = Batch::new();
        assert_eq!(reader.receive(&mut batch, &mut pool, &mut losses), result);
        assert_eq!(batch.len(), frames);
    }
    let mut batch = Batch::from([Frame::from(ARP)]);
    reader.send(&mut batch, &mut losses).unwrap();
    assert_eq!(losses.take().collect::<Vec<_>>(), [(DropReason::DeviceError, 1, 42)]);
}

#[test]
fn files_are_opened_and_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    let missing = PcapReader::open(&path).unwrap_err().to_string();
    assert!(missing.contains("a.pcap: No such file"), "{missing}");
    let mut writer = PcapWriter::create(&path).unwrap();
    writer.send(&mut Batch::from([Frame::from(ARP)]), &mut Losses::default()).unwrap();
    // The writer is still open: what was sent is in the file already.
    let mut frame = Frame::default();
    let record = PcapReader::open(&path).unwrap().read(&mut frame).unwrap().unwrap();
    assert_eq!(frame.as_slice(), ARP);
    let age = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap() - record.timestamp.unwrap();
    assert!(age < Duration::from_secs(60), "{age:?}");
    std::fs::write(&path, [0; 8]).unwrap();
    let wrong = PcapReader::open(&path).unwrap_err().to_string();
    assert!(wrong.contains("a.pcap: neither a pcap nor"), "{wrong}");
}

/// Takes `room` bytes, then the disk is full.
#[derive(Debug)]
struct Disk {
    room: usize,
}

impl io::Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let n = bytes.len().min(self.room);
        self.room -= n;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_loses_what_was_not_written() {
    let mut writer = PcapWriter::new(Disk { room: 24 + 58 }).unwrap();
    let mut losses = Losses::default();
    writer.send(&mut Batch::from([Frame::from(ARP)]), &mut losses).unwrap();
    assert!(losses.is_empty());
    for _ in 0..2 {
        let mut batch = Batch::from([Frame::from(ARP), Frame::from([0; 60])]);
        let DeviceError::Other(problem) = writer.send(&mut batch, &mut losses).unwrap_err() else {
            panic!("another error");
        };
        assert!(problem.starts_with("cannot write the capture file: "), "{problem}");
        let lost: Vec<_> = losses.take().collect();
        assert_eq!(lost, [(DropReason::DeviceError, 2, 102)]);
    }
    // Longer than the buffer: the first was written when the second came.
    let mut writer = PcapWriter::new(Disk { room: 100_000 }).unwrap();
    let mut batch = Batch::from([Frame::from([0; 60_000]), Frame::from([0; 60_000])]);
    writer.send(&mut batch, &mut losses).unwrap_err();
    assert_eq!(losses.take().collect::<Vec<_>>(), [(DropReason::DeviceError, 1, 60_000)]);
}

#[test]
fn checksums_are_finished_and_the_impossible_is_lost() {
    let mut udp = Frame::from([0; 60]);
    udp.offload = Offload { csum_start: 34, csum_offset: 6, ..Offload::NONE };
    let mut lie = Frame::from(ARP);
    lie.offload = Offload { csum_start: 42, csum_offset: 6, ..Offload::NONE };
    let too_long = Frame::from(vec![0; MAX_RECORD + 1]);
    let longest = Frame::from(vec![7; MAX_RECORD]);
    let mut file = Vec::new();
    let mut losses = Losses::default();
    let mut batch = Batch::from([udp, lie, too_long, longest.clone()]);
    PcapWriter::new(&mut file).unwrap().send(&mut batch, &mut losses).unwrap();
    let lost: Vec<_> = losses.take().collect();
    let expected =
        [(DropReason::TooLong, 1, MAX_RECORD as u64 + 1), (DropReason::BadOffload, 1, 42)];
    assert_eq!(lost, expected);
    let records = read_all(&file).unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].1[40..42], [0xff, 0xff]);
    assert_eq!(records[1].1, longest.as_slice());
    let error = PcapWriter::new(&mut file).unwrap().write(TIME, &[0; MAX_RECORD + 1]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        frames in proptest::collection::vec(
            (any::<u32>(), 0..1_000_000_000u32, proptest::collection::vec(any::<u8>(), 0..3000)),
            0..60,
        ),
    ) {
        let mut file = Vec::new();
        let mut writer = PcapWriter::new(&mut file).unwrap();
        for (secs, nanos, bytes) in &frames {
            writer.write(Duration::new((*secs).into(), *nanos), bytes).unwrap();
        }
        drop(writer);
        let expected: Vec<_> = frames
            .into_iter()
            .map(|(secs, nanos, bytes)| {
                let timestamp = Some(Duration::new(secs.into(), nanos));
                (Record { timestamp, original_len: bytes.len() as u32, is_cut: false }, bytes)
            })
            .collect();
        prop_assert_eq!(read_all(&file).unwrap(), expected);
    }

    #[test]
    fn no_bytes_panic(format in 0..4usize, mut bytes: Vec<u8>) {
        let magics = ["", "a1b2c3d4 0002", "4d3cb2a1 0200", "0a0d0d0a 00000010 1a2b3c4d 0001"];
        bytes.splice(0..0, hex(magics[format]));
        let _ = read_all(&bytes);
    }

    #[test]
    fn no_damage_panics(damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        for mut bytes in [file(NANOSECONDS), blocks::every_kind(ByteOrder::Big)] {
            for (at, byte) in &damage {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            let records = read_all(&bytes).unwrap_or_default();
            prop_assert!(records.iter().all(|(_, frame)| frame.len() <= MAX_RECORD));
        }
    }
}
