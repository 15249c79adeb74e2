//! What the standard library would have brought: memory, output, and what a panic does.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};
use core::panic::PanicInfo;

#[link(name = "c")]
unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn write(descriptor: c_int, bytes: *const c_void, count: usize) -> isize;
    fn abort() -> !;
}

/// Alignment that C's `malloc` gives without being asked, on 64-bit targets.
const MALLOC_ALIGNMENT: usize = 16;

struct CHeap;

// SAFETY: C's allocator returns null or memory of the size and alignment asked for, that
// nobody else has until it is freed; it never unwinds.
unsafe impl GlobalAlloc for CHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= MALLOC_ALIGNMENT {
            // SAFETY: `malloc` takes any size.
            return unsafe { malloc(layout.size()) }.cast();
        }
        // SAFETY: the alignment is a power of two, the size a multiple of it.
        unsafe { aligned_alloc(layout.align(), layout.pad_to_align().size()) }.cast()
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: the caller has it from `alloc`, and does not use it any more.
        unsafe { free(memory.cast()) }
    }
}

#[global_allocator]
static HEAP: CHeap = CHeap;

/// Writes to standard output.
pub fn print(text: &[u8]) {
    // SAFETY: pointer and length are those of `text`. A failure has nowhere to be told.
    unsafe { write(1, text.as_ptr().cast(), text.len()) };
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    print(b"panic\n");
    // SAFETY: it only ends the program.
    unsafe { abort() }
}
