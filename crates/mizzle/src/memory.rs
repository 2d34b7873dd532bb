//! Out-of-memory handling: an error with a reason instead of a signal.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    io::{self, Write},
    process,
    sync::atomic::{AtomicBool, Ordering},
};

/// The system's allocator. When it runs out of memory, the process prints an error and exits with
/// code 1; Rust would abort, which the parent process sees as a signal.
#[derive(Debug)]
pub struct Memory;

const MESSAGE: &[u8] =
    b"error: The system refuses more memory\n  help: end other programs, or raise the \
    limit of memory (ulimit -v, or that of the container), then run it again\n";

fn checked(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        give_up();
    }
    memory
}

#[cold]
#[expect(clippy::exit, reason = "nothing can be returned to without memory")]
fn give_up() -> ! {
    // If several threads run out at once, one prints the message; the others wait in `exit`.
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    if !IS_SAID.swap(true, Ordering::SeqCst) {
        // Standard error may be closed as well.
        let _ = io::stderr().write_all(MESSAGE);
    }
    process::exit(1);
}

#[expect(unsafe_code, reason = "an allocator is; every call goes to the system's as it came")]
// SAFETY: the system's allocator upholds the contract.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: upheld by the caller.
        checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: upheld by the caller.
        checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: upheld by the caller.
        checked(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: upheld by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}
