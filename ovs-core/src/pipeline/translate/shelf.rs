//! Things that stay where they are while more are added.

use alloc::boxed::Box;
use core::cell::{Cell, OnceCell};

/// Things of a chunk, and how many chunks there are at most.
const CHUNK: usize = 64;
const CHUNKS: usize = 1024;

type Chunk<T> = Box<[OnceCell<T>]>;

/// Up to 65,536 things. References to them remain valid while others are added, and room that was made once is
/// used again.
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    chunks: Box<[OnceCell<Chunk<T>>]>,
    len: Cell<usize>,
}

fn cells<T>(n: usize) -> Box<[OnceCell<T>]> {
    (0..n).map(|_| OnceCell::new()).collect()
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { chunks: cells(CHUNKS), len: Cell::new(0) }
    }
}

impl<T> Shelf<T> {
    /// Adds one, and says its number; `None`: there is no room.
    pub(super) fn push(&self, thing: T) -> Option<u32> {
        let n = self.len.get();
        let chunk = self.chunks.get(n / CHUNK)?.get_or_init(|| cells(CHUNK));
        chunk.get(n % CHUNK)?.set(thing).ok()?;
        self.len.set(n + 1);
        Some(n as u32)
    }

    pub(super) fn get(&self, n: u32) -> Option<&T> {
        let n = n as usize;
        self.chunks.get(n / CHUNK)?.get()?.get(n % CHUNK)?.get()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len.get() as u32).filter_map(|n| self.get(n))
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, n: u32) -> Option<T> {
        let n = n as usize;
        self.chunks.get_mut(n / CHUNK)?.get_mut()?.get_mut(n % CHUNK)?.take()
    }

    /// Takes all out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        let len = self.len.take();
        let chunks = self.chunks.iter_mut().take(len.div_ceil(CHUNK));
        chunks.filter_map(OnceCell::get_mut).flatten().take(len).filter_map(OnceCell::take)
    }
}
