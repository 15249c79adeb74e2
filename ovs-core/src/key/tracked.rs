//! A key of which it is noted what was read.

use super::{FlowKey, SparseKey, WORDS, word};
use crate::field::Field;

/// The key of a packet as actions change it, with an account of which bits of the *packet* have been
/// looked at: a decision that was made with it holds for every packet that agrees in those.
///
/// Nothing else gives access to the value, so whoever decides by a bit has it noted.
///
/// - What an action wrote does not come from the packet any more: reading it is free.
/// - What a change uncovered (the header behind a popped label) is *hidden*: nobody knows it before the
///   changed frame is looked at again. Reading it fails with [`Hidden`].
/// - What was written and is not yet in the frame is *dirty*.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrackedKey {
    value: FlowKey,
    read: FlowKey,
    written: FlowKey,
    dirty: FlowKey,
    hidden: FlowKey,
    /// Is anything dirty?
    is_dirty: bool,
    /// Is anything hidden? Rarely.
    hides: bool,
}

/// The bits of the in-port in the first word of a key.
const IN_PORT: u64 = 0xffff_ffff_0000_0000_u64.to_be();

/// The words of what is in a frame, or goes with it: the others are never dirty.
const FRAME_WORDS: [u64; 2] = {
    let mut words = [0; 2];
    let mut index = word!(eth_dst);
    while index < WORDS {
        if index < word!(tun_id) || index == word!(pkt_mark) || index == word!(skb_priority) {
            words[index / 64] |= 1 << (index % 64);
        }
        index += 1;
    }
    words
};

/// Bits were asked for that only the changed frame can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hidden;

impl TrackedKey {
    /// The key of a packet of which nothing was read.
    #[cfg(test)]
    pub(crate) fn new(packet: &FlowKey) -> Self {
        Self { value: *packet, ..Self::default() }
    }

    /// Becomes such a key.
    pub(crate) fn start(&mut self, packet: &SparseKey) {
        let Self { value, read, written, dirty, hidden, hides, is_dirty } = self;
        packet.expand_into(value);
        [read, written].into_iter().for_each(|key| *key = FlowKey::ZERO);
        // The rest is mostly so.
        if core::mem::take(is_dirty) {
            *dirty = FlowKey::ZERO;
        }
        if core::mem::take(hides) {
            *hidden = FlowKey::ZERO;
        }
    }

    /// Which bits of the packet were read.
    pub(crate) fn read(&self) -> &FlowKey {
        &self.read
    }

    /// Which bits were written and are not in the frame yet; `None`: none.
    pub(crate) fn dirty(&self) -> Option<&FlowKey> {
        self.is_dirty.then_some(&self.dirty)
    }

    /// Which bits were written.
    pub(crate) fn written(&self) -> &FlowKey {
        &self.written
    }

    /// The value, of which the caller may tell others but by which it must not decide.
    pub(crate) fn peek(&self) -> &FlowKey {
        &self.value
    }

    /// Those bits of word `index` that `mask` has (in the byte order of the key).
    ///
    /// # Errors
    ///
    /// If one of them is hidden; nothing is noted then.
    #[inline]
    pub(crate) fn word(&mut self, index: usize, mask: u64) -> Result<u64, Hidden> {
        if self.hides && self.is_hidden(index, mask) {
            return Err(Hidden);
        }
        let (Some(value), Some(written), Some(read)) = (
            self.value.words().get(index),
            self.written.words().get(index),
            self.read.words_mut().get_mut(index),
        ) else {
            return Ok(0);
        };
        *read |= mask & !written;
        Ok(value & mask)
    }

    /// The word without noting that it was looked at: for who finds out by it which bits must be
    /// read, and reads those. 0 where hidden.
    #[inline]
    pub(crate) fn peek_word(&self, index: usize) -> u64 {
        let word = |key: &FlowKey| key.words().get(index).copied().unwrap_or(0);
        word(&self.value) & !word(&self.hidden)
    }

    /// Which bits of the word cost nothing to look at: they were read before, or written.
    #[inline]
    pub(crate) fn known_word(&self, index: usize) -> u64 {
        let word = |key: &FlowKey| key.words().get(index).copied().unwrap_or(0);
        (word(&self.read) | word(&self.written)) & !word(&self.hidden)
    }

    /// Which bits of the word are hidden.
    #[inline]
    pub(crate) fn hidden_word(&self, index: usize) -> u64 {
        if self.hides { self.hidden.words().get(index).copied().unwrap_or(0) } else { 0 }
    }

    /// Is one of these bits hidden?
    pub(crate) fn is_hidden(&self, index: usize, mask: u64) -> bool {
        self.hidden.words().get(index).is_some_and(|hidden| hidden & mask != 0)
    }

    /// Is all of a field known?
    ///
    /// # Errors
    ///
    /// If a bit of it is hidden.
    pub(crate) fn reveals(&self, field: Field) -> Result<(), Hidden> {
        let mut hidden = false;
        field.scatter(0, field.ones(), |index, _, mask, _| hidden |= self.is_hidden(index, mask));
        if hidden { Err(Hidden) } else { Ok(()) }
    }

    /// The value of a field.
    ///
    /// # Errors
    ///
    /// If a bit of it is hidden.
    pub(crate) fn get(&mut self, field: Field) -> Result<u128, Hidden> {
        self.bits(field, field.ones())
    }

    /// Those bits of a field that `mask` has.
    ///
    /// # Errors
    ///
    /// If one of them is hidden; nothing is noted then.
    pub(crate) fn bits(&mut self, field: Field, mask: u128) -> Result<u128, Hidden> {
        if !self.hides {
            let (written, read) = (self.written.words(), self.read.words_mut());
            field.scatter(0, mask, |index, _, mask, _| {
                if let (Some(read), Some(written)) = (read.get_mut(index), written.get(index)) {
                    *read |= mask & !written;
                }
            });
            return Ok(field.get(&self.value).unwrap_or(0) & mask);
        }
        let (mut reads, mut n) = ([(0, 0); 4], 0);
        field.scatter(0, mask, |index, _, mask, _| {
            if let Some(read) = reads.get_mut(n) {
                *read = (index, mask);
                n += 1;
            }
        });
        let reads = reads.get(..n).unwrap_or_default();
        if reads.iter().any(|(index, mask)| self.is_hidden(*index, *mask)) {
            return Err(Hidden);
        }
        for (index, mask) in reads {
            self.word(*index, *mask)?;
        }
        Ok(field.get(&self.value).unwrap_or(0) & mask)
    }

    /// The value of a field, for telling it and not for deciding by it.
    pub(crate) fn peek_field(&self, field: Field) -> u128 {
        field.get(&self.value).unwrap_or(0)
    }

    /// Writes those bits of a field that `mask` has. They are then in the key, and not in the frame
    /// until [`clean`](Self::clean) says so.
    pub(crate) fn set(&mut self, field: Field, value: u128, mask: u128) {
        // Just these bits: a tag or a port that this makes whole is for the caller to see to.
        field.put(&mut self.value, value, mask);
        field.put(&mut self.written, u128::MAX, mask);
        let [low, high] = field.words();
        if low & FRAME_WORDS[0] | high & FRAME_WORDS[1] != 0 {
            self.is_dirty = true;
            field.put(&mut self.dirty, u128::MAX, mask);
        }
        if self.hides {
            field.put(&mut self.hidden, 0, mask);
        }
    }

    /// The port that the packet came in by, as every packet is asked for it.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub(crate) fn in_port(&mut self) -> Result<u32, Hidden> {
        self.word(word!(in_port), IN_PORT)?;
        Ok(self.value.in_port.get())
    }

    /// Writes it, which no frame has.
    pub(crate) fn set_in_port(&mut self, port: u32) {
        self.value.in_port = port.into();
        self.written.in_port = u32::MAX.into();
        if self.hides {
            self.hidden.in_port = 0.into();
        }
    }

    /// Writes the output port of the action set, which no frame has.
    pub(crate) fn set_actset_output(&mut self, port: u32) {
        self.value.actset_output = port.into();
        self.written.actset_output = u32::MAX.into();
        if self.hides {
            self.hidden.actset_output = 0.into();
        }
    }

    /// Changes a part of the key because the frame was changed: `change` writes the value, `region` has ones
    /// in what it may write. What was there is read first, so the change may move it about.
    ///
    /// # Errors
    ///
    /// If a bit of the region is hidden; nothing is changed then.
    pub(crate) fn restructure(
        &mut self,
        reads: &FlowKey,
        region: &FlowKey,
        change: impl FnOnce(&mut FlowKey),
    ) -> Result<(), Hidden> {
        self.read_all(reads)?;
        change(&mut self.value);
        self.mark_written(region);
        Ok(())
    }

    /// Notes all these bits as read.
    ///
    /// # Errors
    ///
    /// If one of them is hidden; nothing is noted then.
    pub(crate) fn read_all(&mut self, bits: &FlowKey) -> Result<(), Hidden> {
        let indices = 0..WORDS;
        let words = || indices.clone().zip(bits.words().iter().copied()).filter(|(_, m)| *m != 0);
        if self.hides && words().any(|(index, mask)| self.is_hidden(index, mask)) {
            return Err(Hidden);
        }
        for (index, mask) in words() {
            self.word(index, mask)?;
        }
        Ok(())
    }

    /// These bits do not come from the packet any more, and the frame has them.
    fn mark_written(&mut self, region: &FlowKey) {
        for (index, region) in region.words().iter().enumerate() {
            let word = |key: &mut FlowKey, f: fn(u64, u64) -> u64| {
                if let Some(word) = key.words_mut().get_mut(index) {
                    *word = f(*word, *region);
                }
            };
            word(&mut self.written, |word, region| word | region);
            word(&mut self.dirty, |word, region| word & !region);
            word(&mut self.hidden, |word, region| word & !region);
        }
    }

    /// These bits are not known from now on.
    pub(crate) fn hide(&mut self, region: &FlowKey) {
        self.hides = true;
        self.mark_written(region);
        for (index, region) in region.words().iter().enumerate() {
            if let Some(word) = self.hidden.words_mut().get_mut(index) {
                *word |= region;
            }
            if let Some(word) = self.value.words_mut().get_mut(index) {
                *word &= !region;
            }
        }
    }

    /// All that is dirty is in the frame now.
    pub(crate) fn clean(&mut self) {
        if core::mem::take(&mut self.is_dirty) {
            self.dirty = FlowKey::ZERO;
        }
    }

    /// Goes back to what it was at an earlier time, but for what has been read since.
    pub(crate) fn restore(&mut self, earlier: Self) {
        let read = self.read;
        *self = earlier;
        for (word, later) in self.read.words_mut().iter_mut().zip(read.words()) {
            *word |= later;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> FlowKey {
        let mut key = FlowKey::ZERO;
        Field::IpTtl.set(&mut key, 64).unwrap();
        Field::EthDst.set(&mut key, 0x0200_0000_0001).unwrap();
        key
    }

    #[test]
    fn what_is_read_is_noted_bit_by_bit() {
        let mut key = TrackedKey::new(&packet());
        assert_eq!(key.bits(Field::IpTtl, 0xf0), Ok(0x40));
        assert_eq!(Field::IpTtl.get(key.read()), Some(0xf0));
        assert_eq!(key.get(Field::EthDst), Ok(0x0200_0000_0001));
        assert_eq!(Field::EthDst.get(key.read()), Some(Field::EthDst.ones()));
        assert_eq!(Field::EthSrc.get(key.read()), Some(0));
    }

    #[test]
    fn what_was_written_is_not_of_the_packet() {
        let mut key = TrackedKey::new(&packet());
        key.set(Field::IpTtl, 0x0f, 0x0f);
        assert_eq!(key.get(Field::IpTtl), Ok(0x4f));
        assert_eq!(Field::IpTtl.get(key.read()), Some(0xf0));
        assert_eq!(key.dirty().and_then(|dirty| Field::IpTtl.get(dirty)), Some(0x0f));
        key.clean();
        assert_eq!((key.dirty(), Field::IpTtl.get(key.written())), (None, Some(0x0f)));
    }

    #[test]
    fn hidden_bits_cannot_be_read_until_they_are_written() {
        let mut key = TrackedKey::new(&packet());
        let mut region = FlowKey::ZERO;
        Field::IpTtl.put(&mut region, u128::MAX, u128::MAX);
        key.hide(&region);
        assert_eq!(key.get(Field::IpTtl), Err(Hidden));
        assert_eq!(*key.read(), FlowKey::ZERO);
        key.set(Field::IpTtl, 9, 0xff);
        assert_eq!(key.get(Field::IpTtl), Ok(9));
        assert_eq!(*key.read(), FlowKey::ZERO);
    }

    #[test]
    fn going_back_keeps_what_was_read() {
        let mut key = TrackedKey::new(&packet());
        let earlier = key.clone();
        key.set(Field::EthDst, 0, u128::MAX);
        key.get(Field::IpTtl).unwrap();
        key.restore(earlier);
        assert_eq!(key.peek_field(Field::EthDst), 0x0200_0000_0001);
        assert_eq!(Field::IpTtl.get(key.read()), Some(0xff));
    }
}
