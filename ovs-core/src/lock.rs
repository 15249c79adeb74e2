//! The lock by which handles and forwarders share a switch.

use core::cell::RefCell;

/// A lock for readers and writers. The core knows no threads, so it takes the lock of its user:
/// `std::sync::RwLock` where there is one, [`RefCell`] where one thread does everything, or
/// one of your own, around a spin lock or a critical section.
///
/// It is never taken twice at a time by one thread, and never for a packet that a cache knows.
pub trait Lock<T> {
    /// A lock around `value`.
    fn new(value: T) -> Self;

    /// Runs `look` while nobody changes the value.
    fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R;

    /// Runs `change` while nobody else looks at the value.
    fn write<R>(&self, change: impl FnOnce(&mut T) -> R) -> R;
}

impl<T> Lock<T> for RefCell<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.borrow())
    }

    fn write<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.borrow_mut())
    }
}

#[cfg(feature = "std")]
impl<T> Lock<T> for std::sync::RwLock<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        // A thread that panicked in here left a state that is whole enough to go on with.
        look(&self.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.write().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// The lock of a [`SoftSwitch`](crate::SoftSwitch) that names none: `std::sync::RwLock`.
#[cfg(feature = "std")]
pub type DefaultLock<T> = std::sync::RwLock<T>;

/// The lock of a [`SoftSwitch`](crate::SoftSwitch) that names none: [`RefCell`], for one thread.
#[cfg(not(feature = "std"))]
pub type DefaultLock<T> = RefCell<T>;
