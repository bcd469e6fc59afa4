// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

//! One end of an AF_VSOCK stream by the vsock crate, for standard input and output:
//!
//!     peer listen|connect PORT
//!
//! It connects to CID 1. The end of standard input closes one direction, and it ends when both
//! have.

use std::env;
use std::fs::File;
use std::io::{self, Error};
use std::net::Shutdown;
use std::os::fd::{FromRawFd, RawFd};
use std::thread;

use vsock::{VsockListener, VsockStream, VMADDR_CID_ANY, VMADDR_CID_LOCAL};

fn open(role: &str, port: u32) -> io::Result<VsockStream> {
    if role == "connect" {
        return VsockStream::connect_with_cid_port(VMADDR_CID_LOCAL, port);
    }
    let (stream, _) = VsockListener::bind_with_cid_port(VMADDR_CID_ANY, port)?.accept()?;
    Ok(stream)
}

/// Standard input or output as a file: dropping std's own does not close it, and whoever reads the
/// output may wait for its end before giving the last input.
fn own(descriptor: RawFd) -> File {
    unsafe { File::from_raw_fd(descriptor) }
}

fn send(mut stream: VsockStream) -> io::Result<()> {
    io::copy(&mut own(0), &mut stream)?;
    stream.shutdown(Shutdown::Write)
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let port = arguments[2].parse().map_err(Error::other)?;
    let mut stream = open(&arguments[1], port)?;
    let sending = stream.try_clone()?;
    let sender = thread::spawn(move || send(sending));

    io::copy(&mut stream, &mut own(1))?;
    sender.join().expect("the sender panicked")
}
