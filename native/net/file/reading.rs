//! Reading from a place of a file: from memory where the kernel can say that it is there.

use std::fs::File;
use std::io;

/// Files that do not know their size (those of `/proc`) are read whole, up to this size.
const UNSIZED: usize = 1 << 20;

/// Reads from a place, whatever the position of the file is.
pub(super) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buf, offset);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buf, offset);
}

/// Whether `count` bytes from `offset` can be had without waiting for a disk, as far as their ends
/// tell: files are read ahead and forgotten in order. `false` where the kernel cannot say.
pub(super) fn is_cached(file: &File, offset: u64, count: usize) -> bool {
    const PAGE: usize = 4096;
    has_byte(file, offset) && (count <= PAGE || has_byte(file, offset + count as u64 - 1))
}

/// Past the end of a file that shrank there is nothing to wait for.
#[cfg(target_os = "linux")]
fn has_byte(file: &File, offset: u64) -> bool {
    use rustix::io::ReadWriteFlags;
    let mut byte = [0];
    let bufs = &mut [io::IoSliceMut::new(&mut byte)];
    rustix::io::preadv2(file, bufs, offset, ReadWriteFlags::NOWAIT).is_ok()
}

/// Fills `buf` from a place, if that can be done without waiting for a disk; `false` where the kernel
/// cannot say.
#[cfg(target_os = "linux")]
pub fn read_at_once(file: &File, buf: &mut [u8], offset: u64) -> bool {
    use rustix::io::ReadWriteFlags;
    let len = buf.len();
    let bufs = &mut [io::IoSliceMut::new(buf)];
    rustix::io::preadv2(file, bufs, offset, ReadWriteFlags::NOWAIT) == Ok(len)
}

/// Only Linux can be asked.
#[cfg(not(target_os = "linux"))]
pub fn read_at_once(_: &File, _: &mut [u8], _: u64) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn has_byte(_: &File, _: u64) -> bool {
    false
}

/// Reads a file that says that it is empty to its end.
pub fn read_unsized(file: &File) -> io::Result<Vec<u8>> {
    let (mut bytes, mut len) = (Vec::new(), 0);
    loop {
        if bytes.len() == len {
            bytes.resize((2 * len).max(4096), 0);
        }
        match read_at(file, &mut bytes[len..], len as u64) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if len > UNSIZED {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::event_loop::tests::files::Temp;
    use crate::net::file::open;

    #[test]
    fn reads_what_has_no_size_up_to_a_limit() {
        for (len, fits) in [
            (0, true),
            (5000, true),
            (UNSIZED, true),
            (UNSIZED + 1, false),
        ] {
            let file = Temp::file(&vec![b'x'; len]);
            let found = read_unsized(&open(&file.0).unwrap());
            let found = found.map(|bytes| bytes.len()).map_err(|error| error.kind());
            let too_large = Err(io::ErrorKind::FileTooLarge);
            assert_eq!(found, if fits { Ok(len) } else { too_large });
        }
        let file = Temp::file(b"");
        let writable = File::options().write(true).open(&file.0).unwrap();
        assert!(read_unsized(&writable).is_err());
    }
}
