//! Lists of names, shortened: `eth_{src,dst}` and `reg0...reg15`.

use super::out::{Out, put};

/// The names with a space before each.
pub(super) fn list(out: &mut Out<'_>, names: &[&str]) {
    if !names.is_empty() {
        out.str(" ");
        shortened(out, names, 0);
    }
}

/// The names without their first `skip` bytes, which are the same in all of them.
fn shortened(out: &mut Out<'_>, mut names: &[&str], skip: usize) {
    let mut first = true;
    while let Some(name) = names.first() {
        if !first {
            out.str(if skip > 0 { "," } else { " " });
        }
        first = false;
        let rest = |name: &'_ str| name.len().min(skip);
        let (prefix_run, prefix) = prefix_run(names, skip);
        let sequence = sequence_run(names);
        let run = prefix_run.max(sequence).max(1);
        let shown = name.get(rest(name)..).unwrap_or("");
        if sequence >= prefix_run {
            out.str(shown);
            if let (true, Some(last)) = (run > 1, names.get(run - 1)) {
                put!(out, "...{}", last.get(rest(last)..).unwrap_or(""));
            }
        } else {
            put!(out, "{}{{", shown.get(..prefix).unwrap_or(""));
            shortened(out, names.get(..run).unwrap_or(names), skip + prefix);
            out.str("}");
        }
        names = names.get(run..).unwrap_or(&[]);
    }
}

/// How long the beginning is that two names share behind `skip`, up to and with an underscore.
fn common_prefix(a: &str, b: &str, skip: usize) -> usize {
    let a = a.as_bytes().get(skip..).unwrap_or(&[]);
    let b = b.as_bytes().get(skip..).unwrap_or(&[]);
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let common = a.get(..same).unwrap_or(&[]);
    common.iter().rposition(|byte| *byte == b'_').map_or(0, |underscore| underscore + 1)
}

/// How many names share a prefix with the first, and how long that is.
fn prefix_run(names: &[&str], skip: usize) -> (usize, usize) {
    let [first, second, others @ ..] = names else {
        return (names.len(), 0);
    };
    match common_prefix(first, second, skip) {
        0 => (1, 0),
        prefix => {
            let shares = |name: &&&str| common_prefix(first, name, skip) != 0;
            (2 + others.iter().take_while(shares).count(), prefix)
        }
    }
}

/// How many names are the first one with its number counted up.
fn sequence_run(names: &[&str]) -> usize {
    let split = |name: &str| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        Some((stem, name.get(stem..)?.parse::<u32>().ok()?))
    };
    let Some((stem, number)) = names.first().and_then(|name| split(name)) else {
        return names.len().min(1);
    };
    let prefix = names.first().and_then(|name| name.get(..stem));
    let follows = |(n, name): &(u32, &&str)| {
        name.get(..stem) == prefix && split(name) == Some((stem, number.wrapping_add(*n)))
    };
    match (0..).zip(names).take_while(follows).count() {
        // Two names are no shorter so.
        2 => 1,
        run => run,
    }
}
