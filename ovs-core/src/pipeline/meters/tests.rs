use super::*;
use crate::meter::{Band, remark};
use alloc::boxed::Box;
use alloc::vec;
use core::time::Duration;
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;

fn meter(flags: MeterFlags, rate: u32, burst_size: u32) -> Meter {
    let band = Band { kind: BandKind::Drop, rate, burst_size };
    Meter { id: MeterId(1), flags, bands: vec![band] }
}

/// Bits and packets that pass in ten seconds, of packets of these sizes that come evenly at twice the
/// rate, seen by as many workers whose clocks differ a little.
fn passes_in_ten_seconds(meter: &Meter, sizes: &[usize], workers: u64) -> (u64, u64) {
    let start = Instant::from_secs(100);
    let state = MeterState::new(meter, start);
    let rate = u64::from(meter.bands[0].rate);
    let (mut at, mut bits, mut packets) = (0, 0, 0);
    for (n, size) in sizes.iter().cycle().enumerate() {
        let n = n as u64;
        at += if meter.flags.contains(MeterFlags::PKTPS) {
            SECOND / (2 * rate)
        } else {
            *size as u64 * 8 * 1_000_000 / (2 * rate)
        };
        if at >= 10 * SECOND {
            break;
        }
        let late = n % workers * 500;
        let now = Instant::from_nanos(start.as_nanos() + at.saturating_sub(late));
        if state.pass(now, *size) == Verdict::Pass {
            bits += *size as u64 * 8;
            packets += 1;
        }
    }
    (bits, packets)
}

fn is_within_2_percent(is: u64, wanted: u64) -> bool {
    is.abs_diff(wanted) * 50 <= wanted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_rate_is_kept_within_2_percent(
        rate in 500u32..200_000,
        sizes in prop::collection::vec(60usize..1515, 1..9),
        workers in 1u64..9,
    ) {
        let kbps = meter(MeterFlags::KBPS, rate, 0);
        let (bits, _) = passes_in_ten_seconds(&kbps, &sizes, workers);
        prop_assert!(is_within_2_percent(bits, u64::from(rate) * 10_000), "{bits} at {rate}");
        let packets_a_second = rate / 50 + 100;
        let pktps = meter(MeterFlags::PKTPS, packets_a_second, 0);
        let (_, packets) = passes_in_ten_seconds(&pktps, &sizes, workers);
        prop_assert!(is_within_2_percent(packets, u64::from(packets_a_second) * 10), "{packets}");
    }
}

#[test]
fn a_burst_passes_at_once_and_not_more() {
    let state = MeterState::new(
        &meter(MeterFlags::PKTPS | MeterFlags::BURST, 10, 25),
        Instant::from_secs(9),
    );
    let pass = |at| (0..1000).filter(|_| state.pass(at, 60) == Verdict::Pass).count();
    assert_eq!(pass(Instant::from_secs(9)), 25);
    assert_eq!(pass(Instant::from_secs(10)), 10);
    assert_eq!(pass(Instant::from_secs(100)), 25);
    // A clock that is behind gets nothing for it.
    assert_eq!(pass(Instant::from_secs(99)), 0);
}

#[test]
fn it_does_not_matter_where_time_begins() {
    // The moment itself, today in seconds of UNIX, where the parts of a nanosecond overflow, almost the end.
    let starts = [0, 1_790_000_000 * SECOND, u64::MAX / 64 - SECOND, u64::MAX - 300 * SECOND];
    for start in starts.map(Instant::from_nanos) {
        let meter = meter(MeterFlags::PKTPS | MeterFlags::BURST, 10, 25);
        let state = MeterState::new(&meter, start);
        let pass = |seconds| {
            let at = start + Duration::from_secs(seconds);
            (0..1000).filter(|_| state.pass(at, 60) == Verdict::Pass).count()
        };
        let passed = [0, 1, 2, 200, 200].map(pass);
        assert_eq!(passed, [25, 10, 10, 25, 0], "{start:?}");
    }
}

#[test]
fn a_meter_that_was_idle_for_years_is_full() {
    const YEAR: u64 = 365 * 24 * 3600;
    let state =
        MeterState::new(&meter(MeterFlags::PKTPS | MeterFlags::BURST, 10, 25), Instant::ZERO);
    for years in [2, 5, 10, 18, 30] {
        let at = Instant::from_secs(years * YEAR);
        assert_eq!((0..100).filter(|_| state.pass(at, 60) == Verdict::Pass).count(), 25, "{years}");
    }
}

#[test]
fn the_largest_burst_and_the_smallest_rate_are_as_good_as_others() {
    let slow = meter(MeterFlags::PKTPS | MeterFlags::BURST, 1, u32::MAX);
    let state = MeterState::new(&slow, Instant::ZERO);
    assert!((0..10_000).all(|_| state.pass(Instant::ZERO, 60) == Verdict::Pass));
    let slow = MeterState::new(&meter(MeterFlags::KBPS, 1, 0), Instant::ZERO);
    // 64 KiB at a kilobit a second take 524 s.
    let passed = |at| slow.pass(Instant::from_secs(at), 65_536) == Verdict::Pass;
    assert_eq!([0, 1, 300, 523, 525, 526].map(passed), [true, false, false, false, true, false]);
}

#[test]
fn without_64_bit_atomics_no_change_is_lost() {
    let number = state::locked::Shared::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    number.add(1);
                    assert!(number.update(|n| Some(n + (1 << 32))));
                    assert!(!number.update(|_| None));
                }
            });
        }
    });
    assert_eq!(number.get(), (40_000 << 32) + 40_000);
}

#[test]
fn a_packet_larger_than_the_bucket_passes_and_is_paid_back() {
    // 10 kbit/s: a frame of 1,500 bytes takes 1.2 s.
    let state = MeterState::new(&meter(MeterFlags::KBPS, 10, 0), Instant::from_secs(9));
    let at = |tenths: u64| Instant::from_millis(9_000 + 100 * tenths);
    let passed: Vec<u64> = (0..40).filter(|n| state.pass(at(*n), 1500) == Verdict::Pass).collect();
    assert_eq!(passed, [0, 12, 24, 36]);
}

#[test]
fn of_the_bands_that_are_exceeded_the_highest_applies() {
    let mut meter = meter(MeterFlags::PKTPS | MeterFlags::BURST, 10, 10);
    let kind = BandKind::DscpRemark { precedence_level: 1 };
    meter.bands.push(Band { kind, rate: 5, burst_size: 5 });
    let state = MeterState::new(&meter, Instant::from_secs(9));
    assert!(state.remarks());
    let verdicts: Vec<_> = (0..12).map(|_| state.pass(Instant::from_secs(9), 60)).collect();
    assert_eq!(verdicts[..5], [Verdict::Pass; 5]);
    assert_eq!(verdicts[5..10], [Verdict::Remark { precedence_level: 1 }; 5]);
    assert_eq!(verdicts[10..], [Verdict::Drop; 2]);
    let stats = state.stats(MeterId(1), Duration::ZERO);
    assert_eq!((stats.packets, stats.bytes), (12, 720));
    let bands: Vec<_> = stats.bands.iter().map(|band| (band.packets, band.bytes)).collect();
    assert_eq!(bands, [(2, 120), (5, 300)]);
}

#[test]
fn threads_together_get_no_more_than_the_rate() {
    let state = MeterState::new(
        &meter(MeterFlags::PKTPS | MeterFlags::BURST, 1000, 1000),
        Instant::from_secs(9),
    );
    let passed: usize = std::thread::scope(|scope| {
        let count =
            || (0..5000).filter(|_| state.pass(Instant::from_secs(9), 60) == Verdict::Pass).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 1000);
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut table = MeterTable::new(2);
    let now = Instant::ZERO;
    let good = meter(MeterFlags::KBPS, 10, 0);
    let with = |change: &dyn Fn(&mut Meter)| {
        let mut meter = good.clone();
        change(&mut meter);
        meter
    };
    table.apply(now, &MeterMod::Add(good.clone())).unwrap();
    let before = table.list();
    let level = BandKind::DscpRemark { precedence_level: 3 };
    let other = BandKind::Experimenter { experimenter: 1, data: Box::default() };
    for (change, code) in [
        (MeterMod::Add(good.clone()), "OFPMMFC_METER_EXISTS"),
        (MeterMod::Modify(with(&|m| m.id = MeterId(7))), "OFPMMFC_UNKNOWN_METER"),
        (MeterMod::Add(with(&|m| m.id = MeterId(0))), "OFPMMFC_INVALID_METER"),
        (MeterMod::Add(with(&|m| m.id = MeterId::ALL)), "OFPMMFC_INVALID_METER"),
        (MeterMod::Modify(with(&|m| m.flags |= MeterFlags::PKTPS)), "OFPMMFC_BAD_FLAGS"),
        (MeterMod::Modify(with(&|m| m.flags = MeterFlags::STATS)), "OFPMMFC_BAD_FLAGS"),
        (MeterMod::Modify(with(&|m| m.bands[0].rate = 0)), "OFPMMFC_BAD_RATE"),
        (MeterMod::Modify(with(&|m| m.bands[0].kind = level.clone())), "OFPMMFC_BAD_BAND_VALUE"),
        (MeterMod::Modify(with(&|m| m.bands[0].kind = other.clone())), "OFPMMFC_BAD_BAND"),
        (
            MeterMod::Modify(with(&|m| m.bands = vec![m.bands[0].clone(); 65])),
            "OFPMMFC_OUT_OF_BANDS",
        ),
    ] {
        let error = table.apply(now, &change).unwrap_err();
        assert_eq!(error.code_name(), Some(code), "{error}");
        assert_eq!(table.list(), before);
    }
    table.apply(now, &MeterMod::Add(with(&|m| m.id = MeterId::CONTROLLER))).unwrap();
    let full = table.apply(now, &MeterMod::Add(with(&|m| m.id = MeterId(3)))).unwrap_err();
    assert_eq!(full.code_name(), Some("OFPMMFC_OUT_OF_METERS"));
}

#[test]
fn changes_can_be_taken_back() {
    let mut table = MeterTable::new(9);
    let (now, good) = (Instant::ZERO, meter(MeterFlags::KBPS, 10, 0));
    table.apply(now, &MeterMod::Add(good.clone())).unwrap();
    let before = table.list();
    let faster = meter(MeterFlags::KBPS, 20, 0);
    for change in
        [MeterMod::Modify(faster), MeterMod::Delete(MeterId::ALL), MeterMod::Delete(MeterId(1))]
    {
        let changes = table.apply(now, &change).unwrap();
        assert_ne!(table.list(), before);
        table.undo(changes);
        assert_eq!(table.list(), before);
    }
    assert_eq!(table.apply(now, &MeterMod::Delete(MeterId(5))).unwrap().removed(&table).count(), 0);
}

#[test]
fn assured_forwarding_becomes_more_likely_to_be_dropped() {
    // AF11, AF12, AF13, AF43; best effort, EF, CS1 stay. ECN is kept.
    for (tos, levels, remarked) in [
        (0x28, 1, 0x30),
        (0x28, 2, 0x38),
        (0x31, 1, 0x39),
        (0x38, 1, 0x38),
        (0x98, 2, 0x98),
        (0, 1, 0),
        (0xb8, 1, 0xb8),
        (0x20, 1, 0x20),
    ] {
        assert_eq!(remark(tos, levels), remarked, "{tos:#x}");
    }
}
