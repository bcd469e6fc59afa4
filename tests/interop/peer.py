#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""One end of an AF_VSOCK stream by Python's socket module, for standard input and output:

    peer.py listen|connect PORT

It connects to CID 1. The end of standard input closes one direction, and it ends when both have.
"""

import socket
import sys
import threading

PIECE = 65536
CID_LOCAL = 1


def open_stream(role, port):
    stream = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    if role == "connect":
        stream.connect((CID_LOCAL, port))
        return stream
    with stream:
        stream.bind((socket.VMADDR_CID_ANY, port))
        stream.listen()
        return stream.accept()[0]


def send(stream):
    for piece in iter(lambda: sys.stdin.buffer.read1(PIECE), b""):
        stream.sendall(piece)
    stream.shutdown(socket.SHUT_WR)


def receive(stream):
    # Closed at the end of what was received, which sys.stdout never is: whoever reads the output
    # may wait for that before giving the last input.
    with open(1, "wb") as output:
        for piece in iter(lambda: stream.recv(PIECE), b""):
            output.write(piece)


def main(role, port):
    with open_stream(role, int(port)) as stream:
        sender = threading.Thread(target=send, args=[stream])
        sender.start()
        receive(stream)
        sender.join()


main(*sys.argv[1:])
