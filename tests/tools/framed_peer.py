# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""The shutdown framing, written from the description of the protocol and of no use of the library:
a peer of hvcat over a Unix socket, in TAP. HVCAT is the program.

A frame is a little-endian 32-bit number: three of them are messages, any other one is the length of
the data that follows. Some peers close by a message and wait for the same in return; others say
that they read no more, and read one word at most after that.
"""

import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading

STOPS_READING = 0xDEADBEEF
STOPS_WRITING = 0xBEEFDEAD
CLOSES = 0xDEADDEAD
LARGEST = 4096
SIZE = 1000003
DEADLINE = 60


class Peer:
    def __init__(self, stream, seed):
        self.stream = stream
        self.stream.settimeout(DEADLINE)
        self.random = random.Random(seed)

    def say(self, word):
        self.stream.sendall(struct.pack("<I", word))

    def send(self, data):
        """In frames of any size, empty ones too, and written in pieces that heed no frame."""
        frames = bytearray()
        at = 0
        while at < len(data):
            length = self.random.choice([0, 1, 2, 3, 100, 4095, 4096, self.random.randrange(4097)])
            piece = data[at : at + length]
            frames += struct.pack("<I", len(piece)) + piece
            at += len(piece)
        at = 0
        while at < len(frames):
            size = self.random.choice([1, 3, 4, 5, 1000, 4100, 65536])
            self.stream.sendall(frames[at : at + size])
            at += size

    def exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.stream.recv(min(n - len(data), self.random.choice([1, 7, 4096, 65536])))
            if not piece:
                raise EOFError(f"end of file after {len(data)} of {n} bytes")
            data += piece
        return data

    def word(self):
        return struct.unpack("<I", self.exactly(4))[0]

    def receive(self):
        """Everything until the other end stops writing, which it must say."""
        data = bytearray()
        while (word := self.word()) not in (STOPS_WRITING, CLOSES):
            if word == STOPS_READING:
                continue
            if word > LARGEST:
                raise ValueError(f"a frame of {word} bytes")
            data += self.exactly(word)
        return bytes(data), word

    def expect(self, *words):
        for expected in words:
            word = self.word()
            if word != expected:
                raise ValueError(f"{word:#x} instead of {expected:#x}")

    def expect_end(self):
        if self.stream.recv(1):
            raise ValueError("more instead of the end")


def both_ways(peer, process, ours, theirs):
    """Both directions at once; returns what has come and how it has ended."""
    sender = threading.Thread(target=lambda: (peer.send(ours), peer.say(STOPS_WRITING)))
    feeder = threading.Thread(target=lambda: (process.stdin.write(theirs), process.stdin.close()))
    received = []
    reader = threading.Thread(target=lambda: received.append(process.stdout.read()))
    for thread in sender, feeder, reader:
        thread.start()
    data, word = peer.receive()
    for thread in sender, feeder, reader:
        thread.join()
    assert word == STOPS_WRITING, hex(word)
    assert data == theirs, "what hvcat has sent is not what it was given"
    assert received[0] == ours, "what hvcat has given is not what it was sent"


def closes(peer, process):
    """The style that answers a close with a close."""
    peer.expect(CLOSES)
    peer.say(CLOSES)
    peer.expect_end()


def stops(peer, process):
    """The style that says that it reads no more, and is gone after one word."""
    peer.say(STOPS_READING)
    peer.expect(CLOSES)
    peer.stream.close()


def exchange(end, seed):
    def run(peer, process):
        data = random.Random(seed)
        both_ways(peer, process, data.randbytes(SIZE), data.randbytes(SIZE))
        end(peer, process)

    return run


def closed_by_peer(peer, process):
    """It is answered at once, and hvcat ends with its input."""
    peer.send(b"last words")
    peer.say(CLOSES)
    peer.expect(CLOSES)
    process.stdin.close()
    assert process.stdout.read() == b"last words"
    peer.expect_end()


def silent(peer, process):
    """It is not waited for for ever."""
    process.stdin.close()
    peer.expect(STOPS_WRITING)
    peer.say(STOPS_WRITING)
    peer.expect(CLOSES)
    peer.expect_end()


def cut(peer, process):
    """The end of the base within a frame is an error, of which hvcat tells."""
    peer.stream.sendall(struct.pack("<I", 10) + b"half")
    peer.stream.close()
    assert process.stdout.read() == b"half"
    process.stdin.close()


def wrong(peer, process):
    peer.stream.sendall(struct.pack("<I", 4097))
    process.stdin.close()
    peer.stream.recv(LARGEST)


def accept(listener):
    listener.settimeout(DEADLINE)
    return listener.accept()[0]


def connect_to(path, process):
    """hvcat says on standard error when it listens."""
    process.stderr.readline()
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    return stream


def run(hvcat_listens, scenario, seed, status, folder):
    path = str(pathlib.Path(folder, "s"))
    uri = f"unix://{path}?framing=shutdown"
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if hvcat_listens:
        process = subprocess.Popen([os.environ["HVCAT"], "-v", "-l", uri], **pipes)
        stream = connect_to(path, process)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            process = subprocess.Popen([os.environ["HVCAT"], uri], **pipes)
            stream = accept(listener)
        os.unlink(path)
    try:
        with stream:
            scenario(Peer(stream, seed), process)
        got = process.wait(DEADLINE)
        assert got == status, f"hvcat ended with {got}: {process.stderr.read().decode()}"
    finally:
        process.kill()
        process.wait()


SCENARIOS = [
    ("exchange, and closes with a close", exchange(closes, 1), 0),
    ("exchange, and closes with a stop", exchange(stops, 2), 0),
    ("closed by the peer", closed_by_peer, 0),
    ("silent when closed", silent, 0),
    ("cut within a frame", cut, 1),
    ("wrong length", wrong, 1),
]


def main():
    failed = False
    print(f"1..{2 * len(SCENARIOS)}")
    for i, hvcat_listens in enumerate([True, False]):
        for j, (name, scenario, status) in enumerate(SCENARIOS):
            number = i * len(SCENARIOS) + j + 1
            title = f"{number} hvcat {'listens' if hvcat_listens else 'connects'}: {name}"
            with tempfile.TemporaryDirectory() as folder:
                try:
                    run(hvcat_listens, scenario, number, status, folder)
                    print(f"ok {title}", flush=True)
                except Exception as error:  # pylint: disable=broad-except
                    failed = True
                    print(f"not ok {title}\n# {type(error).__name__}: {error}", flush=True)
    sys.exit(failed)


main()
