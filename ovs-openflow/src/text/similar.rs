//! Names that are spelled much alike.

/// The longest name that is compared.
const LONGEST: usize = 32;

/// The name that `word` is most probably meant to be.
pub(super) fn similar(
    word: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let tolerance = (word.len() / 3).clamp(1, 3);
    let distances =
        names.filter_map(|name| Some((distance(word.as_bytes(), name.as_bytes())?, name)));
    let close =
        distances.filter(|(distance, name)| *distance <= tolerance && *distance < name.len());
    Some(close.min_by_key(|(distance, _)| *distance)?.1)
}

/// How many characters must be changed, put in, left out, or exchanged with their neighbour.
fn distance(a: &[u8], b: &[u8]) -> Option<usize> {
    if b.len() > LONGEST || a.len().abs_diff(b.len()) > 3 {
        return None;
    }
    // The rows of the table of distances between beginnings: the last two and the current one.
    let (mut before, mut last, mut row) = ([0; LONGEST + 1], [0; LONGEST + 1], [0; LONGEST + 1]);
    for (n, cell) in last.iter_mut().enumerate() {
        *cell = n;
    }
    for (i, x) in a.iter().enumerate() {
        *row.first_mut()? = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = last.get(j)? + usize::from(!x.eq_ignore_ascii_case(y));
            let mut best = changed.min(last.get(j + 1)? + 1).min(row.get(j)? + 1);
            let exchanged = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if exchanged {
                best = best.min(before.get(j - 1)? + 1);
            }
            *row.get_mut(j + 1)? = best;
        }
        (before, last, row) = (last, row, before);
    }
    last.get(b.len()).copied()
}
