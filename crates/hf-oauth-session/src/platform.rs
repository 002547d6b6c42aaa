//! What depends on the target.

/// Has the memory at this place fetched, a line of the cache, without waiting for it: where the processor takes such
/// hints, and there is a safe way to give one.
#[cfg(all(target_arch = "x86_64", target_feature = "sse"))]
pub(crate) fn fetch<T>(it: &T) {
    safe_arch::prefetch_t0(it);
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse")))]
pub(crate) fn fetch<T>(_: &T) {}
